import { expect, test } from "bun:test";
import { fallbacksOf, languageFor } from "./language.ts";

const shop = {
  locale: "en-US",
  locales: [
    { code: "de", fallbacks: [] },
    { code: "pt-BR", fallbacks: ["es", "de"] },
  ],
};

test("a caller gets the nearest language that the shop has, by wish", () => {
  const cases: [string | null, string][] = [
    [null, "en-US"],
    ["", "en-US"],
    ["de", "de"],
    ["DE-at", "de"],
    ["pt", "pt-BR"],
    ["fr, pt-BR;q=0.5, de;q=0.8", "de"],
    ["fr;q=0.9, *;q=0.1", "en-US"],
    ["de;q=0, pt", "pt-BR"],
    ["de;q=nonsense", "en-US"],
    [`${"xx,".repeat(30)}de`, "en-US"],
  ];
  for (const [accept, language] of cases) expect([accept, languageFor(shop, null, accept)]).toEqual([accept, language]);
});

test("what is asked for by name goes ahead of what the browser says", () => {
  expect([languageFor(shop, "de-CH", "pt"), languageFor(shop, "fr", "pt")]).toEqual(["de", "en-US"]);
});

test("texts are looked for in the language, in those that stand in for it, and in the shop's own", () => {
  expect(fallbacksOf(shop, "pt-BR")).toEqual(["pt-BR", "es", "de", "en-US"]);
  expect(fallbacksOf(shop, "en-US")).toEqual(["en-US"]);
});

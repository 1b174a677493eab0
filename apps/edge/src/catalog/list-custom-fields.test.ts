import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CustomFieldView, keys } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const wrap: CustomFieldView = {
  entity: "order",
  key: "wrap",
  kind: "choice",
  label: { en: "Wrapping", de: "Verpackung" },
  help: { de: "Kostet nichts" },
  isRequired: false,
  isEditable: true,
  countMax: 1,
  choices: [
    { value: "box", label: { de: "Karton" } },
    { value: "none", label: {} },
  ],
};

test("503: before the shop is there", async () => {
  expect((await edge.ask("/v1/custom-fields?entity=order")).status).toBe(503);
});

test("200: none, while nobody has defined any", async () => {
  await edge.seedShop({ locale: "en", locales: [{ code: "de", fallbacks: [] }] });
  const answer = await edge.ask("/v1/custom-fields?entity=order");
  expect([answer.status, await answer.json()]).toEqual([200, { items: [] }]);
});

test("200 and 304: those of the thing that is asked for, in the caller's language", async () => {
  await edge.seed(keys.customFields(), [wrap, { ...wrap, entity: "customer" }]);
  const answer = await edge.ask("/v1/custom-fields?entity=order&locale=de");
  const { entity: _, ...rest } = wrap;
  const choices = [
    { value: "box", label: "Karton" },
    { value: "none", label: "none" },
  ];
  const told = { ...rest, label: "Verpackung", help: "Kostet nichts", choices };
  expect(await answer.json()).toEqual({ items: [told] });
  const headers = { "if-none-match": answer.headers.get("etag") ?? "" };
  expect((await edge.ask("/v1/custom-fields?entity=order&locale=de", { headers })).status).toBe(304);
});

test("422: for what has no fields", async () => {
  expect((await edge.ask("/v1/custom-fields?entity=payment")).status).toBe(422);
  expect((await edge.ask("/v1/custom-fields")).status).toBe(422);
});

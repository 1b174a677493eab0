import { expect, test } from "bun:test";
import fc from "fast-check";
import { analyse, mainLength, termsOf } from "./analyse.ts";
import { languageOf } from "./language.ts";

const terms = (text: string) => analyse(text).map(({ term }) => term);
const all = (text: string) => analyse(text).flatMap(termsOf);

test("however a word is written, it is one term", () => {
  for (const [one, ...others] of [
    ["t-shirt", "T-Shirts", "tshirt", "t-shirt’s"],
    ["wi-fi", "WiFi", "Wi‑Fi"],
    ["24 inch", '24"', "24in", "24-inch", "24 inches", "24”"],
    ["16 GB", "16gb", "16-GB"],
    ["1 TB", "1000 GB", "1tb"],
    ["1,000 ft", "1000 feet", "1000ft"],
    ["15.6 in", '15,6"', "15.60-inch"],
    ["headphones", "Headphone", "HEADPHONES"],
    ["lenses", "lens"],
    ["women's", "womens", "Women"],
    ["batteries", "battery"],
    ["café", "CAFÉ", "cafe"],
    ["colour", "colors"],
    ["100 pack", "100 pc(s)", "100-piece", "pack of 100", "Set of 100"],
    ["cookies", "cookie"],
    ["hoodies", "hoodie", "hoody"],
    ["tomatoes", "tomato"],
    ["shoes", "shoe"],
    ["organiser", "organizers"],
    ["yoghurt", "yogurts"],
    ["500 ml", "0.5 l", "0.50 litres"],
    ["1 kg", "1000 g"],
    ["1.25 kg", "1250g"],
  ] as const) {
    for (const other of others) expect([other, terms(other)]).toEqual([other, terms(one)]);
  }
});

test("a part number is found whole and in parts, with and without its separators", () => {
  expect(all("G80-3000")).toEqual(["g803000", "g80", "3000"]);
  expect(terms("g803000")).toEqual(["g803000"]);
  expect(all("SHE4500/28")).toContain("she450028");
  expect(all("12V/24V")).toEqual(["12v", "12", "24v", "24"]);
  expect(all("headphones/headset")).toEqual(["headphone", "headset"]);
});

test("a compound in two capitals is found by its halves; a short one is a name", () => {
  expect(all("SurgeArrest")).toEqual(["surgearrest", "surge", "arrest"]);
  expect(all("iPhone MacBook")).toEqual(["iphone", "macbook"]);
});

test("words that share a stem are near, not equal", () => {
  const [heated] = analyse("heated");
  const [heating] = analyse("heating");
  expect(heated?.term).not.toBe(heating?.term);
  expect(heated?.near).toContain("heat");
  expect(heating?.near).toContain("heat");
  expect(terms("string spring bed bedding")).toEqual(["string", "spring", "bed", "bedding"]);
});

test("dimensions are numbers that can be looked for one by one", () => {
  expect(terms("24x36")).toEqual(["24", "36"]);
  expect(terms('52" x 92"').filter((term) => term !== "x")).toEqual(["52in", "92in"]);
});

test("what a thing is for is not what it is", () => {
  const text = "Leather case with strap for iPhone";
  const words = analyse(text);
  expect(words.slice(0, mainLength(text, words)).map(({ term }) => term)).toEqual(["leather", "case"]);
  expect(mainLength("for iPhone", analyse("for iPhone"))).toBe(2);
});

test("a mark is a part of the letter before it, and of nothing else", () => {
  expect(terms("ที่")).toEqual(["ที", "ี่"]);
  expect(terms("\u2190\u0338ก")).toEqual(["ก"]);
});

test("any text has words in order, within it, each with terms of letters and their marks, digits and decimal points", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (text) => {
      let at = 0;
      for (const word of analyse(text)) {
        expect(word.start).toBeGreaterThanOrEqual(at);
        expect(word.end).toBeGreaterThan(word.start);
        expect(word.end).toBeLessThanOrEqual(text.length + 1);
        for (const term of termsOf(word)) expect(term).toMatch(/^[\p{L}\p{M}\p{N}.]*$/u);
        at = word.start;
      }
    }),
    // Folding makes more or fewer letters of these, a blank of one, and the last of some is of another script.
    { examples: [["𝐀/0\u{1AFF0}"], ["⅐&\uFE80\u{20000}"], ["º\uFE72ÀaAAAA"], ["\u2190\u0338ก"]] },
  );
});

test("a word is one term, whatever word it is", () => {
  const word = fc.oneof(fc.stringMatching(/^[a-z]{2,12}$/), fc.constantFrom("constructor", "valueOf", "__proto__"));
  fc.assert(fc.property(word, (text) => expect(terms(text)).toHaveLength(1)));
});

test("words of each language have one term for all their inflections", () => {
  for (const [locale, ...forms] of [
    ["de-AT", "Lampen", "Lampe"],
    ["de", "Häuser", "Haus", "Häusern"],
    ["fr", "chaises rechargeables", "chaise rechargeable"],
    ["es", "zapatos inalámbricos", "zapato inalambrico"],
    ["ru", "наушников", "наушники"],
    ["sv", "lampor", "lampa"],
    ["pl", "czajnik", "CZAJNIK"],
  ] as const) {
    const [one, ...others] = forms.map((form) => analyse(form, languageOf(locale)).map(({ term }) => term));
    for (const other of others) expect([locale, other]).toEqual([locale, one ?? []]);
  }
});

test("what leads to what a thing is for is known in each language", () => {
  const main = (text: string, locale: string) =>
    mainLength(text, analyse(text, languageOf(locale)), languageOf(locale));
  expect(main("Hülle für iPhone", "de")).toBe(1);
  expect(main("Housse pour iPhone", "fr")).toBe(1);
  expect(main("Hülle for iPhone", "de")).toBe(3);
});

test("where no blanks are written, each two letters stand for a word, and other scripts for themselves", () => {
  const words = (text: string) => analyse(text, languageOf("ja")).map(({ term }) => term);
  expect(words("ワイヤレスマウス黒")).toEqual(["ワイヤレスマウス", "黒"]);
  expect(words("無線LANルーター")).toEqual(["無線", "lan", "ルーター"]);
  expect(words("木製椅子")).toEqual(["木製", "製椅", "椅子"]);
  expect(words("ガラス")).toEqual(["ガラス"]);
  expect(analyse("무선 마우스", languageOf("ko")).map(({ term }) => term)).toEqual(["무선", "마우", "우스"]);
});

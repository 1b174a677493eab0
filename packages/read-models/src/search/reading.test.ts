import { expect, test } from "bun:test";
import { indexTermsOf } from "./index-terms.ts";
import { english } from "./language.ts";
import { planQuery } from "./query.ts";
import { readQuery } from "./read-query.ts";
import { nothing, type Sample, shopOf, synonyms } from "./testing/shop.ts";

const wordsOf = (text: string) => readQuery(text).words.map(({ term }) => term);
const times = (count: number, make: (at: number) => Sample) => Array.from({ length: count }, (_, at) => make(at));

test("a present is looked for by what it is for", () => {
  expect(wordsOf("gift for a runner")).toEqual(["runner"]);
  expect(wordsOf("birthday gift ideas for mom")).toEqual(["mom"]);
  expect(wordsOf("looking for a christmas present for 5 year old")).toEqual(["5yr"]);
  expect(wordsOf("toy for 5 year old")).toEqual(["toy", "5yr"]);
  // A gift card is a thing, and who says no more than "gift" means that.
  expect(wordsOf("gift card for her")).toContain("card");
  expect([wordsOf("gifts"), wordsOf("birthday gift"), wordsOf("old fashioned glass")]).toEqual([
    ["gift"],
    ["birthday", "gift"],
    ["old", "fashioned", "glass"],
  ]);
});

test("of a code what holds a digit is looked for, and the whole; a name in a model, a colour in a SKU are none", () => {
  const { codeTerms } = indexTermsOf(
    { ...nothing, title: "Desk lamp", codes: ["MH01-XS-Black", "Swing Arm Desk Lamp 40", "G80-3000"] },
    english,
  );
  const terms = codeTerms.split(" ");
  for (const term of ["mh01xsblack", "mh01", "swingarmdesklamp40", "40", "g803000", "g80"]) {
    expect(terms).toContain(term);
  }
  for (const term of ["black", "xs", "desk", "lamp"]) expect(terms).not.toContain(term);
  const shop = shopOf([
    { title: "Lamp for a desk, oak", codes: ["Lamp Desk Lamp", "LAMP-DESK-1"] },
    { title: "Desk lamp, oak" },
  ]);
  expect(shop.rank("desk lamp")[0]).toBe("Desk lamp, oak");
});

test("a compound that the catalog lacks finds what its last half names, and no half of a slip", () => {
  const shop = shopOf([
    ...times(3, (at) => ({ title: `Steel watch ${at}`, kinds: ["Watches"], kind: "watches" })),
    ...times(3, (at) => ({ title: `Smart plug ${at}`, kinds: ["Plugs"], kind: "plugs" })),
    ...times(9, (at) => ({ title: `Tel wall television ${at}`, description: "with night vision", kinds: ["TVs"] })),
  ]);
  const plan = planQuery(readQuery("smartwatch"), shop.corpus, synonyms);
  expect(plan.relaxed.map(({ terms }) => terms.join(" "))).toContain("watch");
  expect(shop.rank("smartwatch")[0]).toStartWith("Steel watch");
  const slip = planQuery(readQuery("telvision"), shop.corpus, synonyms);
  expect(slip.relaxed.map(({ terms }) => terms.join(" "))).not.toContain("vision");
});

test("what is in the category comes before what lacks more of the query, though its title calls it a kit", () => {
  const shop = shopOf([
    ...times(9, (at) => ({ title: `Repair kit ${at}`, kinds: ["Kits"], kind: "kits" })),
    ...times(9, (at) => ({ title: `Desk ${at} oak`, kinds: ["Desks"], kind: "desks" })),
    ...times(4, (at) => ({
      title: `Acme SATA ${at + 1}00 GB HD kit`,
      kinds: ["Hard Drives"],
      kind: "drives",
    })),
    ...times(4, (at) => ({ title: `Zeta ${at} SATA hard drive`, kinds: ["Hard Drives"], kind: "drives" })),
  ]);
  expect(shop.rank("100 gb sata hard drive")[0]).toBe("Acme SATA 100 GB HD kit");
});

test("what few products are called is asked for by itself where many are called otherwise", () => {
  const literalIn = (adapters: number) => {
    const shop = shopOf([
      ...times(adapters, (at) => ({ title: `AC adapter ${at}` })),
      ...times(2, (at) => ({ title: `Device charger ${at}` })),
      { title: "Phone" },
    ]);
    const { relaxed } = planQuery(readQuery("phone charger"), shop.corpus, synonyms);
    return relaxed.filter(({ isLiteral }) => isLiteral).map(({ terms }) => terms);
  };
  expect(literalIn(60)).toEqual([["charger"]]);
  // So few of both are handed over anyway.
  expect(literalIn(10)).toEqual([]);
});

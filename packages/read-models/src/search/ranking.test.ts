import { expect, test } from "bun:test";
import fc from "fast-check";
import { corpusFields, corpusOf } from "./corpus.ts";
import { indexTermsOf } from "./index-terms.ts";
import { english, languageOf } from "./language.ts";
import { countsToKnow, planQuery, type QueryPlan } from "./query.ts";
import { type Candidate, rankCandidates } from "./rank.ts";
import { queryKey, readQuery } from "./read-query.ts";
import { nothing, type Sample, shopOf, synonyms } from "./testing/shop.ts";

const catalog: readonly Sample[] = [
  { title: 'Acme Ultra Notebook Silver 15.6" 16 GB', kinds: ["Notebooks"], kind: "notebooks", values: ["Silver"] },
  { title: 'Zeta Pro Notebook Black 14" 8 GB', kinds: ["Notebooks"], kind: "notebooks", values: ["Black"] },
  {
    title: "Notebook case 15.6 inch",
    kinds: ["Notebook Bags"],
    kind: "bags",
    description: "For any laptop or notebook",
  },
  { title: "Battery for Acme notebook", kinds: ["Batteries"], kind: "batteries" },
  { title: "Leather case for iPhone", kinds: ["Phone Cases"], kind: "cases" },
  { title: "Acme iPhone 128 GB", kinds: ["Phones"], kind: "phones" },
  { title: "Wireless mouse", kinds: ["Mice"], kind: "mice", codes: ["M-5400"] },
  { title: "Wired mouse", kinds: ["Mice"], kind: "mice", description: "The wireless one is sold apart" },
  { title: "In-ear headphones", kinds: ["Headphones"], kind: "headphones" },
  { title: "Wool t-shirt", kinds: ["Tees"], kind: "tees" },
];

const { candidates, corpus } = shopOf(catalog);
const planOf = (text: string) => planQuery(readQuery(text), corpus, synonyms);
const rank = (plan: QueryPlan, list = candidates, known = corpus) =>
  rankCandidates(plan, list, known).map(({ id }) => id);
const best = (text: string) => rank(planOf(text))[0];

test("the thing itself comes before what goes with it", () => {
  expect(best("notebook")).toStartWith("Acme Ultra");
  expect(best("laptop")).toContain("Notebook Silver");
  expect(best("notebook case")).toBe("Notebook case 15.6 inch");
  expect(best("case for iphone")).toBe("Leather case for iPhone");
  expect(best("iphone case")).toBe("Leather case for iPhone");
  expect(best("iphone")).toBe("Acme iPhone 128 GB");
});

test("what only goes with the thing comes after the thing, however much else of the query it has", () => {
  const furniture: readonly Sample[] = [
    { title: "Oak Dining Table Set with 4 Chairs", kinds: ["Dining Sets"], kind: "sets" },
    { title: "Oak Dining Table", kinds: ["Dining Tables"], kind: "tables", description: "Chairs are sold apart" },
    { title: "Oak Dining Chair", kinds: ["Chairs"], kind: "chairs", description: "Goes with a dining table" },
    ...["Gray", "Brown", "Blue", "Green", "White", "Red"].flatMap((colour): Sample[] => [
      { title: `${colour} Sofa`, kinds: ["Sofas"], kind: "sofas" },
      { title: `${colour} Leather Desk`, kinds: ["Desks"], kind: "desks" },
    ]),
  ];
  const sofas = (list: readonly string[]) => list.filter((title) => title.endsWith("Sofa"));
  const shop = shopOf(furniture);
  expect(shop.rank("chair for dining table")[0]).toBe("Oak Dining Chair");
  expect(sofas(shop.rank("black leather sofa").slice(0, 6))).toHaveLength(6);
  // A slip is no rarer than a word that is known, so it does not drown what names the thing.
  expect(sofas(shop.rank("blck lether sofa").slice(0, 6))).toHaveLength(6);
});

test("a word that hardly any product of a large catalog has is looked for as a slip as well", () => {
  const colours = ["gray", "brown", "blue", "green", "white", "red"];
  const shop = shopOf([{ title: "Foam matress" }, ...colours.map((colour) => ({ title: `Foam mattress ${colour}` }))]);
  const large = { ...shop.corpus, documents: 5_000 };
  const plan = planQuery(readQuery("matress"), large, synonyms);
  expect(plan.relaxed).toEqual([{ terms: ["matress"], mayBeMistyped: true, isDoubtful: true }]);
  const scores = rankCandidates(plan, shop.candidates, large);
  expect(scores[0]?.id).toBe("Foam matress");
  for (const { score } of scores) expect(score).toBeGreaterThan(0);
  const small = planQuery(readQuery("matress"), shop.corpus, synonyms);
  expect([small.relaxed, rankCandidates(small, shop.candidates, shop.corpus)[1]?.score]).toEqual([[], 0]);
});

test("sizes and amounts are not what a thing is", () => {
  const knives: readonly Sample[] = [
    { title: "Steel knife rack", description: "For a set of knives" },
    { title: "Steel knife set" },
    { title: "Foam mattress queen" },
    { title: "Mattress cover" },
  ];
  const shop = shopOf(knives);
  expect(shop.rank("knife")[0]).toBe("Steel knife set");
  expect(shop.rank("mattress")[0]).toBe("Foam mattress queen");
});

test("all words in the title come before some of them, and before a mention", () => {
  expect(rank(planOf("wireless mouse")).slice(0, 2)).toEqual(["Wireless mouse", "Wired mouse"]);
  expect(best("black notebook 14 inch")).toStartWith("Zeta Pro");
  expect(best("acme laptop 16gb")).toStartWith("Acme Ultra");
});

test("slips, compounds, hyphens and part numbers find what is meant", () => {
  expect(best("notebok")).toContain("otebook");
  expect(best("wirelss mouse")).toBe("Wireless mouse");
  expect(best("head phones")).toBe("In-ear headphones");
  expect(best("t shirt")).toBe("Wool t-shirt");
  expect(best("tee")).toBe("Wool t-shirt");
  expect(best("m5400")).toBe("Wireless mouse");
  expect(best("M-540")).toBe("Wireless mouse");
});

test("among equals what can be had, then what sells, comes first", () => {
  const twin = (id: string, members: Partial<Candidate>): Candidate => ({
    ...indexTermsOf({ ...nothing, title: "Wool scarf" }, english),
    id,
    ...members,
  });
  const twins = [
    twin("gone", { sold: 9, inStock: false }),
    twin("slow", { sold: 1, inStock: true }),
    twin("hit", { sold: 5, inStock: true }),
  ];
  expect(rank(planOf("scarf"), twins)).toEqual(["hit", "slow", "gone"]);
});

test("without any knowledge of the catalog the words still decide", () => {
  const unknown = corpusOf(new Map());
  const plan = planQuery(readQuery("wireless mouse"), unknown, new Map());
  expect(rank(plan, candidates, unknown)[0]).toBe("Wireless mouse");
  expect(plan.mayBeMistyped).toBe(true);
});

test("the engine is asked for known words, what names the thing last, phrases kept together", () => {
  expect(planOf("silver laptop").terms).toEqual(["silver", "laptop"]);
  expect(planOf("laptop for zzzz").terms.at(-1)).toBe("laptop");
  expect(planOf("head phones").terms).toEqual(["headphone"]);
  expect(planOf("t-shirt").terms).toEqual(["t", "shirt"]);
  expect(planOf("for").terms).toEqual(["for"]);
  expect(planOf("!?").terms).toEqual([]);
});

test("what a plan depends on is asked for beforehand", () => {
  for (const text of ["wireless mouse", "iphone12", "head phones", "G80-3000", "heated blanket", "laptp", "wireles"]) {
    const asked = new Set(countsToKnow(readQuery(text), synonyms));
    const seen = (name: string) => {
      expect([text, name, asked.has(name)]).toEqual([text, name, true]);
      return 1;
    };
    planQuery(
      readQuery(text),
      { ...corpus, frequency: seen, headFrequency: (term) => seen(corpusFields.head(term)) },
      synonyms,
    );
  }
});

test("a query of words that the catalog lacks in part is also asked for with what it has", () => {
  const relaxed = planOf("gaming mouse ps4").relaxed.map(({ terms }) => terms.join(" "));
  expect(relaxed).toContain("mouse");
  const asked = planOf("acme black leather notebook case").relaxed.map(({ terms }) => terms.toSorted().join(" "));
  for (const part of ["case notebook", "case leather notebook"]) expect(asked).toContain(part);
  expect(new Set(asked).size).toBe(asked.length);
  expect(planOf("mouse").relaxed).toEqual([]);
  const crowded = {
    ...corpus,
    documents: 100_000,
    frequency: (term: string) => (corpus.frequency(term) > 0 ? 15_000 : 0),
  };
  const parts = planQuery(readQuery("acme black leather notebook case acme"), crowded, synonyms);
  expect([parts.relaxed.length, parts.terms.filter((term) => term === "acme").length]).toEqual([1, 1]);
});

test("what follows no is not looked for, unless that is how the thing is called", () => {
  const read = (text: string, language = english) => {
    const { words, unwanted } = readQuery(text, language);
    return [words.map(({ term }) => term).join(" "), unwanted.map(({ term }) => term).join(" ")];
  };
  expect(read("printer no wifi black")).toEqual(["printer black", "wifi"]);
  expect(read("keyboard non backlit")).toEqual(["keyboard", "backlit"]);
  expect(read("no show socks")).toEqual(["no show sock", ""]);
  expect(read("ink cartridge no 17")).toEqual(["ink cartridge no 17", ""]);
  expect(read("piano yes no")).toEqual(["piano yes no", ""]);
  expect(read("impressora no brasil", languageOf("pt"))[1]).toBe("");
});

test("what a shopper wants none of comes last, and first what says that it has none", () => {
  const titles = ["SATA Kit Bay Rails", "SATA Kit Black Cable", "SATA Kit/No Rails"];
  const shop = shopOf(titles.map((title) => ({ title })));
  expect(shop.rank("sata kit no rails")).toEqual(["SATA Kit/No Rails", "SATA Kit Black Cable", "SATA Kit Bay Rails"]);
  expect(shop.rank("sata kit rails")[0]).toBe("SATA Kit Bay Rails");
});

test("prices, fillers and what follows without are not looked for", () => {
  const words = (text: string) => readQuery(text).words.map(({ term }) => term);
  expect(words("best cheap monitor under 200 dollars")).toEqual(["monitor"]);
  expect(words("monitor for less than $200")).toEqual(["monitor"]);
  expect(words("monitor under 24 inch")).toEqual(["monitor", "under", "24in"]);
  expect(words("headphones without cable")).toEqual(["headphone"]);
  expect(words("cheap")).toEqual(["cheap"]);
  expect(words("where should i put my books")).toEqual(["book"]);
  expect(words("without cable")).toEqual(["cable"]);
});

test("what shall be missing comes last", () => {
  expect(rank(planOf("notebook without silver")).indexOf('Zeta Pro Notebook Black 14" 8 GB')).toBe(0);
});

test("both of two things that are asked for together are what products are", () => {
  const heads = (text: string) =>
    planOf(text).concepts.flatMap((one) => (one.isHead ? one.alternatives[0]?.terms : []));
  expect(heads("mouse and headphones")).toEqual(["mouse", "headphone"]);
  expect(heads("wireless mouse notebook")).toEqual(["notebook"]);
});

test("rules for a query hold however it is written", () => {
  expect(queryKey("The Laptops")).toBe(queryKey("laptop"));
  expect(queryKey("T-shirts for men")).toBe(queryKey("t-shirt for men"));
});

test("whatever is asked, every candidate comes out exactly once", () => {
  const ids = candidates.map(({ id }) => id).toSorted();
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      expect(rank(planOf(text)).toSorted()).toEqual(ids);
    }),
    { numRuns: 60 },
  );
});

test("what costs more than the query says comes after what does not", () => {
  const priced = (id: string, price: number): Candidate => ({
    ...indexTermsOf({ ...nothing, title: "Wool scarf" }, english),
    id,
    price,
    sold: price,
  });
  const scarves = [priced("dear", 60), priced("just", 50), priced("cheap", 9)];
  for (const text of [
    "scarf under 50",
    "scarf below $50",
    "scarf cheaper than 50 dollars",
    "scarves less than 50.00",
  ]) {
    expect([text, rank(planOf(text), scarves)]).toEqual([text, ["just", "cheap", "dear"]]);
  }
  for (const text of ["scarf", "scarf 50", "scarf under 50 inch"]) {
    expect([text, rank(planOf(text), scarves)]).toEqual([text, ["dear", "just", "cheap"]]);
  }
  expect(readQuery("monitor under 1,000").budget).toBe(1_000);
});

import { expect, test } from "bun:test";
import { corpusFields, corpusOf } from "./corpus.ts";
import { planQuery } from "./query.ts";
import { countsToRank, rankCandidates } from "./rank.ts";
import { readQuery } from "./read-query.ts";
import { type Sample, shopOf, synonyms } from "./testing/shop.ts";

const each = (names: readonly string[], make: (name: string) => Sample) => names.map(make);
const colours = ["White", "Gray", "Blue", "Green", "Red", "Black"];
const values = colours;
const photo: readonly Sample[] = [
  ...Array.from({ length: 60 }, (_, at) => ({ title: `Oak desk ${at}`, kinds: ["Desks"], kind: "desks" })),
  ...each(colours, (colour) => ({
    title: `Lens hood ${colour} camera lens adapter`,
    kinds: ["Camera Lenses"],
    kind: "lenses",
    values,
  })),
  ...each(colours, (colour) => ({ title: `Rubber hood ${colour}`, kinds: ["Hoods"], kind: "hoods", values })),
  ...each(["Tele", "Wide", "Macro"], (type) => ({
    title: `Acme Pro ${type} lens 50 mm full frame manual aperture weather sealed body black`,
    kinds: ["Camera Lenses"],
    kind: "lenses",
  })),
];

test("what a title says only before another thing's name comes after the thing itself", () => {
  const { rank } = shopOf(photo);
  for (const title of rank("lens").slice(0, 3)) expect(title).toStartWith("Acme Pro");
  expect(rank("lens hood")[0]).toStartWith("Lens hood");
});

test("a product of the right category that is called something else comes after one that is called so", () => {
  const { rank } = shopOf([
    ...each(colours, (colour) => ({ title: `Ceiling lamp ${colour}`, kinds: ["Lamps"], kind: "lamps", values })),
    ...each(colours, (colour) => ({
      title: `Projector lamp ${colour}`,
      kinds: ["Projectors"],
      kind: "beamers",
      values,
    })),
    { title: "Acme X20 full HD, ceiling mounted, with remote control", kinds: ["Projectors"], kind: "beamers" },
    { title: "Carrying pouch for projector", kinds: ["Projectors"], kind: "beamers" },
  ]);
  const order = rank("projector");
  expect(order[0]).toStartWith("Acme X20");
  expect(rank("projector lamp")[0]).toStartWith("Projector lamp");
});

test("a ranking asks for every count that it reads", () => {
  const shop = shopOf(photo);
  for (const text of ["lens", "lens hood", "red camera lens", "hoods"]) {
    const plan = planQuery(readQuery(text), shop.corpus, synonyms);
    const names = new Set(countsToRank(plan, shop.candidates));
    const seen = new Set<string>();
    const note = (name: string) => {
      seen.add(name);
      return 6;
    };
    rankCandidates(plan, shop.candidates, {
      ...shop.corpus,
      frequency: note,
      headFrequency: (term) => note(corpusFields.head(term)),
      kindSize: (slug) => note(corpusFields.kind(slug)),
    });
    expect([text, [...seen].filter((name) => !names.has(name))]).toEqual([text, []]);
  }
});

test("a word that loses its last letter as if it were a plural is still told as a slip", () => {
  const shop = shopOf([{ title: "Wireless mouse" }, { title: "Wired mouse" }, { title: "Fitness jacket" }]);
  expect(shop.rank("wireles mouse")[0]).toBe("Wireless mouse");
  expect(shop.rank("fitnes")[0]).toBe("Fitness jacket");
  const plan = planQuery(readQuery("wireles mouse"), shop.corpus, synonyms);
  expect(plan.relaxed.map(({ terms }) => terms.join(" "))).toContain("wireles mouse");
});

test("a slip of a word that the catalog calls otherwise finds what the catalog calls it", () => {
  const shop = shopOf([{ title: "Acme notebook" }, { title: "Acme toaster" }]);
  for (const text of ["laptp", "labtop", "lpatop"]) expect(shop.rank(text)[0]).toBe("Acme notebook");
  const plan = planQuery(readQuery("laptp"), shop.corpus, synonyms);
  expect(plan.terms).toEqual(["laptop"]);
  // A word that the catalog has is none.
  const known = shopOf([{ title: "Labtop stool" }, { title: "Acme notebook" }]);
  expect(planQuery(readQuery("labtop"), known.corpus, synonyms).terms).toEqual(["labtop"]);
});

test("words that hardly any product has together are looked for apart as well", () => {
  const shop = shopOf([{ title: "Gym bag" }, { title: "Hand soap" }, { title: "Mouse" }, { title: "Ink pad" }]);
  const relaxed = (text: string) =>
    planQuery(readQuery(text), shop.corpus, synonyms).relaxed.map(({ terms }) => terms.join(" "));
  expect(relaxed("hand bag")).toContain("bag");
  expect(relaxed("mouse pad")).toContain("pad");
  const nothingKnown = planQuery(readQuery("mouse pad"), corpusOf(new Map()), synonyms);
  expect(rankCandidates(nothingKnown, shop.candidates, corpusOf(new Map()))).toHaveLength(4);
});

import { expect, test } from "bun:test";
import fc from "fast-check";
import { Collection } from "./collection.ts";
import { compileFilter } from "./filter/compile.ts";
import type { Json, JsonObject } from "./json.ts";
import { parseSchema } from "./schema/schema.ts";
import { parseParameters } from "./search/parameters.ts";
import { search } from "./search/search.ts";
import { Storage } from "./storage.ts";

const record = parseSchema(
  {
    name: "c",
    fields: [
      { name: "title", type: "string" },
      { name: "note", type: "string", optional: true },
      { name: "tags", type: "string[]", facet: true },
      { name: "price", type: "int32", facet: true, optional: true },
      { name: "sold", type: "bool", facet: true },
    ],
  },
  0,
);
const WORDS = ["lamp", "table", "green", "paper", "lamps"];
const word = fc.constantFrom(...WORDS);
const text = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(" "));
const document = fc.record({
  title: text,
  note: fc.option(text, { nil: undefined }),
  tags: fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 4 }),
  price: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
  sold: fc.boolean(),
});
const change = fc.record({
  id: fc.constantFrom("1", "2", "3", "4", "5"),
  document: fc.option(document, { nil: null }),
});
const FILTERS = [
  "tags:=a",
  "tags:!=[a,b] && sold:true",
  "price:>4",
  "price:[2..5] || note:=lamp*",
  "id:[1,3]",
  "title:table",
];

const has = (value: Json | undefined, wanted: string) =>
  String(value ?? "")
    .split(" ")
    .includes(wanted);
const idsOf = (documents: readonly JsonObject[]) => documents.map(({ id }) => String(id)).sort();

test("whatever is written, changed and removed in whatever order: filters, words, facets and orders are those of what is there", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
      const collection = new Collection(record, new Storage(null));
      const held = new Map<string, JsonObject>();
      const ask = (raw: Record<string, Json>) =>
        search(
          { collection, synonyms: [], curations: [], stopwords: new Set(), version: 0, now: () => 0 },
          parseParameters({ query_by: "title,note", num_typos: 0, prefix: false, drop_tokens_threshold: 0, ...raw }),
        ) as unknown as {
          found: number;
          hits: { document: JsonObject }[];
          facet_counts: { counts: { value: string; count: number }[] }[];
        };
      const found = (raw: Record<string, Json>) => ask(raw).hits.map((hit) => hit.document);
      for (const { id, document: body } of changes) {
        if (body) held.set(id, collection.write(JSON.parse(JSON.stringify({ ...body, id })), "upsert", "reject"));
        else if (held.delete(id)) collection.remove(id);
        const all = [...held.values()];
        for (const filter_by of FILTERS) {
          const expected = idsOf(all.filter(compileFilter(filter_by, collection.schema)));
          const answer = ask({ q: "*", filter_by, facet_by: "tags" });
          expect(idsOf(answer.hits.map((hit) => hit.document))).toEqual(expected);
          expect(answer.found).toBe(expected.length);
          for (const tag of ["a", "b", "c"]) {
            const tagged = expected.filter((one) => ((held.get(one)?.tags ?? []) as readonly string[]).includes(tag));
            const count = answer.facet_counts[0]?.counts.find(({ value }) => value === tag)?.count ?? 0;
            expect(count).toBe(tagged.length);
          }
        }
        for (const q of WORDS) {
          expect(idsOf(found({ q }))).toEqual(idsOf(all.filter(({ title, note }) => has(title, q) || has(note, q))));
        }
        const prices = found({ q: "*", sort_by: "price:desc" }).map(({ price }) => Number(price ?? -1));
        expect(prices).toEqual(prices.toSorted((one, other) => other - one));
        const counts = ask({ q: "*", facet_by: "tags" }).facet_counts[0]?.counts ?? [];
        for (const tag of ["a", "b", "c"]) {
          const expected = all.filter(({ tags }) => (tags as readonly string[]).includes(tag)).length;
          expect(counts.find(({ value }) => value === tag)?.count ?? 0).toBe(expected);
        }
      }
    }),
    { numRuns: 60 },
  );
});

import { expect, test } from "bun:test";
import fc from "fast-check";
import { encode } from "../bson/codec.ts";
import type { Doc } from "../bson/values.ts";
import { atOnce } from "../turns.ts";
import { sortKey } from "./index-keys.ts";
import { parseIndexSpec } from "./index-spec.ts";
import type { Sort } from "./planner.ts";
import { search } from "./search.ts";
import { Store } from "./store.ts";

const small = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom("a", "b", null, true, 2.5));
const number = fc.integer({ min: 0, max: 4 });
const field = fc.oneof(small, fc.array(fc.oneof({ weight: 3, arbitrary: number }, small), { maxLength: 3 }));
const lines = fc.array(fc.record({ k: number, v: fc.oneof(number, small) }, { requiredKeys: [] }), { maxLength: 3 });
const documents = fc.array(
  fc.record(
    { a: field, b: small, c: small, lines, n: fc.record({ x: field }, { requiredKeys: [] }) },
    { requiredKeys: [] },
  ),
  { minLength: 1, maxLength: 12 },
);

const paths = ["a", "b", "c", "lines.k", "lines.v", "n.x"];
const path = fc.constantFrom(...paths);
const range = fc.constantFrom("$gt", "$gte", "$lt", "$lte");
const condition: fc.Arbitrary<unknown> = fc.oneof(
  small,
  small.map((value) => ({ $eq: value })),
  fc.array(small, { maxLength: 3 }).map((list) => ({ $in: list })),
  fc.tuple(range, small).map(([operator, value]) => ({ [operator]: value })),
  fc.tuple(number, number).map(([low, high]) => ({ $gte: low, $lte: high })),
  fc.tuple(number, number).map(([low, high]) => ({ $gt: low, $lt: high })),
  fc.boolean().map((exists) => ({ $exists: exists })),
  small.map((value) => ({ $ne: value })),
);
const conditions = fc
  .array(fc.tuple(path, condition), { maxLength: 3 })
  .map((entries) => Object.fromEntries(entries) as Doc);
const filters: fc.Arbitrary<Doc> = fc.oneof(
  conditions,
  fc.tuple(conditions, conditions).map(([left, right]) => ({ $and: [left, right] })),
  fc.tuple(number, number).map(([k, v]) => ({ "lines.k": k, "lines.v": v })),
  fc.tuple(number, number).map(([k, v]) => ({ lines: { $elemMatch: { k, v } } })),
  fc.tuple(conditions, conditions).map(([left, right]) => ({ $or: [left, right] })),
);

const direction = fc.constantFrom<1 | -1>(1, -1);
const sorts: fc.Arbitrary<Sort> = fc.uniqueArray(fc.tuple(path, direction), {
  maxLength: 2,
  selector: ([name]) => name,
});
const someIndex = fc.uniqueArray(fc.tuple(path, direction), { minLength: 1, maxLength: 3, selector: ([name]) => name });
const likelyIndex = fc.constantFrom<Array<[string, 1 | -1]>>(
  [["a", 1]],
  [
    ["a", -1],
    ["b", 1],
  ],
  [
    ["lines.k", 1],
    ["lines.v", -1],
  ],
  [
    ["b", 1],
    ["lines.v", 1],
  ],
);
const indexes = fc.array(
  fc.record({
    key: fc.oneof(likelyIndex, someIndex),
    kind: fc.constantFrom("plain", "sparse", "partial"),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Two arrays in one index are refused, so an index takes at most one of the fields that may hold some. */
function hasOneArray(key: ReadonlyArray<readonly [string, unknown]>): boolean {
  return new Set(key.map(([name]) => name.split(".")[0]).filter((name) => name !== "b" && name !== "c")).size <= 1;
}

test("whatever indexes there are, a search finds the same documents in the same order of keys", () => {
  fc.assert(
    fc.property(documents, filters, sorts, indexes, (contents, filter, sort, wanted) => {
      fc.pre(wanted.every(({ key }) => hasOneArray(key)) && hasOneArray(sort));
      using plain = new Store(null);
      using indexed = new Store(null);
      const stores = [plain, indexed];
      const collections = stores.map((store) => store.create("d.c", {}));
      for (const [at, { key, kind }] of wanted.entries()) {
        const collection = collections[1];
        if (!collection) continue;
        const options =
          kind === "sparse"
            ? { sparse: true }
            : kind === "partial"
              ? { partialFilterExpression: { b: { $gt: 1 } } }
              : {};
        atOnce(
          indexed.createIndex(collection, parseIndexSpec({ name: `i${at}`, key: Object.fromEntries(key), ...options })),
        );
      }
      const keysOf = (document: Doc) =>
        sortKey(
          document,
          sort.map(([name]) => name.split(".")),
          sort.map(([, turn]) => turn),
        );
      const [expected, found] = collections.map((collection) => {
        for (const [_id, content] of contents.entries()) collection.insert(encode({ _id, ...content }));
        const results = [...search(collection, { filter, sort }, () => null)].map((record) => record.document);
        return { ids: results.map(({ _id }) => Number(_id)).sort((a, b) => a - b), order: results.map(keysOf) };
      });
      expect(found).toEqual(expected);
    }),
    { numRuns: 1_500 },
  );
}, 60_000);

test("after any changes an index holds exactly what a new one would", () => {
  const changes = fc.array(
    fc.tuple(fc.nat({ max: 24 }), fc.option(fc.record({ a: field, b: small }, { requiredKeys: [] }))),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(documents, changes, fc.boolean(), (contents, edits, sparse) => {
      using store = new Store(null);
      const collection = store.create("d.c", {});
      const spec = (name: string) => parseIndexSpec({ name, key: { a: 1, b: -1 }, sparse });
      atOnce(store.createIndex(collection, spec("kept")));
      for (const [_id, content] of contents.entries()) collection.insert(encode({ _id, ...content }));
      for (const [id, edit] of edits) {
        const record = collection.byId(id);
        if (!record) continue;
        if (edit) collection.replace(record, { _id: id, ...edit });
        else collection.remove(record);
      }
      atOnce(store.createIndex(collection, { ...spec("kept"), name: "new" }));
      const [kept, fresh] = collection.indexes.map((index) =>
        [...index.keys.entries({ low: null, high: null }, false)].map(({ key, seq }) => [key.toString("hex"), seq]),
      );
      expect(kept).toEqual(fresh);
      expect(collection.count).toBe([...collection.scan()].length);
    }),
    { numRuns: 300 },
  );
});

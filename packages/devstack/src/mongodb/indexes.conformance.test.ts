import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Bench, idsOf, refusal, SERVERS } from "./testing.ts";

describe.each(SERVERS.map((server) => [server.name, server] as const))("indexes on %s", (_name, server) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await server.open();
  });
  afterAll(() => bench.stop());

  test("a unique index refuses a second value, on insert and on update", async () => {
    const items = await bench.collection([
      { _id: 1, e: "a" },
      { _id: 2, e: "b" },
    ]);
    await items.createIndex({ e: 1 }, { unique: true });
    const refused = await refusal(items.insertOne({ _id: 3, e: "a" }));
    expect(refused.code).toBe(11000);
    expect(refused.keyPattern).toEqual({ e: 1 });
    expect(refused.keyValue).toEqual({ e: "a" });
    expect((await refusal(items.updateOne({ _id: 2 }, { $set: { e: "a" } }))).code).toBe(11000);
    expect((await items.findOne({ _id: 2 }))?.e).toBe("b");
  });

  test("a value that was changed or deleted is free again", async () => {
    const items = await bench.collection([
      { _id: 1, e: "a" },
      { _id: 2, e: "b" },
    ]);
    await items.createIndex({ e: 1 }, { unique: true });
    await items.updateOne({ _id: 1 }, { $set: { e: "z" } });
    await items.insertOne({ _id: 3, e: "a" });
    await items.deleteOne({ _id: 3 });
    await items.insertOne({ _id: 4, e: "a" });
    expect(await idsOf(items, { e: "a" })).toEqual([4]);
  });

  test("a unique index is not built over duplicates, and leaves nothing behind", async () => {
    const items = await bench.collection([{ e: 1 }, { e: 1 }]);
    expect((await refusal(items.createIndex({ e: 1 }, { unique: true }))).code).toBe(11000);
    expect(await items.indexes()).toHaveLength(1);
    expect(await items.countDocuments({ e: 1 })).toBe(2);
  });

  test("in a compound unique index what is missing counts as null", async () => {
    const items = await bench.collection();
    await items.createIndex({ a: 1, b: 1 }, { unique: true });
    await items.insertMany([{ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 2 }]);
    expect((await refusal(items.insertOne({ a: 1, b: 2 }))).code).toBe(11000);
    expect((await refusal(items.insertOne({ a: 2, b: null }))).code).toBe(11000);
  });

  test("a sparse unique index leaves out what has no value", async () => {
    const items = await bench.collection();
    await items.createIndex({ k: 1 }, { unique: true, sparse: true });
    await items.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3, k: 1 }]);
    expect((await refusal(items.insertOne({ k: 1 }))).code).toBe(11000);
    expect(await idsOf(items, { k: null })).toEqual([1, 2]);
    expect(await idsOf(items, { k: 1 })).toEqual([3]);
    const sorted = await items.find().sort({ k: 1 }).toArray();
    expect(sorted).toHaveLength(3);
  });

  test("a partial index holds only what its expression takes, and never hides the rest", async () => {
    const items = await bench.collection();
    await items.createIndex({ k: 1 }, { unique: true, partialFilterExpression: { on: true } });
    await items.insertMany([
      { _id: 1, k: 1 },
      { _id: 2, k: 1 },
      { _id: 3, k: 1, on: true },
    ]);
    expect((await refusal(items.insertOne({ k: 1, on: true }))).code).toBe(11000);
    expect(await idsOf(items, { k: 1 })).toEqual([1, 2, 3]);
    expect(await idsOf(items, { k: 1, on: true })).toEqual([3]);
    await items.updateOne({ _id: 3 }, { $set: { on: false } });
    await items.updateOne({ _id: 1 }, { $set: { on: true } });
    expect(await idsOf(items, { k: 1, on: true })).toEqual([1]);
  });

  test("over arrays, values are unique across documents but not within one", async () => {
    const items = await bench.collection();
    await items.createIndex({ t: 1 }, { unique: true });
    await items.insertOne({ t: ["a", "a"] });
    expect((await refusal(items.insertOne({ t: ["b", "a"] }))).code).toBe(11000);
  });

  test("two arrays in one compound index are refused", async () => {
    const items = await bench.collection();
    await items.createIndex({ a: 1, b: 1 });
    expect((await refusal(items.insertOne({ a: [1], b: [2] }))).code).toBe(171);
    await items.insertOne({ a: [1], b: 2 });
  });

  test("conditions met by different items of one array find the document despite a compound index", async () => {
    const items = await bench.collection([
      {
        _id: 1,
        l: [
          { a: 1, b: 9 },
          { a: 3, b: 2 },
        ],
      },
    ]);
    await items.createIndex({ "l.a": 1, "l.b": 1 });
    expect(await idsOf(items, { "l.a": 1, "l.b": 2 })).toEqual([1]);
    expect(await idsOf(items, { l: { $elemMatch: { a: 1, b: 2 } } })).toEqual([]);
    expect(await idsOf(items, { l: { $elemMatch: { a: 3, b: 2 } } })).toEqual([1]);
  });

  test("an index answers equality, $in, ranges and sorts as a scan does", async () => {
    const documents = Array.from({ length: 500 }, (_, at) => ({
      _id: at,
      cat: `c${at % 5}`,
      price: (at * 37) % 101,
      n: -at,
    }));
    const plain = await bench.collection(documents);
    const indexed = await bench.collection(documents);
    await indexed.createIndex({ cat: 1, price: -1 });
    await indexed.createIndex({ price: 1 });
    const queries = [
      { filter: { cat: "c2" }, sort: { price: -1, _id: 1 } },
      { filter: { cat: "c2", price: { $gte: 20, $lt: 60 } }, sort: { price: 1 } },
      { filter: { cat: { $in: ["c1", "c4", "none"] } }, sort: { price: 1 } },
      { filter: { price: { $gt: 90 } }, sort: { price: -1 } },
      { filter: {}, sort: { cat: -1, price: 1 } },
      { filter: { cat: "c3", price: { $in: [1, 2, 3, 50] } }, sort: { n: 1 } },
    ] as const;
    for (const { filter, sort } of queries) {
      const keys = Object.keys(sort);
      const run = async (items: typeof plain) => {
        const found = await items
          .find(filter as object)
          .sort(sort as unknown as Record<string, 1>)
          .toArray();
        return { order: found.map((item) => keys.map((key) => item[key])), ids: found.map((item) => item._id).sort() };
      };
      const expected = await run(plain);
      expect(expected.ids.length).toBeGreaterThan(0);
      expect(await run(indexed)).toEqual(expected);
    }
  });

  test("indexes are listed, made once and dropped", async () => {
    const items = await bench.collection([{ a: 1 }]);
    await items.createIndex({ a: 1 });
    await items.createIndex({ a: 1 });
    expect((await items.indexes()).map((index) => index.name)).toEqual(["_id_", "a_1"]);
    expect((await refusal(items.createIndex({ b: 1 }, { name: "a_1" }))).code).toBe(86);
    expect((await refusal(items.createIndex({ a: 1 }, { name: "other" }))).code).toBe(85);
    await items.dropIndex("a_1");
    expect(await items.indexes()).toHaveLength(1);
    expect((await refusal(items.dropIndex("a_1"))).code).toBe(27);
  });

  test("explain names the index a query uses", async () => {
    const items = await bench.collection(Array.from({ length: 50 }, (_, at) => ({ _id: at, a: at, b: at % 5 })));
    await items.createIndex({ a: 1 });
    const planOf = async (filter: object) =>
      JSON.stringify((await items.find(filter as Record<string, unknown>).explain()).queryPlanner.winningPlan);
    expect(await planOf({ a: { $gt: 3 } })).toContain('"indexName":"a_1"');
    expect(await planOf({ b: 1 })).toContain("COLLSCAN");
  });

  test("a hint must name an index that exists", async () => {
    const items = await bench.collection([{ _id: 1, a: 1 }]);
    await items.createIndex({ a: 1 });
    expect(await items.find({ a: 1 }).hint("a_1").toArray()).toHaveLength(1);
    expect((await refusal(items.find({ a: 1 }).hint("none").toArray())).code).toBe(2);
  });
});

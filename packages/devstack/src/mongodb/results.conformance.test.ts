import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ObjectId } from "mongodb";
import { type Bench, refusal, SERVERS } from "./testing.ts";

describe.each(SERVERS.map((server) => [server.name, server] as const))("results on %s", (_name, server) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await server.open();
  });
  afterAll(() => bench.stop());

  const numbered = (count: number) => Array.from({ length: count }, (_, at) => ({ _id: at }));

  test("a cursor gives every document once, over many batches", async () => {
    const items = await bench.collection(numbered(1_000));
    const ids: unknown[] = [];
    for await (const item of items.find().batchSize(100)) ids.push(item._id);
    expect(ids).toEqual(numbered(1_000).map(({ _id }) => _id));
  });

  test("a cursor closed early is gone", async () => {
    const items = await bench.collection(numbered(500));
    const cursor = items.find().batchSize(10);
    await cursor.next();
    const id = cursor.id;
    await cursor.close();
    const more = bench.database.command({ getMore: id, collection: items.collectionName });
    expect((await refusal(more)).code).toBe(43);
  });

  test("documents deleted while a cursor is open are not given again", async () => {
    const items = await bench.collection(numbered(300));
    const cursor = items.find().batchSize(10);
    await cursor.next();
    await items.deleteMany({ _id: { $gte: 100 } });
    const rest = await cursor.toArray();
    expect(rest.length).toBeGreaterThanOrEqual(99);
    expect(rest.length).toBeLessThan(300);
  });

  test("sort, skip, limit and projection work together", async () => {
    const items = await bench.collection([
      { _id: 1, a: 3, b: 1 },
      { _id: 2, a: 1, b: 2 },
      { _id: 3, a: 2, b: 3 },
    ]);
    const found = await items.find().sort({ a: -1 }).skip(1).limit(1).project({ a: 1, _id: 0 }).toArray();
    expect(found).toEqual([{ a: 2 }]);
  });

  test("values of different types sort in MongoDB's order", async () => {
    const items = await bench.collection([
      { _id: 1, a: "s" },
      { _id: 2, a: 5 },
      { _id: 3 },
      { _id: 4, a: true },
      { _id: 5, a: new Date(0) },
      { _id: 6, a: new ObjectId() },
      { _id: 7, a: { x: 1 } },
    ]);
    const order = [3, 2, 1, 7, 6, 4, 5];
    const ids = async () => (await items.find().sort({ a: 1 }).toArray()).map((item) => item._id);
    expect(await ids()).toEqual(order);
    await items.createIndex({ a: 1 });
    expect(await ids()).toEqual(order);
  });

  test("arrays sort by their least item upwards and their greatest downwards", async () => {
    const items = await bench.collection([
      { _id: 1, a: [1, 9] },
      { _id: 2, a: [5] },
      { _id: 3, a: [] },
    ]);
    const ids = async (direction: 1 | -1) =>
      (await items.find().sort({ a: direction }).toArray()).map((item) => item._id);
    expect(await ids(1)).toEqual([3, 1, 2]);
    expect(await ids(-1)).toEqual([1, 2, 3]);
  });

  test("an excluded nested field leaves the stored document whole", async () => {
    const items = await bench.collection([{ _id: 1, a: { b: 1, c: 2 }, list: [1, 2, 3] }]);
    expect(await items.findOne({}, { projection: { "a.b": 0, list: 0 } })).toEqual({ _id: 1, a: { c: 2 } });
    expect(await items.findOne({})).toEqual({ _id: 1, a: { b: 1, c: 2 }, list: [1, 2, 3] });
  });

  test("$slice and $elemMatch choose items of an array", async () => {
    const items = await bench.collection([
      {
        _id: 1,
        a: 1,
        list: [1, 2, 3],
        lines: [
          { s: "x", q: 1 },
          { s: "y", q: 2 },
        ],
      },
    ]);
    expect(await items.findOne({}, { projection: { list: { $slice: 2 }, a: 1 } })).toEqual({
      _id: 1,
      a: 1,
      list: [1, 2],
    });
    expect(await items.findOne({}, { projection: { list: { $slice: [-2, 1] }, a: 1 } })).toEqual({
      _id: 1,
      a: 1,
      list: [2],
    });
    expect(await items.findOne({}, { projection: { lines: { $elemMatch: { s: "y" } } } })).toEqual({
      _id: 1,
      lines: [{ s: "y", q: 2 }],
    });
  });

  test("a positional projection gives the item that matched", async () => {
    const items = await bench.collection([
      {
        _id: 1,
        lines: [
          { s: "x", q: 1 },
          { s: "y", q: 2 },
        ],
      },
    ]);
    expect(await items.findOne({ "lines.s": "y" }, { projection: { "lines.$": 1 } })).toEqual({
      _id: 1,
      lines: [{ s: "y", q: 2 }],
    });
  });

  test("a projection may calculate", async () => {
    const items = await bench.collection([{ _id: 1, a: 2, b: 3 }]);
    expect(await items.findOne({}, { projection: { sum: { $add: ["$a", "$b"] } } })).toEqual({ _id: 1, sum: 5 });
  });

  test("a nested projection goes through arrays", async () => {
    const items = await bench.collection([{ _id: 1, lines: [{ s: "x", q: 1 }, { s: "y", q: 2 }, 3] }]);
    expect(await items.findOne({}, { projection: { "lines.s": 1 } })).toEqual({
      _id: 1,
      lines: [{ s: "x" }, { s: "y" }],
    });
    expect(await items.findOne({}, { projection: { lines: { s: 0 } } })).toEqual({
      _id: 1,
      lines: [{ q: 1 }, { q: 2 }, 3],
    });
  });

  test("inclusion and exclusion do not mix", async () => {
    const items = await bench.collection([{ _id: 1, a: 1, b: 1 }]);
    expect([31253, 31254]).toContain((await refusal(items.findOne({}, { projection: { a: 1, b: 0 } }))).code);
  });

  test("a batch of no documents still opens a cursor", async () => {
    const items = await bench.collection(numbered(3));
    const { cursor } = await bench.database.command({ find: items.collectionName, batchSize: 0 });
    expect(cursor.firstBatch).toEqual([]);
    const rest = await bench.database.command({ getMore: cursor.id, collection: items.collectionName });
    expect(rest.cursor.nextBatch).toHaveLength(3);
    expect(Number(rest.cursor.id)).toBe(0);
  });
});

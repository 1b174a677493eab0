import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ObjectId } from "mongodb";
import { type Bench, type Item, refusal, SERVERS } from "./testing.ts";

describe.each(SERVERS.map((server) => [server.name, server] as const))("aggregation on %s", (_name, server) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await server.open();
  });
  afterAll(() => bench.stop());

  async function run(documents: readonly Item[], pipeline: object[]): Promise<unknown[]> {
    return (await bench.collection(documents)).aggregate(pipeline).toArray();
  }

  test("$group sums, counts, averages and collects", async () => {
    const sales = [
      { s: "a", v: 1 },
      { s: "b", v: 5 },
      { s: "a", v: 3 },
      { s: "a", w: 1 },
    ];
    const group = {
      _id: "$s",
      t: { $sum: "$v" },
      n: { $sum: 1 },
      av: { $avg: "$v" },
      l: { $push: "$v" },
      hi: { $max: "$v" },
    };
    expect(await run(sales, [{ $match: { s: { $gt: "" } } }, { $group: group }, { $sort: { _id: 1 } }])).toEqual([
      { _id: "a", t: 4, n: 3, av: 2, l: [1, 3], hi: 3 },
      { _id: "b", t: 5, n: 1, av: 5, l: [5], hi: 5 },
    ]);
  });

  test("$group takes ids and documents as keys", async () => {
    const user = new ObjectId();
    const [group] = (await run(
      [
        { u: user, d: new Date(0) },
        { u: user, d: new Date(0) },
      ],
      [{ $group: { _id: { u: "$u", d: "$d" }, n: { $count: {} } } }],
    )) as Array<{ _id: { u: unknown }; n: number }>;
    expect(group?.n).toBe(2);
    expect(group?._id.u).toEqual(user);
  });

  test("$group by what is missing groups under null", async () => {
    expect(await run([{ a: 1 }, { a: null }, {}], [{ $group: { _id: "$b", n: { $sum: 1 } } }])).toEqual([
      { _id: null, n: 3 },
    ]);
  });

  test("$facet runs several pipelines over the same documents", async () => {
    const facet = {
      tags: [{ $unwind: "$t" }, { $sortByCount: "$t" }],
      price: [{ $bucket: { groupBy: "$p", boundaries: [0, 10, 20], default: "other", output: { n: { $sum: 1 } } } }],
      total: [{ $count: "n" }],
    };
    const documents = [
      { p: 5, t: ["x", "y"] },
      { p: 10, t: ["y"] },
      { p: 99, t: [] },
    ];
    expect(await run(documents, [{ $facet: facet }])).toEqual([
      {
        tags: [
          { _id: "y", count: 2 },
          { _id: "x", count: 1 },
        ],
        price: [
          { _id: 0, n: 1 },
          { _id: 10, n: 1 },
          { _id: "other", n: 1 },
        ],
        total: [{ n: 3 }],
      },
    ]);
  });

  test("$unwind gives one document an item and keeps empty ones only when told", async () => {
    const documents = [{ _id: 1, t: ["a", ""] }, { _id: 2, t: [] }, { _id: 3 }];
    expect(await run(documents, [{ $unwind: "$t" }])).toEqual([
      { _id: 1, t: "a" },
      { _id: 1, t: "" },
    ]);
    const kept = { path: "$t", preserveNullAndEmptyArrays: true, includeArrayIndex: "at" };
    expect(await run(documents, [{ $unwind: kept }, { $match: { _id: { $gt: 1 } } }])).toEqual([
      { _id: 2, at: null },
      { _id: 3, at: null },
    ]);
  });

  test("$lookup joins by equality, with an index and without", async () => {
    const products = await bench.collection([
      { _id: 10, name: "P", sku: "s" },
      { _id: 11, name: "Q", sku: "s" },
    ]);
    const orders = [
      { _id: 1, pid: 10, sku: "s" },
      { _id: 2, pid: 99 },
      { _id: 3, pid: [10, 11] },
    ];
    const byId = { from: products.collectionName, localField: "pid", foreignField: "_id", as: "p" };
    const joined = (await run(orders, [{ $lookup: byId }, { $sort: { _id: 1 } }])) as Array<{ p: Item[] }>;
    expect(joined.map(({ p }) => p.map(({ _id }) => _id))).toEqual([[10], [], [10, 11]]);
    const bySku = { from: products.collectionName, localField: "sku", foreignField: "sku", as: "p" };
    const other = (await run(orders, [{ $lookup: bySku }, { $sort: { _id: 1 } }])) as Array<{ p: Item[] }>;
    expect(other.map(({ p }) => p.length)).toEqual([2, 0, 0]);
  });

  test("$lookup with a pipeline sees the variables of each document", async () => {
    const products = await bench.collection([{ _id: 10, name: "P" }]);
    const lookup = {
      from: products.collectionName,
      let: { wanted: "$pid" },
      pipeline: [{ $match: { $expr: { $eq: ["$_id", "$$wanted"] } } }, { $project: { name: 1, _id: 0 } }],
      as: "p",
    };
    expect(
      await run(
        [
          { _id: 1, pid: 10 },
          { _id: 2, pid: 11 },
        ],
        [{ $lookup: lookup }, { $sort: { _id: 1 } }],
      ),
    ).toEqual([
      { _id: 1, pid: 10, p: [{ name: "P" }] },
      { _id: 2, pid: 11, p: [] },
    ]);
  });

  test("$lookup joins ids the driver made", async () => {
    const id = new ObjectId();
    const products = await bench.collection([{ _id: id, name: "P" }]);
    const lookup = { from: products.collectionName, localField: "pid", foreignField: "_id", as: "p" };
    expect(await run([{ _id: 1, pid: id }], [{ $lookup: lookup }, { $unwind: "$p" }])).toMatchObject([
      { p: { name: "P" } },
    ]);
  });

  test("expressions work on dates and conditions", async () => {
    const project = {
      _id: 0,
      day: { $dateToString: { format: "%Y-%m-%d", date: "$at" } },
      year: { $year: "$at" },
      size: { $cond: [{ $gt: ["$v", 2] }, "big", "small"] },
      start: { $dateTrunc: { date: "$at", unit: "day" } },
      none: { $ifNull: ["$missing", "x"] },
    };
    expect(await run([{ at: new Date("2026-03-05T10:20:30Z"), v: 3 }], [{ $project: project }])).toEqual([
      { day: "2026-03-05", year: 2026, size: "big", start: new Date("2026-03-05T00:00:00Z"), none: "x" },
    ]);
  });

  test("$addFields sets nested fields and takes away what is $$REMOVE", async () => {
    const stage = { $addFields: { "a.b": { $add: ["$x", 1] }, x: "$$REMOVE" } };
    expect(await run([{ _id: 1, a: { c: 1 }, x: 1 }], [stage])).toEqual([{ _id: 1, a: { c: 1, b: 2 } }]);
  });

  test("$unionWith adds another collection", async () => {
    const other = await bench.collection([{ _id: 3, v: 3 }]);
    const pipeline = [{ $unionWith: other.collectionName }, { $sort: { _id: -1 } }];
    expect(await run([{ _id: 1, v: 1 }], pipeline)).toEqual([
      { _id: 3, v: 3 },
      { _id: 1, v: 1 },
    ]);
  });

  test("$setWindowFields keeps a running sum", async () => {
    const output = { run: { $sum: "$v", window: { documents: ["unbounded", "current"] } } };
    const rows = await run(
      [
        { _id: 1, v: 1 },
        { _id: 2, v: 2 },
      ],
      [{ $setWindowFields: { sortBy: { _id: 1 }, output } }],
    );
    expect(rows).toMatchObject([{ run: 1 }, { run: 3 }]);
  });

  test("$replaceRoot makes an inner document the whole", async () => {
    expect(await run([{ _id: 1, a: { b: 2 } }], [{ $replaceRoot: { newRoot: "$a" } }])).toEqual([{ b: 2 }]);
    expect((await refusal(run([{ _id: 1 }], [{ $replaceWith: "$a" }]))).code).toBe(40228);
  });

  test("$sample gives different documents", async () => {
    const documents = Array.from({ length: 20 }, (_, at) => ({ _id: at }));
    const sample = (await run(documents, [{ $sample: { size: 10 } }])) as Item[];
    expect(new Set(sample.map(({ _id }) => _id)).size).toBe(10);
  });

  test("a long result comes in batches", async () => {
    const items = await bench.collection(Array.from({ length: 300 }, (_, at) => ({ _id: at })));
    const found = await items.aggregate([{ $sort: { _id: -1 } }], { batchSize: 50 }).toArray();
    expect(found.map(({ _id }) => _id)).toEqual(Array.from({ length: 300 }, (_, at) => 299 - at));
  });

  test("$merge adds to and updates another collection", async () => {
    const items = await bench.collection([
      { _id: 1, a: 1 },
      { _id: 2, a: 2 },
    ]);
    const target = await bench.collection([{ _id: 1, kept: true }]);
    await items.aggregate([{ $merge: { into: target.collectionName } }]).toArray();
    expect(await target.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, kept: true, a: 1 },
      { _id: 2, a: 2 },
    ]);
  });

  test("$out replaces another collection whole", async () => {
    const items = await bench.collection([{ _id: 1, a: 1 }]);
    const target = await bench.collection([{ _id: 9 }]);
    await items.aggregate([{ $project: { a: 1 } }, { $out: target.collectionName }]).toArray();
    expect(await target.find().toArray()).toEqual([{ _id: 1, a: 1 }]);
  });

  test("an $out that breaks a unique index changes nothing", async () => {
    const items = await bench.collection([
      { _id: 1, a: 1 },
      { _id: 2, a: 1 },
    ]);
    const target = await bench.collection([{ _id: 9, a: 5 }]);
    await target.createIndex({ a: 1 }, { unique: true });
    const call = items.aggregate([{ $out: target.collectionName }]).toArray();
    expect((await refusal(call)).code).toBe(11000);
    expect(await target.find().toArray()).toEqual([{ _id: 9, a: 5 }]);
  });

  test("an unknown stage, operator or accumulator is refused", async () => {
    expect((await refusal(run([{ a: 1 }], [{ $nope: {} }]))).code).toBe(40324);
    expect((await refusal(run([{ a: 1 }], [{ $project: { b: { $nope: 1 } } }]))).code).toBeGreaterThan(0);
    expect((await refusal(run([{ a: 1 }], [{ $group: { _id: null, n: { $nope: 1 } } }]))).code).toBe(15952);
  });

  test("aggregation leaves the stored documents as they are", async () => {
    const items = await bench.collection([{ _id: 1, a: { b: 1 }, l: [3, 1, 2] }]);
    await items
      .aggregate([{ $unset: "a.b" }, { $set: { "a.c": 1, l: { $sortArray: { input: "$l", sortBy: 1 } } } }])
      .toArray();
    await items.find({}, { projection: { "a.b": 0 } }).toArray();
    expect(await items.findOne({})).toEqual({ _id: 1, a: { b: 1 }, l: [3, 1, 2] });
  });
});

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Decimal128, Long } from "mongodb";
import { type Bench, openStandIn, refusal } from "./testing.ts";

const NOT_IMPLEMENTED = 238;

describe("what the stand-in has not, it refuses instead of guessing", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openStandIn();
  });
  afterAll(() => bench.stop());

  test("a transaction fails at once and writes nothing", async () => {
    const items = await bench.collection([{ _id: 1 }]);
    const session = bench.client.startSession();
    const refused = await refusal(session.withTransaction(() => items.insertOne({ _id: 2 }, { session })));
    await session.endSession();
    expect(refused.code).toBe(263);
    expect(await items.countDocuments()).toBe(1);
  });

  test("a change stream is for replica sets", async () => {
    const items = await bench.collection([{ _id: 1 }]);
    const stream = items.watch();
    expect((await refusal(stream.next())).code).toBe(40573);
    await stream.close();
  });

  test("a collation is refused in queries, updates and indexes", async () => {
    const items = await bench.collection([{ _id: 1, e: "Bob" }]);
    const collation = { locale: "en", strength: 2 };
    const calls = [
      () => items.find({ e: "bob" }).collation(collation).toArray(),
      () => items.updateOne({ e: "bob" }, { $set: { a: 1 } }, { collation }),
      () => items.deleteOne({ e: "bob" }, { collation }),
      () => items.createIndex({ e: 1 }, { unique: true, collation }),
      () => items.aggregate([], { collation }).toArray(),
    ];
    for (const call of calls) expect((await refusal(call())).code).toBe(NOT_IMPLEMENTED);
    expect(await items.find({ e: "Bob" }).collation({ locale: "simple" }).toArray()).toHaveLength(1);
  });

  test("validators, views, capped and time-series collections are refused", async () => {
    const { database } = bench;
    const calls = [
      () => database.createCollection("v", { validator: { $jsonSchema: { required: ["a"] } } }),
      () => database.createCollection("v", { viewOn: "x", pipeline: [] }),
      () => database.createCollection("v", { capped: true, size: 100 }),
      () => database.createCollection("v", { timeseries: { timeField: "at" } }),
    ];
    for (const call of calls) expect((await refusal(call())).code).toBe(NOT_IMPLEMENTED);
    expect(await database.listCollections({ name: "v" }).toArray()).toEqual([]);
  });

  test("text, geographic, hashed and wildcard indexes are refused", async () => {
    const items = await bench.collection([{ _id: 1, d: "red shoes" }]);
    for (const kind of ["text", "2dsphere", "hashed"] as const) {
      expect((await refusal(items.createIndex({ d: kind }))).code).toBe(NOT_IMPLEMENTED);
    }
    expect((await refusal(items.createIndex({ "$**": 1 }))).code).toBeGreaterThan(0);
    expect((await refusal(items.find({ $text: { $search: "shoes" } }).toArray())).code).toBe(NOT_IMPLEMENTED);
  });

  test("no arithmetic is done with decimals or with integers beyond 2^53", async () => {
    for (const a of [Decimal128.fromString("0.1"), Long.fromString("9007199254740993")]) {
      const items = await bench.collection([{ _id: 1, a }]);
      const pipelines = [
        [{ $group: { _id: null, s: { $sum: "$a" } } }],
        [{ $group: { _id: null, s: { $avg: "$a" } } }],
        [{ $project: { s: { $add: ["$a", 1] } } }],
        [{ $project: { s: { $sum: ["$a", 1] } } }],
        [{ $project: { s: { $multiply: ["$a", 2] } } }],
        [{ $group: { _id: null, s: { $stdDevPop: "$a" } } }],
      ];
      for (const pipeline of pipelines) {
        expect((await refusal(items.aggregate(pipeline).toArray())).code).toBe(NOT_IMPLEMENTED);
      }
    }
    const decimals = await bench.collection([{ _id: 1, a: Decimal128.fromString("1") }]);
    expect((await refusal(decimals.updateOne({}, { $inc: { a: 1 } } as object))).code).toBe(NOT_IMPLEMENTED);
  });

  test("a decimal is no key of an index", async () => {
    const items = await bench.collection();
    await items.createIndex({ a: 1 });
    expect((await refusal(items.insertOne({ a: Decimal128.fromString("1") }))).code).toBe(201);
    expect(await items.countDocuments()).toBe(0);
  });

  test("scripts of clients never run", async () => {
    const items = await bench.collection([{ _id: 1, a: 1 }]);
    const script = { $function: { body: "function() { return 1 }", args: [], lang: "js" } };
    expect((await refusal(items.find({ $where: "true" }).toArray())).code).toBe(NOT_IMPLEMENTED);
    expect((await refusal(items.aggregate([{ $project: { x: script } }]).toArray())).code).toBe(NOT_IMPLEMENTED);
    expect((await refusal(items.find({ $expr: script }).toArray())).code).toBe(NOT_IMPLEMENTED);
    const window = { $setWindowFields: { sortBy: { _id: 1 }, output: { x: { $sum: script } } } };
    expect((await refusal(items.aggregate([window]).toArray())).code).toBe(NOT_IMPLEMENTED);
  });

  test("stages, commands and bit operators it knows of but has not are named in the refusal", async () => {
    const items = await bench.collection([{ _id: 1, a: 1 }]);
    const calls = [
      () => items.aggregate([{ $indexStats: {} }]).toArray(),
      () => items.updateOne({ _id: 1 }, { $bit: { a: { and: 1 } } } as object),
      () => items.find({ a: { $bitsAllSet: 1 } }).toArray(),
      () => bench.database.command({ collStats: items.collectionName }),
      () => items.find().sort({ $natural: -1 }).toArray(),
    ];
    for (const call of calls) {
      const refused = await refusal(call());
      expect(refused.code).toBe(NOT_IMPLEMENTED);
      expect(refused.message).toContain("Stoa stand-in");
    }
  });

  test("guarantees of a replica set are refused", async () => {
    const items = await bench.collection([{ _id: 1 }]);
    const command = { find: items.collectionName, readConcern: { level: "snapshot" } };
    expect((await refusal(bench.database.command(command))).code).toBe(72);
    expect((await refusal(items.insertOne({ _id: 2 }, { writeConcern: { w: 3 } }))).code).toBe(72);
    expect(await items.countDocuments()).toBe(1);
  });

  test("it says what it is", async () => {
    const info = await bench.client.db("admin").command({ buildInfo: 1 });
    expect(info.name).toBe("Stoa stand-in (MongoDB wire)");
    expect(info.version).toContain("stoa");
  });
});

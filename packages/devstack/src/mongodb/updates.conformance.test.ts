import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Double, Long } from "mongodb";
import { type Bench, refusal, SERVERS } from "./testing.ts";

describe.each(SERVERS.map((server) => [server.name, server] as const))("updates on %s", (_name, server) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await server.open();
  });
  afterAll(() => bench.stop());

  test("$set, $inc, $unset, $push and $mul change one document together", async () => {
    const items = await bench.collection([{ _id: 1, a: 1, l: [1, 2, 3], x: 1, m: 4 }]);
    const result = await items.updateOne({ _id: 1 }, {
      $set: { "n.k": 2 },
      $inc: { a: 5, z: 1 },
      $unset: { x: "" },
      $push: { l: 4 },
      $mul: { m: 2 },
    } as object);
    expect([result.matchedCount, result.modifiedCount]).toEqual([1, 1]);
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, a: 6, l: [1, 2, 3, 4], m: 8, n: { k: 2 }, z: 1 });
  });

  test("$rename, $min and $max change names and bounds", async () => {
    const items = await bench.collection([{ _id: 1, a: 6, m: 8, z: 1 }]);
    await items.updateOne({ _id: 1 }, { $rename: { z: "y" }, $min: { a: 2, m: 9 }, $max: { b: 10 } } as object);
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, a: 2, m: 8, b: 10, y: 1 });
  });

  test("$inc keeps 64-bit integers exact and whole numbers whole", async () => {
    const items = await bench.collection([{ _id: 1, long: Long.fromString("9007199254740993"), int: 2_147_483_647 }]);
    await items.updateOne({ _id: 1 }, { $inc: { long: 2, int: 1 } } as object);
    const found = await items.findOne({ _id: 1 }, { promoteValues: false });
    expect(String(found?.long)).toBe("9007199254740995");
    expect(found?.int).toEqual(Long.fromString("2147483648"));
  });

  test("an update of another field leaves number types as they were", async () => {
    const items = await bench.collection([{ _id: 1, double: new Double(5), long: Long.fromNumber(5) }]);
    await items.updateOne({ _id: 1 }, { $set: { other: 1 } });
    const found = await items.findOne({ _id: 1 }, { promoteValues: false });
    expect(found?.double).toEqual(new Double(5));
    expect(found?.long).toEqual(Long.fromNumber(5));
  });

  test("$inc of a string is refused and changes nothing", async () => {
    const items = await bench.collection([{ _id: 1, a: "x" }]);
    expect((await refusal(items.updateOne({ _id: 1 }, { $inc: { a: 1 } } as object))).code).toBe(14);
    expect((await refusal(items.updateOne({ _id: 1 }, { $inc: { b: "1" } } as object))).code).toBe(14);
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, a: "x" });
  });

  test("two changes of one path conflict", async () => {
    const items = await bench.collection([{ _id: 1 }]);
    expect((await refusal(items.updateOne({ _id: 1 }, { $set: { a: 1, "a.b": 2 } }))).code).toBe(40);
    expect((await refusal(items.updateOne({ _id: 1 }, { $set: { a: 1 }, $inc: { a: 2 } } as object))).code).toBe(40);
  });

  test("the id of a document never changes", async () => {
    const items = await bench.collection([{ _id: 1 }]);
    expect((await refusal(items.updateOne({ _id: 1 }, { $set: { _id: 2 } }))).code).toBe(66);
    expect((await refusal(items.replaceOne({ _id: 1 }, { _id: 2 }))).code).toBe(66);
    expect((await items.updateOne({ _id: 1 }, { $set: { _id: 1, a: 1 } })).modifiedCount).toBe(1);
  });

  test("an unknown operator is refused", async () => {
    const items = await bench.collection([{ _id: 1 }]);
    expect((await refusal(items.updateOne({ _id: 1 }, { $nope: { a: 1 } } as object))).code).toBe(9);
  });

  test("a value in the way of a path is refused", async () => {
    const items = await bench.collection([{ _id: 1, a: 5, n: null }]);
    expect((await refusal(items.updateOne({ _id: 1 }, { $set: { "a.b": 1 } }))).code).toBe(28);
    expect((await refusal(items.updateOne({ _id: 1 }, { $set: { "n.b": 1 } }))).code).toBe(28);
  });

  test("replaceOne keeps the id and drops every other field", async () => {
    const items = await bench.collection([{ _id: 1, a: 1 }]);
    await items.replaceOne({ _id: 1 }, { b: 2 });
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, b: 2 });
  });

  test("a document that stays the same counts as matched, not as modified", async () => {
    const items = await bench.collection([
      { _id: 1, a: 1 },
      { _id: 2, a: 2 },
    ]);
    const result = await items.updateMany({}, { $set: { a: 1 } });
    expect([result.matchedCount, result.modifiedCount]).toEqual([2, 1]);
  });

  test("documents changed by one update share nothing", async () => {
    const items = await bench.collection([{ _id: 1 }, { _id: 2 }]);
    await items.updateMany({}, { $set: { o: { l: [] } } });
    await items.updateOne({ _id: 1 }, { $push: { "o.l": 1 } } as object);
    expect((await items.findOne({ _id: 2 }))?.o).toEqual({ l: [] });
  });

  test("an update by pipeline calculates from the document", async () => {
    const items = await bench.collection([{ _id: 1, a: 2, b: 3, c: 1 }]);
    await items.updateOne({ _id: 1 }, [{ $set: { sum: { $add: ["$a", "$b"] } } }, { $unset: "c" }]);
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, a: 2, b: 3, sum: 5 });
  });

  test("a pipeline that would group is no update", async () => {
    const items = await bench.collection([{ _id: 1 }]);
    expect((await refusal(items.updateOne({ _id: 1 }, [{ $group: { _id: 1 } }]))).code).toBe(72);
  });

  test("updateMany changes each document once although it moves in the index used", async () => {
    const items = await bench.collection(Array.from({ length: 600 }, (_, at) => ({ _id: at, rank: at })));
    await items.createIndex({ rank: 1 });
    const result = await items.updateMany({ rank: { $gte: 0 } }, { $inc: { rank: 1_000 } } as object);
    expect(result.modifiedCount).toBe(600);
    expect(await items.countDocuments({ rank: { $gte: 1_000, $lt: 1_600 } })).toBe(600);
  });

  test("200 concurrent increments make 200", async () => {
    const items = await bench.collection([{ _id: 1, n: 0 }]);
    await Promise.all(Array.from({ length: 200 }, () => items.updateOne({ _id: 1 }, { $inc: { n: 1 } } as object)));
    expect((await items.findOne({ _id: 1 }))?.n).toBe(200);
  });

  test("of 20 writers that expect one revision exactly one wins", async () => {
    const items = await bench.collection([{ _id: 1, v: 0 }]);
    const results = await Promise.all(
      Array.from({ length: 20 }, () => items.updateOne({ _id: 1, v: 0 }, { $inc: { v: 1 } } as object)),
    );
    expect(results.filter((result) => result.modifiedCount === 1)).toHaveLength(1);
  });

  test("$currentDate sets the time of the server", async () => {
    const items = await bench.collection([{ _id: 1 }]);
    await items.updateOne({ _id: 1 }, { $currentDate: { at: true } } as object);
    expect((await items.findOne({ _id: 1 }))?.at).toBeInstanceOf(Date);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Binary, Decimal128, Long, ObjectId, UUID } from "mongodb";
import { type Bench, eventually, refusal, SERVERS } from "./testing.ts";

describe.each(SERVERS.map((server) => [server.name, server] as const))("documents on %s", (_name, server) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await server.open();
  });
  afterAll(() => bench.stop());

  test("an inserted document is found by the id the driver made", async () => {
    const items = await bench.collection();
    const { insertedId } = await items.insertOne({ a: 1 });
    const found = await items.findOne({ _id: insertedId });
    expect(found?.a).toBe(1);
    expect(found?._id).toBeInstanceOf(ObjectId);
  });

  test("every BSON type comes back as it went in", async () => {
    const items = await bench.collection();
    const uuid = new UUID();
    const document = {
      _id: "x",
      long: Long.fromString("9007199254740993"),
      decimal: Decimal128.fromString("12.30"),
      binary: new Binary(Buffer.from([1, 2])),
      uuid,
      date: new Date(1_700_000_000_123),
      nothing: null,
      pattern: /ab/i,
      nested: { list: [1, "a", { z: 1 }] },
      big: 5_000_000_000,
      negative: -0.5,
      yes: true,
    };
    await items.insertOne(document);
    const found = await items.findOne({ _id: "x" });
    expect(String(found?.long)).toBe("9007199254740993");
    expect(String(found?.decimal)).toBe("12.30");
    expect(found?.binary).toEqual(document.binary);
    expect(String(found?.uuid)).toBe(uuid.toString());
    expect(found?.pattern).toEqual(/ab/i);
    const { date, nothing, nested, big, negative, yes } = document;
    expect(found).toMatchObject({ date, nothing, nested, big, negative, yes });
  });

  test("the id stands first in what is stored", async () => {
    const items = await bench.collection();
    await items.insertOne({ z: 1, _id: 5 });
    expect(Object.keys((await items.findOne({ _id: 5 })) ?? {})).toEqual(["_id", "z"]);
  });

  test("a second document with the same id is a duplicate key, told by pattern and value", async () => {
    const items = await bench.collection([{ _id: 1 }]);
    const refused = await refusal(items.insertOne({ _id: 1 }));
    expect(refused.code).toBe(11000);
    expect(refused.message).toContain("E11000 duplicate key error");
    expect(refused.keyValue).toEqual({ _id: 1 });
  });

  test("1 and 1.0 are the same id, whatever their type", async () => {
    const items = await bench.collection([{ _id: 1 }]);
    expect((await refusal(items.insertOne({ _id: Long.fromNumber(1) }))).code).toBe(11000);
  });

  test("an ordered insert stops at the first failure and keeps what came before", async () => {
    const items = await bench.collection([{ _id: 2 }]);
    expect((await refusal(items.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]))).code).toBe(11000);
    expect(await items.countDocuments()).toBe(2);
  });

  test("an unordered insert goes on after a failure", async () => {
    const items = await bench.collection([{ _id: 2 }]);
    const refused = await refusal(items.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }], { ordered: false }));
    expect(refused.writeErrors).toHaveLength(1);
    expect(await items.countDocuments()).toBe(3);
  });

  test("an array is no id", async () => {
    const items = await bench.collection();
    expect((await refusal(items.insertOne({ _id: [1] }))).code).toBe(53);
  });

  test("a document above 16 MB is refused", async () => {
    const items = await bench.collection();
    const refused = await refusal(items.insertOne({ text: "x".repeat(16 * 1024 * 1024) }));
    expect(refused.code).toBe(10334);
    expect(await items.countDocuments()).toBe(0);
  });

  test("a document just below 16 MB is stored whole", async () => {
    const items = await bench.collection();
    const text = "x".repeat(16 * 1024 * 1024 - 1_000);
    await items.insertOne({ _id: 1, text });
    const found = await items.findOne({ _id: 1 });
    expect(String(found?.text).length).toBe(text.length);
  });

  test("a write that wants no acknowledgement happens all the same", async () => {
    const items = await bench.collection();
    const silent = bench.database.collection(items.collectionName, { writeConcern: { w: 0 } });
    expect((await silent.insertOne({ a: 1 })).acknowledged).toBe(false);
    expect(
      await eventually(
        () => items.countDocuments(),
        (count) => count === 1,
      ),
    ).toBe(1);
  });

  test("deleteOne takes the first match and deleteMany the rest", async () => {
    const items = await bench.collection([
      { _id: 1, a: 1 },
      { _id: 2, a: 1 },
      { _id: 3, a: 1 },
    ]);
    expect((await items.deleteOne({ a: 1 })).deletedCount).toBe(1);
    expect((await items.deleteMany({ a: 1 })).deletedCount).toBe(2);
    expect((await items.deleteMany({ a: 1 })).deletedCount).toBe(0);
  });

  test("a field may be called __proto__ or constructor", async () => {
    const items = await bench.collection();
    const document = JSON.parse('{ "_id": 1, "__proto__": { "polluted": true }, "constructor": 2 }');
    await items.insertOne(document);
    await items.updateOne({ _id: 1 }, { $set: { a: 1 } });
    const found = await items.findOne({ _id: 1 }, { projection: { constructor: 1, a: 1 } });
    expect(found).toMatchObject({ _id: 1, a: 1 });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

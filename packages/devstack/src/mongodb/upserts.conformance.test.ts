import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Bench, refusal, SERVERS } from "./testing.ts";

describe.each(SERVERS.map((server) => [server.name, server] as const))(
  "upserts and findAndModify on %s",
  (_name, server) => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await server.open();
    });
    afterAll(() => bench.stop());

    test("an upsert stores what its filter demands, its update and $setOnInsert", async () => {
      const items = await bench.collection();
      const result = await items.updateOne(
        { sku: "A", "m.k": 1, q: { $gt: 3 }, r: { $eq: 4 } },
        { $set: { n: 1 }, $setOnInsert: { created: 9 } },
        { upsert: true },
      );
      expect(result.upsertedCount).toBe(1);
      const { _id, ...stored } = (await items.findOne({ sku: "A" })) ?? {};
      expect(_id).toEqual(result.upsertedId ?? undefined);
      expect(stored).toEqual({ sku: "A", m: { k: 1 }, r: 4, n: 1, created: 9 });
    });

    test("$setOnInsert leaves a document that is there alone", async () => {
      const items = await bench.collection([{ _id: 1, sku: "A" }]);
      const result = await items.updateOne({ sku: "A" }, { $setOnInsert: { created: 1 } }, { upsert: true });
      expect([result.matchedCount, result.modifiedCount, result.upsertedCount]).toEqual([1, 0, 0]);
      expect(await items.findOne({})).toEqual({ _id: 1, sku: "A" });
    });

    test("an upsert by id stores under that id, once", async () => {
      const items = await bench.collection();
      const count = () => items.updateOne({ _id: "k1" }, { $inc: { v: 1 } } as object, { upsert: true });
      expect((await count()).upsertedId).toBe("k1");
      expect((await count()).upsertedCount).toBe(0);
      expect((await items.findOne({ _id: "k1" }))?.v).toBe(2);
    });

    test("a replacement upserts under the id of its filter", async () => {
      const items = await bench.collection();
      const result = await items.replaceOne({ _id: 7 }, { z: 1 }, { upsert: true });
      expect(result.upsertedId).toBe(7);
      expect(await items.findOne({ _id: 7 })).toEqual({ _id: 7, z: 1 });
    });

    test("an upsert that would break a unique index is a duplicate key", async () => {
      const items = await bench.collection([{ _id: 1, sku: "A" }]);
      await items.createIndex({ sku: 1 }, { unique: true });
      const call = items.updateOne({ _id: 2 }, { $set: { sku: "A" } }, { upsert: true });
      expect((await refusal(call)).code).toBe(11000);
      expect(await items.countDocuments()).toBe(1);
    });

    test("findOneAndUpdate takes the first by its sort and answers before or after", async () => {
      const items = await bench.collection([
        { _id: 1, p: 2, s: "new" },
        { _id: 2, p: 1, s: "new" },
      ]);
      const after = await items.findOneAndUpdate(
        { s: "new" },
        { $set: { s: "run" } },
        { sort: { p: 1 }, returnDocument: "after", projection: { s: 1 } },
      );
      expect(after).toEqual({ _id: 2, s: "run" });
      expect((await items.findOneAndUpdate({ _id: 1 }, { $set: { s: "x" } }))?.s).toBe("new");
      expect(await items.findOneAndUpdate({ _id: 99 }, { $set: { s: "x" } })).toBeNull();
    });

    test("findOneAndUpdate tells what it upserted", async () => {
      const items = await bench.collection();
      const result = await items.findOneAndUpdate({ _id: 50 }, { $inc: { v: 1 } } as object, {
        upsert: true,
        returnDocument: "after",
        includeResultMetadata: true,
      });
      expect(result.value).toEqual({ _id: 50, v: 1 });
      expect(result.lastErrorObject?.upserted).toBe(50);
    });

    test("findOneAndDelete takes the first by its sort", async () => {
      const items = await bench.collection([
        { _id: 1, a: 1 },
        { _id: 2, a: 2 },
      ]);
      expect((await items.findOneAndDelete({}, { sort: { a: -1 } }))?._id).toBe(2);
      expect(await items.countDocuments()).toBe(1);
    });

    test("findOneAndReplace answers the replacement", async () => {
      const items = await bench.collection([{ _id: 1, a: 1 }]);
      expect(await items.findOneAndReplace({ _id: 1 }, { q: 1 }, { returnDocument: "after" })).toEqual({
        _id: 1,
        q: 1,
      });
    });

    test("20 concurrent upserts of one id make one document", async () => {
      const items = await bench.collection();
      const upsert = () => items.updateOne({ _id: "one" }, { $inc: { n: 1 } } as object, { upsert: true });
      await Promise.all(Array.from({ length: 20 }, upsert));
      expect(await items.find().toArray()).toEqual([{ _id: "one", n: 20 }]);
    });
  },
);

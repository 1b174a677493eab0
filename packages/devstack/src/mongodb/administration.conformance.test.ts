import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Bench, type Item, refusal, SERVERS } from "./testing.ts";

describe.each(SERVERS.map((server) => [server.name, server] as const))(
  "bulk writes and administration on %s",
  (_name, server) => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await server.open();
    });
    afterAll(() => bench.stop());

    test("a mixed bulk write counts each kind", async () => {
      const items = await bench.collection([{ _id: 1, a: 1 }]);
      const result = await items.bulkWrite([
        { insertOne: { document: { _id: 2 } } },
        { updateOne: { filter: { _id: 1 }, update: { $set: { a: 9 } } } },
        { updateOne: { filter: { _id: 5 }, update: { $set: { b: 1 } }, upsert: true } },
        { replaceOne: { filter: { _id: 2 }, replacement: { z: 1 } } },
        { deleteOne: { filter: { _id: 1 } } },
      ]);
      const { insertedCount, matchedCount, modifiedCount, upsertedCount, deletedCount } = result;
      expect([insertedCount, matchedCount, modifiedCount, upsertedCount, deletedCount]).toEqual([1, 2, 2, 1, 1]);
    });

    test("an unordered bulk write goes on after a failure", async () => {
      const items = await bench.collection([{ _id: 1 }]);
      const call = items.bulkWrite([{ insertOne: { document: { _id: 1 } } }, { insertOne: { document: { _id: 2 } } }], {
        ordered: false,
      });
      expect((await refusal(call)).code).toBe(11000);
      expect(await items.countDocuments()).toBe(2);
    });

    test("one bulk write of the client reaches several collections", async () => {
      const [one, two] = [await bench.collection(), await bench.collection([{ _id: 7, n: 1 }])];
      const result = await bench.client.bulkWrite<Record<string, Item>>([
        { namespace: one.namespace, name: "insertOne", document: { _id: 1 } },
        { namespace: one.namespace, name: "updateOne", filter: { _id: 1 }, update: { $set: { a: 1 } } },
        { namespace: two.namespace, name: "updateOne", filter: { _id: 8 }, update: { $set: { a: 1 } }, upsert: true },
        { namespace: two.namespace, name: "deleteOne", filter: { _id: 7 } },
      ]);
      const { insertedCount, modifiedCount, upsertedCount, deletedCount } = result;
      expect([insertedCount, modifiedCount, upsertedCount, deletedCount]).toEqual([1, 1, 1, 1]);
      expect(await one.findOne({})).toEqual({ _id: 1, a: 1 });
    });

    test("a collection is created once, listed and dropped", async () => {
      await bench.database.createCollection("made");
      expect((await bench.database.listCollections().toArray()).map(({ name }) => name)).toContain("made");
      expect(await bench.database.listCollections({ name: "made" }, { nameOnly: true }).toArray()).toHaveLength(1);
      expect((await refusal(bench.database.createCollection("made"))).code).toBe(48);
      expect(await bench.database.collection("made").drop()).toBe(true);
      expect(await bench.database.listCollections({ name: "made" }).toArray()).toEqual([]);
    });

    test("a renamed collection keeps documents and indexes", async () => {
      const items = await bench.collection([{ a: 1 }]);
      await items.createIndex({ a: 1 });
      await items.rename(`${items.collectionName}_renamed`);
      const renamed = bench.database.collection(`${items.collectionName}_renamed`);
      expect(await renamed.countDocuments()).toBe(1);
      expect(await renamed.indexes()).toHaveLength(2);
      expect(await items.countDocuments()).toBe(0);
    });

    test("a dropped database is empty", async () => {
      const other = bench.client.db(`${bench.database.databaseName}_other`);
      await other.collection("a").insertOne({ x: 1 });
      const names = async () => (await bench.client.db().admin().listDatabases()).databases.map(({ name }) => name);
      expect(await names()).toContain(other.databaseName);
      await other.dropDatabase();
      expect(await names()).not.toContain(other.databaseName);
    });

    test("a collection name with a dollar is refused", async () => {
      expect((await refusal(bench.database.collection("a$b").insertOne({ x: 1 }))).code).toBe(73);
    });

    test("a session without a transaction reads and writes", async () => {
      const items = await bench.collection([{ _id: 1 }]);
      const session = bench.client.startSession();
      expect((await items.findOne({ _id: 1 }, { session }))?._id).toBe(1);
      await items.insertOne({ _id: 2 }, { session });
      await session.endSession();
      expect(await items.countDocuments()).toBe(2);
    });

    test("ping and buildInfo answer", async () => {
      expect(await bench.database.command({ ping: 1 })).toMatchObject({ ok: 1 });
      const info = await bench.client.db("admin").command({ buildInfo: 1 });
      expect(info.versionArray[0]).toBeGreaterThanOrEqual(7);
    });

    test("an unknown command and an unknown field are refused", async () => {
      expect((await refusal(bench.database.command({ nope: 1 }))).code).toBe(59);
      const items = await bench.collection([{ _id: 1 }]);
      const call = bench.database.command({ find: items.collectionName, nope: 1 });
      expect((await refusal(call)).code).toBe(40415);
    });

    test("counting in an estimate agrees after inserts, deletes and drops", async () => {
      const items = await bench.collection([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
      await items.deleteOne({ _id: 1 });
      expect(await items.estimatedDocumentCount()).toBe(2);
      await items.drop();
      expect(await items.estimatedDocumentCount()).toBe(0);
    });
  },
);

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { startMongodb } from "./index.ts";
import { eventually, type Item, refusal } from "./testing.ts";

const WRITERS = 8;
/** Acknowledged before the kill: many rounds of each writer, and few enough for a machine with little time for us. */
const INSERTS = 500;

describe("a stand-in with a data folder", () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "stoa-mongodb-"));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  /** A stand-in in a process of its own, which can be killed. */
  async function serve(folder: string) {
    const script = `
      const { startMongodb } = await import(${JSON.stringify(join(import.meta.dir, "index.ts"))});
      console.log((await startMongodb({ port: 0, dataDir: ${JSON.stringify(folder)} })).url);`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    return { child, url: new TextDecoder().decode(value).trim() };
  }

  function connect(url: string): Promise<MongoClient> {
    return new MongoClient(url, { serverSelectionTimeoutMS: 5_000, retryWrites: false }).connect();
  }

  test("every acknowledged insert is there after the process was killed", async () => {
    const folder = join(dataDir, "killed");
    const { child, url } = await serve(folder);
    const client = await connect(url);
    const items = client.db("shop").collection<Item>("items");
    await items.createIndex({ writer: 1, n: 1 }, { unique: true });
    const acknowledged: number[] = [];
    const write = async (writer: number) => {
      for (let n = 0; ; n++) {
        const _id = writer * 1_000_000 + n;
        try {
          await items.insertOne({ _id, writer, n, text: "x".repeat(200) });
        } catch {
          return;
        }
        acknowledged.push(_id);
      }
    };
    const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
    await eventually(
      async () => acknowledged.length,
      (count) => count >= INSERTS,
    );
    child.kill("SIGKILL");
    await Promise.all(writers);
    await client.close();

    await using server = await startMongodb({ port: 0, dataDir: folder });
    await using again = await connect(server.url);
    const kept = again.db("shop").collection<Item>("items");
    const stored = new Set((await kept.find({}, { projection: { _id: 1 } }).toArray()).map((item) => item._id));
    expect(acknowledged.length).toBeGreaterThanOrEqual(INSERTS);
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    expect(await kept.countDocuments({ writer: { $gte: 0 } })).toBe(stored.size);
    const [first] = acknowledged;
    expect((await refusal(kept.insertOne({ writer: Math.floor((first ?? 0) / 1_000_000), n: 0 }))).code).toBe(11000);
  });

  test("of an index that was being built when the process was killed nothing is left, and it can be built anew", async () => {
    const folder = join(dataDir, "building");
    const { child, url } = await serve(folder);
    const client = await connect(url);
    const items = client.db("shop").collection<Item>("items");
    await items.insertMany(Array.from({ length: 30_000 }, (_, at) => ({ _id: at, sku: `sku ${at}` })));
    const building = items.createIndex({ sku: 1 }, { unique: true }).catch((error: unknown) => error);
    // Answered between two of its turns.
    await client.db("shop").command({ ping: 1 });
    child.kill("SIGKILL");
    expect(await building).toBeInstanceOf(Error);
    await client.close();

    await using server = await startMongodb({ port: 0, dataDir: folder });
    await using again = await connect(server.url);
    const kept = again.db("shop").collection<Item>("items");
    expect((await kept.indexes()).map(({ name }) => name)).toEqual(["_id_"]);
    expect(await kept.createIndex({ sku: 1 }, { unique: true })).toBe("sku_1");
    expect(await kept.countDocuments({ sku: "sku 29999" })).toBe(1);
    expect((await refusal(kept.insertOne({ _id: -1, sku: "sku 5" }))).code).toBe(11000);
  }, 60_000);

  test("a restart keeps documents, types, options of indexes and what they enforce", async () => {
    const folder = join(dataDir, "restarted");
    const fill = await startMongodb({ port: 0, dataDir: folder });
    const client = await connect(fill.url);
    const items = client.db("shop").collection<Item>("items");
    await items.insertMany([
      { _id: 1, sku: "a", tags: ["x", "y"], on: true },
      { _id: 2, sku: "b", at: new Date(0) },
    ]);
    await items.createIndex({ sku: 1 }, { unique: true });
    await items.createIndex({ tags: 1 });
    await items.createIndex({ on: 1 }, { partialFilterExpression: { on: true } });
    await items.createIndex({ at: -1 }, { expireAfterSeconds: 3600 });
    const [documents, indexes] = [await items.find().toArray(), await items.indexes()];
    await client.close();
    await fill.stop();
    await fill.stop();

    await using server = await startMongodb({ port: 0, dataDir: folder });
    await using again = await connect(server.url);
    const kept = again.db("shop").collection<Item>("items");
    expect(await kept.find().toArray()).toEqual(documents);
    expect(await kept.indexes()).toEqual(indexes);
    expect((await refusal(kept.insertOne({ sku: "a" }))).code).toBe(11000);
    expect(await kept.find({ tags: "y" }).toArray()).toHaveLength(1);
    expect(await kept.find({ tags: { $gt: "w", $lt: "y" } }).toArray()).toHaveLength(1);
  });

  test("a second server on the same folder is refused, and the first goes on", async () => {
    const folder = join(dataDir, "held");
    await using server = await startMongodb({ port: 0, dataDir: folder });
    expect((await refusal(startMongodb({ port: 0, dataDir: folder }))).message).toContain("locked");
    await using client = await connect(server.url);
    await client.db("shop").collection("items").insertOne({ a: 1 });
    expect(await client.db("shop").collection("items").countDocuments()).toBe(1);
  });

  test("a taken port is reported and leaves the folder free", async () => {
    await using server = await startMongodb({ port: 0, dataDir: null });
    const folder = join(dataDir, "port");
    expect((await refusal(startMongodb({ port: server.port, dataDir: folder }))).message).toMatch(
      /in use|EADDRINUSE|listen/i,
    );
    await using other = await startMongodb({ port: 0, dataDir: folder });
    expect(other.port).toBeGreaterThan(0);
  });
});

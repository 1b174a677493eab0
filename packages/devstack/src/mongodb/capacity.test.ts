import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Collection, MongoClient } from "mongodb";
import type { Item } from "./testing.ts";

const PRODUCTS = 200_000;
const BATCH = 2_000;
const RSS_BYTES_MAX = 500 * 1024 * 1024;

function product(at: number): Item {
  return {
    _id: `product-${at}`,
    sku: `SKU-${at}`,
    brand: `brand${at % 200}`,
    category: `category${at % 50}`,
    price: (at * 7919) % 100_000,
    title: `Product number ${at}`,
    tags: [`t${at % 10}`, `u${at % 7}`],
    attributes: { color: ["red", "blue", "green"][at % 3], size: at % 5, weight: at / 3 },
    variants: [
      { sku: `v${at}a`, quantity: at % 9 },
      { sku: `v${at}b`, quantity: at % 4 },
    ],
    description: "Lorem ipsum dolor sit amet consectetur ".repeat(3),
    at: new Date(1_700_000_000_000 + at * 1_000),
  };
}

/** Filling takes a minute, so it runs only when asked for. */
describe.skipIf(process.env.STOA_SLOW_TESTS !== "1")("a catalogue of 200,000 products", () => {
  let folder: string;
  let child: Bun.Subprocess<"ignore", "pipe", "inherit">;
  let client: MongoClient;
  let products: Collection<Item>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "stoa-mongodb-capacity-"));
    const script = `
      const { startMongodb } = await import(${JSON.stringify(join(import.meta.dir, "index.ts"))});
      console.log((await startMongodb({ port: 0, dataDir: ${JSON.stringify(folder)} })).url);`;
    child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    const { value } = await child.stdout.getReader().read();
    client = await new MongoClient(new TextDecoder().decode(value).trim()).connect();
    products = client.db("shop").collection<Item>("products");
  });
  afterAll(async () => {
    await client.close();
    child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  async function rssBytes(): Promise<number> {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    console.log(
      `${name}: ${Math.round(performance.now() - start)} ms, peak ${Math.round((await rssBytes()) / 2 ** 20)} MB`,
    );
    return result;
  }

  test("fits into 500 MB while it is filled, read, sorted, scanned, grouped and changed", async () => {
    await products.createIndexes([
      { key: { sku: 1 }, unique: true },
      { key: { brand: 1 } },
      { key: { category: 1, price: 1 } },
      { key: { tags: 1 } },
    ]);
    await timed("fill", async () => {
      for (let at = 0; at < PRODUCTS; at += BATCH) {
        await products.insertMany(Array.from({ length: BATCH }, (_, n) => product(at + n)));
      }
    });
    expect(await products.estimatedDocumentCount()).toBe(PRODUCTS);
    await timed("5,000 by id", async () => {
      for (let n = 0; n < 5_000; n++)
        expect(await products.findOne({ _id: `product-${(n * 37) % PRODUCTS}` })).not.toBeNull();
    });
    const page = await timed("a page of a category by price", () =>
      products
        .find({ category: "category7", price: { $gte: 20_000 } })
        .sort({ price: 1 })
        .limit(24)
        .toArray(),
    );
    expect(page).toHaveLength(24);
    const red = await timed("a scan", () =>
      products.countDocuments({ "attributes.color": "red", "attributes.size": 2 }),
    );
    expect(red).toBeGreaterThan(10_000);
    const newest = await timed("a sort without an index", () => products.find().sort({ at: -1 }).limit(20).toArray());
    expect(newest[0]?._id).toBe(`product-${PRODUCTS - 1}`);
    await timed("a whole sort without an index", async () => {
      for await (const item of products.find().sort({ title: 1 }).project({ _id: 1 })) expect(item._id).toBeDefined();
    });
    const brands = await timed("a group", () =>
      products.aggregate([{ $group: { _id: "$brand", n: { $sum: 1 }, average: { $avg: "$price" } } }]).toArray(),
    );
    expect(brands).toHaveLength(200);
    let read = 0;
    await timed("read all", async () => {
      for await (const _ of products.find()) read += 1;
    });
    expect(read).toBe(PRODUCTS);
    await timed("change 20,000", () => products.updateMany({ tags: "t3" }, { $inc: { price: 1 } } as object));
    expect(await rssBytes()).toBeLessThan(RSS_BYTES_MAX);
  }, 300_000);
});

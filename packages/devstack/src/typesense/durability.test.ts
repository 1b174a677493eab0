import { Database } from "bun:sqlite";
import { afterEach, expect, spyOn, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "./conformance/targets.ts";
import { startTypesense } from "./index.ts";

const API_KEY = "durable-key";
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "stoa-typesense-test-"));
  cleanups.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function start(dataDir: string) {
  const service = await startTypesense({ port: 0, dataDir, apiKey: API_KEY });
  cleanups.push(() => service.stop());
  return { service, client: connect(service.url, API_KEY) };
}

const schema = (name: string) => ({
  name,
  enable_nested_fields: true,
  fields: [
    { name: "title", type: "string" as const },
    { name: "prices", type: "object" as const, optional: true },
  ],
});

test("everything is there after a restart: documents, what was learned of fields, aliases, sets, keys", async () => {
  const dataDir = await folder();
  const { service, client } = await start(dataDir);
  await client.collections().create(schema("p1"));
  await client.aliases().upsert("products", { collection_name: "p1" });
  await client
    .collections<object>("p1")
    .documents()
    .import([
      { id: "a", title: "Laptop", prices: { USD: 5 } },
      { id: "b", title: "Lamp", prices: { USD: 9 } },
      { id: "c", title: "Gone" },
    ]);
  await client.collections("p1").documents("c").delete();
  await client.synonymSets("s").upsert({ items: [{ id: "x", synonyms: ["laptop", "portable"] }] });
  await client.collections("p1").update({ synonym_sets: ["s"] });
  const key = await client.keys().create({ description: "", actions: ["documents:search"], collections: ["*"] });
  await service.stop();

  const again = await start(dataDir);
  const documents = again.client.collections<object>("products").documents();
  expect((await documents.search({ q: "*" })).found).toBe(2);
  expect((await documents.search({ q: "*", filter_by: "prices.USD:>5" })).found).toBe(1);
  expect((await documents.search({ q: "portable", query_by: "title" })).found).toBe(1);
  const searcher = connect(again.service.url, String(key.value));
  expect(
    (await searcher.collections<object>("products").documents().search({ q: "lamp", query_by: "title" })).found,
  ).toBe(1);
});

test("a document without an id gets one that no restart gives out again", async () => {
  const dataDir = await folder();
  const first = await start(dataDir);
  await first.client.collections().create(schema("auto"));
  await first.client.collections<object>("auto").documents().create({ title: "one" });
  await first.service.stop();
  const second = await start(dataDir);
  await second.client.collections<object>("auto").documents().create({ title: "two" });
  expect((await second.client.collections("auto").retrieve()).num_documents).toBe(2);
});

test("kill -9 loses nothing that was acknowledged", async () => {
  const dataDir = await folder();
  const script = `
    const { startTypesense } = await import(${JSON.stringify(join(import.meta.dir, "index.ts"))});
    const service = await startTypesense({ port: 0, dataDir: ${JSON.stringify(dataDir)}, apiKey: "${API_KEY}" });
    console.log(service.url);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  const reader = child.stdout.getReader();
  const url = new TextDecoder().decode((await reader.read()).value).trim();
  const client = connect(url, API_KEY);
  await client.collections().create(schema("p1"));

  const acknowledged: string[] = [];
  const writer = async (writerId: number) => {
    for (let at = 0; ; at += 1) {
      const ids = [`${writerId}-${at}-a`, `${writerId}-${at}-b`];
      await client
        .collections<object>("p1")
        .documents()
        .import(
          ids.map((id) => ({ id, title: id })),
          { action: "upsert" },
        );
      acknowledged.push(...ids);
      if (acknowledged.length > 300) child.kill("SIGKILL");
    }
  };
  await Promise.all([1, 2, 3, 4].map((id) => writer(id).catch(() => undefined)));
  await child.exited;

  const { client: after } = await start(dataDir);
  const lines = await after.collections<object>("p1").documents().export({ include_fields: "id" });
  const kept = new Set(lines.split("\n").map((line) => JSON.parse(line).id));
  expect(acknowledged.length).toBeGreaterThan(300);
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
});

test("a collection that was dropped leaves nothing behind, whether the server went on or died right then", async () => {
  const dataDir = await folder();
  const documents = (database: Database) => database.query("SELECT count(*) AS count FROM documents").get();
  const { service, client } = await start(dataDir);
  await client.collections().create(schema("p1"));
  const lines = Array.from({ length: 2_000 }, (_, at) => ({ id: String(at), title: "Lamp" }));
  await client.collections<object>("p1").documents().import(lines);
  await client.collections("p1").delete();
  await client.collections().create(schema("p1"));
  await client.collections<object>("p1").documents().create({ id: "new", title: "Lamp" });
  await client.collections().create(schema("p2"));
  await client.collections<object>("p2").documents().import(lines);
  await client.collections("p2").delete();
  await service.stop();
  const again = await start(dataDir);
  expect((await again.client.collections<object>("p1").documents().search({ q: "*" })).found).toBe(1);
  await expect(again.client.collections("p2").retrieve()).rejects.toThrow("404");
  await again.service.stop();
  using database = new Database(join(dataDir, "typesense.sqlite"));
  expect(documents(database)).toEqual({ count: 1 });
});

test("a search is answered while a long import is under way, of what is there by then", async () => {
  const { client } = await start(await folder());
  await client.collections().create(schema("p1"));
  // A turn is over after some ten looks at this clock, however fast the machine is.
  let now = performance.now();
  using _ = spyOn(performance, "now").mockImplementation(() => {
    now += 1;
    return now;
  });
  const lines = Array.from({ length: 2_000 }, (_, at) => ({ id: String(at), title: `Lamp ${at}` }));
  let isOver = false;
  const importing = client
    .collections<object>("p1")
    .documents()
    .import(lines)
    .finally(() => {
      isOver = true;
    });
  const seen: number[] = [];
  while (!isOver) {
    seen.push((await client.collections<object>("p1").documents().search({ q: "lamp", query_by: "title" })).found);
  }
  await importing;
  expect(seen.filter((count) => count > 0 && count < lines.length).length).toBeGreaterThan(0);
  expect(seen).toEqual(seen.toSorted((one, other) => one - other));
});

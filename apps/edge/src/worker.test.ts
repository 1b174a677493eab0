import { afterAll, beforeAll, expect, test } from "bun:test";
import { keys, packEnvelope } from "@stoa/read-models";
import type { BunPlugin } from "bun";
import { Redis } from "ioredis";
import { Log, LogLevel, Miniflare } from "miniflare";
import { productView, summaryView } from "./testing/fixtures.ts";

/** A database of its own on the test Redis, because a Worker's keys have no prefix. */
const REDIS_DATABASE = 13;
const redisUrl = new URL(process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6399");
redisUrl.pathname = `/${REDIS_DATABASE}`;
const redis = new Redis(redisUrl.href);
/** Answers every search with one hit; a real index would be shared with other tests, since its name is fixed. */
const found = summaryView();
const index = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: () => Response.json({ results: [{ found: 1, hits: [{ document: { id: found.id } }], search_time_ms: 1 }] }),
});
let worker: Miniflare;

/** How long a Worker waits is proved where networks swallow what is sent; here a busy machine must not make a 503 of an answer. */
const unhurried: BunPlugin = {
  name: "unhurried",
  setup(build) {
    build.onLoad({ filter: /runtime\/src\/patience\.ts$/ }, async ({ path }) => {
      const contents = (await Bun.file(path).text())
        .replace(/redisAtEdge: \{.*\}/, "redisAtEdge: { connectTimeout: 60_000 }")
        .replace(/typesenseAtEdge: \{.*\}/, "typesenseAtEdge: { answerSeconds: 60, searchMs: 60_000 }");
      if (contents.split("60_000").length !== 3) throw new Error("patience is written otherwise by now");
      return { contents, loader: "ts" };
    });
  },
};

async function bundle(): Promise<string> {
  const built = await Bun.build({
    entrypoints: [new URL("./worker.ts", import.meta.url).pathname],
    target: "node",
    format: "esm",
    minify: true,
    define: { "import.meta.url": '"file:///worker.js"' },
    external: ["cloudflare:*"],
    plugins: [unhurried],
  });
  const [output] = built.outputs;
  if (!output) throw new Error("the worker did not bundle");
  return output.text();
}

async function seed(key: string, value: unknown): Promise<void> {
  const envelope = packEnvelope({
    version: { major: 1, minor: 0 },
    etag: '"e1"',
    writtenAt: 1,
    body: JSON.stringify(value),
  });
  await redis.set(key, envelope, "EX", 600);
}

function ask(path: string, init: { method?: string; headers?: Record<string, string>; body?: string } = {}) {
  return worker.dispatchFetch(`http://localhost${path}`, init);
}

beforeAll(async () => {
  worker = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.js", contents: await bundle() }],
    compatibilityDate: "2026-07-01",
    compatibilityFlags: ["nodejs_compat", "enable_request_signal"],
    log: new Log(LogLevel.ERROR),
    bindings: {
      PUBLIC_URL: "http://localhost",
      REDIS_URL: redisUrl.href,
      TYPESENSE_URL: index.url.origin,
      TYPESENSE_API_KEY: "key",
      CORE_URL: "http://127.0.0.1:1",
      INTERNAL_TOKEN_SECRET: "an internal secret of thirty-two characters",
      LOG_LEVEL: "silent",
    },
  });
  await worker.ready;
  await seed(keys.shop(), {
    name: "Test",
    defaultCurrency: "USD",
    currencies: ["USD"],
    lowStockThreshold: 5,
    version: 1,
  });
  await redis.set(keys.ready(), "1", "EX", 600);
}, 120_000);
afterAll(async () => {
  await worker.dispose();
  await index.stop(true);
  redis.disconnect();
});

test("a Worker serves the catalog from Redis, request after request", async () => {
  const product = productView(summaryView());
  await seed(keys.product("USD", product.slug), product);
  for (let request = 0; request < 5; request += 1) {
    const answer = await ask(`/v1/products/${product.slug}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("etag")).toBe('"e1"');
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(product)));
  }
  const known = await ask(`/v1/products/${product.slug}`, { headers: { "if-none-match": '"e1"' } });
  expect(known.status).toBe(304);
});

test("requests at the same time do not share what ends with one of them", async () => {
  const item = { sku: `W-${crypto.randomUUID()}`, available: 3, status: "in_stock", asOf: "2026-11-24T10:00:00.000Z" };
  await seed(keys.stock(item.sku), item);
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(`/v1/stock?sku=${item.sku}`)));
  for (const answer of answers) expect(await answer.json()).toEqual({ items: [item] });
});

test("it keeps the rules that hold everywhere: problems, limits of bodies, sessions, core away", async () => {
  const missing = await ask("/v1/products/none");
  expect(missing.status).toBe(404);
  expect(missing.headers.get("content-type")).toBe("application/problem+json");
  expect((await ask("/v1/carts", { method: "POST", body: "{" })).status).toBe(400);
  expect((await ask("/v1/carts", { method: "POST", body: "x".repeat(300_000) })).status).toBe(413);
  expect((await ask("/v1/me")).status).toBe(401);
  expect((await ask("/v1/carts", { method: "POST", body: "{}" })).status).toBe(503);
  expect((await ask("/healthz")).status).toBe(200);
  expect((await ask("/readyz")).status).toBe(503);
});

test("search asks the index and shows what Redis has of its hits", async () => {
  await seed(keys.summary("USD", found.id), found);
  for (let request = 0; request < 2; request += 1) {
    const answer = await ask("/v1/search?q=lamp");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ total: 1, items: [{ id: found.id, highlight: {} }] });
  }
});

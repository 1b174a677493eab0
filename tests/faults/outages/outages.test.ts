import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type AppProcess, startAppProcess } from "@stoa/devstack";
import { startTcpProxy, type TcpProxy } from "@stoa/devstack/tcp-proxy";
import { eventually } from "../../eventually.ts";
import { Stream } from "../explorer/random.ts";
import { isOk } from "./is-ok.ts";
import { drawReads, read, type Seen, slugsOf } from "./reads.ts";
import { type OutageShop, openOutageShop } from "./shop.ts";

// One shop, one edge behind proxies, one thing after another taken away and given back: each test begins and ends with all of it there.
setDefaultTimeout(300_000);

const ROUNDS = 25;
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';

let shop: OutageShop;
let edge: AppProcess;
let toRedis: TcpProxy;
let toTypesense: TcpProxy;
let toCore: TcpProxy;
let toPictures: TcpProxy;
let pictures: Bun.Server<undefined>;
let slugs: string[];

beforeAll(async () => {
  shop = await openOutageShop();
  const { env } = shop;
  const proxyTo = (url = "") => startTcpProxy({ target: { port: Number(new URL(url).port) } });
  pictures = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(PICTURE, { headers: { "content-type": "image/svg+xml", connection: "close" } }),
  });
  [toRedis, toTypesense, toCore, toPictures] = await Promise.all([
    proxyTo(env.REDIS_URL),
    proxyTo(env.TYPESENSE_URL),
    proxyTo(env.CORE_URL),
    proxyTo(pictures.url.href),
  ]);
  edge = await startAppProcess({
    name: "edge",
    env: {
      ...env,
      REDIS_URL: toRedis.through(env.REDIS_URL ?? ""),
      TYPESENSE_URL: toTypesense.through(env.TYPESENSE_URL ?? ""),
      CORE_URL: toCore.through(env.CORE_URL ?? ""),
      CORE_TIMEOUT_MS: "2000",
      MEDIA_URL: toPictures.through(pictures.url.href),
    },
  });
  await eventually(async () => (await slugsOf(edge.url)).length === 40);
  slugs = await slugsOf(edge.url);
});

afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await Promise.all([toRedis.stop(), toTypesense.stop(), toCore.stop(), toPictures.stop()]);
  await pictures.stop(true);
  await shop[Symbol.asyncDispose]();
});

/** Reads drawn by a seed, each as it was answered. */
async function readAll(seed: number, rounds = ROUNDS): Promise<Seen[]> {
  const stream = new Stream(seed, "outages");
  const seen: Seen[] = [];
  for (let round = 0; round < rounds; round += 1) {
    seen.push(...(await Promise.all(drawReads(stream, slugs).map((path) => read(edge.url, path)))));
  }
  return seen;
}

function failed(seen: readonly Seen[]): Seen[] {
  return seen.filter(({ status }) => status !== 200);
}

afterEach(giveBack);

async function breakerOf(dependency: string): Promise<string | undefined> {
  const answer = await fetch(`${edge.url}/readyz`, { signal: AbortSignal.timeout(10_000) });
  const { dependencies } = (await answer.json()) as { dependencies: Record<string, { breaker: string }> };
  return dependencies[dependency]?.breaker;
}

const createCart = () =>
  fetch(`${edge.url}/v1/carts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ items: [{ sku: "LOAD-1", quantity: 1 }] }),
    signal: AbortSignal.timeout(30_000),
  });

let away: (() => Promise<void>)[] = [];

/** Takes something away until the test gives it back, or ends. */
async function take(taking: () => unknown, returning: () => unknown): Promise<void> {
  away.push(async () => void (await returning()));
  await taking();
}

const silence = (proxy: TcpProxy) =>
  take(
    () => proxy.setMode({ kind: "blackHole" }),
    () => proxy.setMode({ kind: "pass" }),
  );

/** Everything is there again; resolves once edge has found it by itself. */
async function giveBack(): Promise<void> {
  const returning = away;
  away = [];
  for (const give of returning) await give();
  await eventually(() => isOk(`${edge.url}/readyz`));
  await eventually(async () => (await createCart()).status === 201);
  await eventually(async () => failed(await readAll(0, 1)).length === 0);
}

test("with core killed, PostgreSQL and MongoDB stopped, every read of the catalog succeeds and says how old it is", async () => {
  const { stack } = shop;
  for (const name of ["postgres", "mongodb"] as const) {
    await take(
      () => stack.kill(name),
      () => stack.restart(name),
    );
  }
  await take(
    () => stack.app("core").kill("SIGKILL"),
    () => stack.app("core").restart(),
  );
  const seen = await readAll(1);
  expect(failed(seen)).toEqual([]);
  expect(seen.filter(({ age, lastModified }) => age === null && lastModified === null)).toEqual([]);
  const refused = await createCart();
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).not.toBeNull();
  await giveBack();
});

test("with Redis stopped, what is held is given with its age, the rest is refused at once, and all of it mends itself", async () => {
  const held = new Set((await readAll(2, 5)).map(({ path }) => path));
  await take(
    () => shop.stack.kill("redis"),
    () => shop.stack.restart("redis"),
  );
  const seen = await readAll(2, 5);
  expect(failed(seen)).toEqual([]);
  await eventually(async () => (await readAll(2, 1)).every(({ age }) => Number(age) >= 1));
  expect(held.has("/v1/products?limit=99")).toBe(false);
  expect(await read(edge.url, "/v1/products?limit=99")).toMatchObject({
    status: 503,
    code: "service_unavailable",
    retryAfter: expect.any(String),
  });
  await giveBack();
});

test("a Redis that swallows all that is sent opens its breaker; what is held is given, and all of it mends itself", async () => {
  await readAll(3, 5);
  await silence(toRedis);
  await eventually(async () => {
    await read(edge.url, `/v1/stock?sku=${crypto.randomUUID()}`);
    return (await breakerOf("redis")) === "open";
  });
  const seen = await readAll(3, 5);
  expect(failed(seen)).toEqual([]);
  await giveBack();
  expect(await breakerOf("redis")).toBe("closed");
});

test("a Typesense that swallows all that is sent costs only searches that nobody has made before", async () => {
  await readAll(4, 5);
  await silence(toTypesense);
  await eventually(async () => {
    const searches = Array.from({ length: 4 }, () => read(edge.url, `/v1/search?q=${crypto.randomUUID()}`));
    for (const { status, code } of await Promise.all(searches))
      expect([status, code]).toEqual([503, "service_unavailable"]);
    return (await breakerOf("typesense")) === "open";
  });
  expect(failed(await readAll(4, 5))).toEqual([]);
  for (const slug of slugs) expect((await read(edge.url, `/v1/products/${slug}`)).status).toBe(200);
  expect((await createCart()).status).toBe(201);
  await giveBack();
  await eventually(() => isOk(`${edge.url}/v1/search?q=${crypto.randomUUID()}`));
  expect(await breakerOf("typesense")).toBe("closed");
});

test("a core that swallows all that is sent opens its breaker, and the catalog does not notice", async () => {
  await silence(toCore);
  const [seen] = await Promise.all([
    readAll(5),
    eventually(async () => {
      const answers = await Promise.all(Array.from({ length: 4 }, createCart));
      for (const answer of answers) expect(answer.status).toBe(503);
      return (await breakerOf("core")) === "open";
    }),
  ]);
  expect(failed(seen)).toEqual([]);
  await giveBack();
  expect(await breakerOf("core")).toBe("closed");
});

const picture = (query = "") =>
  fetch(`${edge.url}/media/${crypto.randomUUID()}.${query === "" ? "svg" : "png"}${query}`, {
    signal: AbortSignal.timeout(60_000),
  });

test("a place for pictures that swallows all that is sent costs nothing but pictures, and those not for long", async () => {
  expect((await picture()).status).toBe(200);
  await silence(toPictures);
  // As many as a few pages ask for: more than may wait, and some of them to be made smaller.
  const crowd = Array.from({ length: 300 }, (_, n) => picture(n % 2 === 0 ? "" : "?w=320"));
  expect(failed(await readAll(6))).toEqual([]);
  for (const slug of slugs) expect((await read(edge.url, `/v1/products/${slug}?currency=USD`)).status).toBe(200);
  expect((await createCart()).status).toBe(201);
  for (const answer of await Promise.all(crowd)) {
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ code: "service_unavailable" });
  }
  expect(await breakerOf("media")).toBe("open");
  expect((await picture()).status).toBe(503);
  await giveBack();
  await eventually(async () => (await picture()).status === 200);
  expect(await breakerOf("media")).toBe("closed");
});

import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { fixedClock } from "@stoa/kernel";
import { channels, keys, type RingKey } from "@stoa/read-models";
import { z } from "zod";
import { type EdgeUnderTest, edgeUnderTest, eventually, TEST_ADDRESS_HEADER } from "../testing/edge-under-test.ts";

const STOREFRONT = "https://outlet.example";

function aKey(kind: RingKey["kind"], members: Partial<RingKey> = {}) {
  const text = `${kind === "secret" ? "sk" : "pk"}_${crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url", omitPadding: true })}`;
  const ring: RingKey = {
    hash: createHash("sha256").update(text).digest("hex"),
    id: `api_${crypto.randomUUID()}`,
    kind,
    scopes: kind === "secret" ? ["catalog:read"] : [],
    origins: kind === "secret" ? [] : [STOREFRONT],
    ratePerMinute: 1_000,
    expiresAt: null,
    ...members,
  };
  const headers: Record<string, string> =
    kind === "secret" ? { authorization: `Bearer ${text}` } : { "x-publishable-key": text };
  return { text, ring, headers };
}

async function hold(edge: EdgeUnderTest, ...held: { readonly ring: RingKey }[]): Promise<void> {
  await edge.seed(keys.keyRing(), { keys: held.map(({ ring }) => ring) });
}

async function codeOf(answer: Response): Promise<[number, string]> {
  return [answer.status, z.object({ code: z.string() }).parse(await answer.json()).code];
}

async function aShopWith(...held: { readonly ring: RingKey }[]) {
  const edge = await edgeUnderTest();
  await edge.seedShop();
  await edge.seed(keys.categories(), { items: [] });
  await hold(edge, ...held);
  return edge;
}

test("a secret key reads the catalog with its scope; without it, 403 names what is missing", async () => {
  const [reader, other] = [aKey("secret"), aKey("secret", { scopes: ["orders:read"] })];
  await using edge = await aShopWith(reader, other);
  expect((await edge.ask("/v1/categories", { headers: reader.headers })).status).toBe(200);
  const refused = await edge.ask("/v1/categories", { headers: other.headers });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ code: "forbidden", scope: "catalog:read" });
});

test("a secret key does not act for a shopper", async () => {
  const machine = aKey("secret");
  await using edge = await aShopWith(machine);
  const body = {};
  expect(await codeOf(await edge.ask("/v1/carts", { body, headers: machine.headers }))).toEqual([403, "forbidden"]);
  expect(await codeOf(await edge.ask("/v1/me", { headers: machine.headers }))).toEqual([403, "forbidden"]);
  expect(edge.core.calls).toEqual([]);
});

test("401: a key that is none, is over, or stands where the other kind belongs", async () => {
  const over = aKey("secret", { expiresAt: Date.now() - 1 });
  const publishable = aKey("publishable");
  await using edge = await aShopWith(over, publishable);
  const tries: Record<string, string>[] = [
    aKey("secret").headers,
    aKey("publishable").headers,
    over.headers,
    { "x-publishable-key": over.text },
    { "x-publishable-key": "" },
    { "x-publishable-key": "x".repeat(5_000) },
  ];
  for (const headers of tries) {
    expect(await codeOf(await edge.ask("/v1/categories", { headers }))).toEqual([401, "unauthenticated"]);
  }
  edge.core.on("users.session", () => null);
  const headers = { authorization: `Bearer ${publishable.text}` };
  expect(await codeOf(await edge.ask("/v1/me", { headers }))).toEqual([401, "unauthenticated"]);
});

test("a revoked key is refused as soon as edge hears of it", async () => {
  const [staying, going] = [aKey("secret"), aKey("secret")];
  await using edge = await aShopWith(staying, going);
  edge.listen();
  expect((await edge.ask("/v1/categories", { headers: going.headers })).status).toBe(200);
  await edge.seed(keys.keyRing(), { keys: [staying.ring] }, Date.now() + 1);
  await eventually(async () => {
    await edge.redis.publish(channels.invalidate, `something-else\n${keys.keyRing()}`);
    expect((await edge.ask("/v1/categories", { headers: going.headers })).status).toBe(401);
  });
  expect((await edge.ask("/v1/categories", { headers: staying.headers })).status).toBe(200);
});

test("where the message was lost, a revoked key is refused within five seconds", async () => {
  const clock = fixedClock("2026-11-24T10:00:00.000Z");
  const going = aKey("secret");
  await using edge = await edgeUnderTest({ clock });
  await edge.seed(keys.categories(), { items: [] });
  await hold(edge, going);
  const ask = async () => (await edge.ask("/v1/categories", { headers: going.headers })).status;
  expect(await ask()).toBe(200);
  await hold(edge);
  clock.advance(4_999);
  expect(await ask()).toBe(200);
  clock.advance(1);
  expect(await ask()).toBe(401);
});

test("while Redis is away, the keys last known hold, and others are 503", async () => {
  const clock = fixedClock("2026-11-24T10:00:00.000Z");
  const known = aKey("secret");
  await using edge = await edgeUnderTest({ clock });
  await edge.seed(keys.categories(), { items: [] });
  await hold(edge, known);
  await edge.ask("/v1/categories", { headers: known.headers });
  edge.redis.disconnect();
  clock.advance(60_000);
  expect((await edge.ask("/trpc/orders.staff.list", { headers: known.headers })).status).not.toBe(401);
  await using fresh = await edgeUnderTest();
  expect((await fresh.ask("/v1/categories", { headers: known.headers })).status).toBe(503);
});

test("each key has a limit of its own; a machine is not counted by its address", async () => {
  const slow = aKey("secret", { ratePerMinute: 2 });
  const quick = aKey("secret");
  const limits = { read: { perMinute: 1 }, write: off, checkout: off, lookup: off, auth: off };
  await using edge = await edgeUnderTest({ settings: { limits } });
  await edge.seed(keys.categories(), { items: [] });
  await hold(edge, slow, quick);
  const ask = (headers: Record<string, string>) =>
    edge.ask("/v1/categories", { headers: { ...headers, [TEST_ADDRESS_HEADER]: "203.0.113.1" } });
  const statuses: number[] = [];
  for (let call = 0; call < 3; call += 1) statuses.push((await ask(slow.headers)).status);
  expect(statuses).toEqual([200, 200, 429]);
  expect((await ask(quick.headers)).status).toBe(200);
  expect((await ask({})).status).toBe(200);
  expect((await ask({})).status).toBe(429);
});

test("tries of keys that are none are counted by address", async () => {
  const limits = { read: off, write: off, checkout: off, lookup: off, auth: { perMinute: 2 } };
  await using edge = await edgeUnderTest({ settings: { limits } });
  await hold(edge);
  const statuses: number[] = [];
  for (let call = 0; call < 3; call += 1) {
    statuses.push((await edge.ask("/trpc/orders.staff.list", { headers: aKey("secret").headers })).status);
  }
  expect(statuses).toEqual([401, 401, 429]);
});

test("pages of a storefront with a key may call, those of a stranger may not", async () => {
  await using edge = await aShopWith(aKey("publishable"));
  const allowed = await edge.ask("/v1/categories", { headers: { origin: STOREFRONT } });
  expect(allowed.headers.get("access-control-allow-origin")).toBe(STOREFRONT);
  // Headers that the guide tells pages to read, and that a browser would keep from them.
  const told = (allowed.headers.get("access-control-expose-headers") ?? "").split(", ");
  for (const name of ["age", "content-disposition", "retry-after", "traceparent"]) expect(told).toContain(name);
  const preflight = await edge.ask("/v1/carts", { method: "OPTIONS", headers: { origin: STOREFRONT } });
  expect(preflight.headers.get("access-control-allow-headers")).toContain("x-publishable-key");
  const strange = await edge.ask("/v1/categories", { headers: { origin: "https://evil.example" } });
  expect([strange.status, strange.headers.get("access-control-allow-origin")]).toEqual([200, null]);
  expect(strange.headers.get("vary")).toContain("Origin");
});

test("a machine's call goes to core as it came, one procedure a call", async () => {
  const machine = aKey("secret", { scopes: ["orders:read"] });
  await using edge = await aShopWith(machine);
  edge.core.answerRaw = () => Response.json({ result: { data: [] } });
  const { headers } = machine;
  const answer = await edge.ask("/trpc/inventory.list?input=%7B%7D", { headers });
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
  const sent = edge.core.raw.at(-1)?.request;
  expect(sent?.url).toEndWith("/trpc/inventory.list?input=%7B%7D");
  expect(sent?.headers.get("authorization")).toBe(`Bearer ${machine.text}`);
  expect((await edge.ask("/trpc/a.b,c.d?batch=1", { headers })).status).toBe(404);
  expect((await edge.ask("/trpc/a.b?batch=1", { headers })).status).toBe(404);
  expect((await edge.ask("/trpc/a.b", { headers: { ...headers, accept: "text/event-stream" } })).status).toBe(404);
  expect((await edge.ask("/trpc/a.b", { method: "DELETE", headers })).status).toBe(404);
  expect((await edge.ask("/trpc/a.b")).status).toBe(401);
  expect((await edge.ask("/trpc/a.b", { headers: (await edge.signIn()).headers })).status).toBe(401);
});

test("when a key was used last is told once a minute, however often it is used", async () => {
  const clock = fixedClock("2026-11-24T10:00:00.000Z");
  const machine = aKey("secret");
  await using edge = await edgeUnderTest({ clock });
  await edge.seed(keys.categories(), { items: [] });
  await hold(edge, machine);
  const ask = () => edge.ask("/v1/categories", { headers: machine.headers });
  const told = () => edge.redis.hgetall(keys.keyUses());
  const startedAt = clock.now();
  await ask();
  await eventually(async () => expect(await told()).toEqual({ [machine.ring.id]: String(startedAt) }));
  await edge.redis.del(keys.keyUses());
  clock.advance(59_000);
  await ask();
  clock.advance(1_000);
  await ask();
  await eventually(async () => expect(await told()).toEqual({ [machine.ring.id]: String(startedAt + 60_000) }));
});

const off = { perMinute: 0 };

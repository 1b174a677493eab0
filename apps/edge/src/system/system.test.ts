import { afterAll, beforeAll, expect, test } from "bun:test";
import committed from "@stoa/contract/openapi.json";
import { createHealth, createMetrics } from "@stoa/runtime";
import { type EdgeUnderTest, edgeUnderTest, TEST_ADDRESS_HEADER } from "../testing/edge-under-test.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest({ deps: { metrics: createMetrics({ app: "edge" }) } });
});
afterAll(() => edge[Symbol.asyncDispose]());

test("healthz says that the process lives, also while everything else is away", async () => {
  await using cut = await edgeUnderTest({ redisUrl: "redis://127.0.0.1:1" });
  expect((await cut.ask("/healthz")).status).toBe(200);
});

test("readyz says which dependency keeps a checkout from succeeding", async () => {
  expect((await edge.ask("/readyz")).status).toBe(200);
  const health = createHealth({
    timeoutMs: 100,
    checks: { redis: async () => {}, core: () => Promise.reject(new Error("10.0.0.7")) },
  });
  await using cut = await edgeUnderTest({ deps: { health } });
  const answer = await cut.ask("/readyz");
  expect(answer.status).toBe(503);
  const report = await answer.text();
  expect(JSON.parse(report)).toMatchObject({ ok: false, checks: { redis: { ok: true }, core: { ok: false } } });
  expect(report).not.toContain("10.0.0.7");
});

test("openapi.json is the committed contract", async () => {
  const answer = await edge.ask("/openapi.json");
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.json()).toEqual(committed);
});

test("the docs are a page that needs nothing from elsewhere and runs no script", async () => {
  const answer = await edge.ask("/docs");
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(answer.headers.get("content-security-policy")).toContain("style-src 'sha256-");
  const page = await answer.text();
  expect(page).toContain("/v1/carts/{cartId}/checkout");
  expect(page).not.toMatch(/<script|https?:\/\/(?!stoa)/);
});

test("metrics are for this machine alone, count by route, and know nothing of ids", async () => {
  await edge.ask("/v1/carts/cart_01234567890123456789012345");
  const own = await edge.ask("/metrics", { headers: { [TEST_ADDRESS_HEADER]: "::ffff:127.0.0.1" } });
  const text = await own.text();
  expect(text).toContain('route="/v1/carts/{cartId}"');
  expect(text).not.toContain("cart_0");
  expect((await edge.ask("/metrics", { headers: { [TEST_ADDRESS_HEADER]: "203.0.113.1" } })).status).toBe(404);
  expect((await edge.ask("/metrics", { headers: { "x-forwarded-for": "127.0.0.1" } })).status).toBe(404);
});

test("a provider's event reaches core byte for byte, with its signature", async () => {
  edge.core.answerRaw = () => new Response("ok");
  const raw = '{ "id": "evt_1",\n  "amount": 1.10 }';
  const answer = await edge.ask("/webhooks/stripe", { raw, headers: { "stripe-signature": "t=1,v1=abc" } });
  expect([answer.status, await answer.text()]).toEqual([200, "ok"]);
  expect(edge.core.raw.at(-1)?.body).toBe(raw);
  expect(edge.core.raw.at(-1)?.request.headers.get("stripe-signature")).toBe("t=1,v1=abc");
});

test("404 and 413: webhooks of nobody we know, and endless ones", async () => {
  for (const [path, method] of [
    ["/webhooks/other", "POST"],
    ["/webhooks/stripe", "GET"],
    ["/webhooks/../elsewhere", "POST"],
  ] as const) {
    expect([path, (await edge.ask(path, { method })).status]).toEqual([path, 404]);
  }
  expect((await edge.ask("/webhooks/stripe", { raw: "x".repeat(1_100_000) })).status).toBe(413);
});

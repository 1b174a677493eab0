import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireWholeShop, type Seed, seedOnce } from "./demo-shop.ts";
import type { Stack } from "./index.ts";
import { startReport } from "./report.ts";

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

function stackOn(rung: "url" | "embedded"): Stack {
  const dataDir = mkdtempSync(join(tmpdir(), "stoa-shop-test-"));
  roots.push(dataDir);
  const url = "postgres://postgres:very-secret@127.0.0.1:5432/postgres";
  const unused = () => {
    throw new Error("not part of this test");
  };
  return {
    env: {},
    urls: { edge: "http://127.0.0.1:8080", core: "", admin: "http://127.0.0.1:3000" } as Stack["urls"],
    dataDir,
    services: [{ name: "postgres", pageUrl: null, rung, description: "PostgreSQL 18.4", url }],
    service: unused,
    app: unused,
    kill: unused,
    restart: unused,
    faults: unused,
    stop: unused,
    [Symbol.asyncDispose]: unused,
  };
}

const SHOP = { signIns: [{ role: "owner", email: "owner@example.com", password: "pass-word" }], sampleSku: "TEE-1" };
const input = { empty: false, progress: () => undefined };

test("a shop is seeded once, and later starts still know its sign-ins", async () => {
  const stack = stackOn("embedded");
  let seeded = 0;
  const seed: Seed = async () => {
    seeded += 1;
    return SHOP;
  };
  expect(await seedOnce(stack, seed, input)).toEqual(SHOP);
  requireWholeShop(stack.dataDir);
  expect(await seedOnce(stack, seed, input)).toEqual(SHOP);
  expect(seeded).toBe(1);
  expect(statSync(join(stack.dataDir, "demo-shop.json")).mode & 0o777).toBe(0o600);
});

test("a shop whose seeding was interrupted is refused in one sentence", async () => {
  const stack = stackOn("embedded");
  const interrupted: Seed = () => Promise.reject(new Error("killed"));
  await seedOnce(stack, interrupted, input).catch(() => undefined);
  expect(() => requireWholeShop(stack.dataDir)).toThrow("was only half-written: delete the folder and start again.");
});

test("a database that was named by URL is never seeded", async () => {
  const stack = stackOn("url");
  const seed: Seed = () => Promise.reject(new Error("seeded a hosted database"));
  expect(await seedOnce(stack, seed, input)).toEqual({ signIns: [], sampleSku: null });
});

test("the report shows addresses, rungs, sign-ins and an order, but no service's password", () => {
  const stack = stackOn("embedded");
  const report = startReport(stack, SHOP, { faults: false });
  for (const shown of [
    "http://127.0.0.1:8080",
    "built in: PostgreSQL 18.4",
    "owner@example.com",
    "pass-word",
    '"sku":"TEE-1"',
  ]) {
    expect(report).toContain(shown);
  }
  expect(report).not.toContain("very-secret");
  const withoutShop = startReport(stack, { signIns: [], sampleSku: null }, { faults: false });
  expect(withoutShop).not.toContain("curl");
});

test("with faults the report says how to make a payment slow, unless the payments are a hosted provider's", () => {
  const stack = stackOn("embedded");
  const withStripe = (rung: "url" | "embedded"): Stack => {
    const url = "http://127.0.0.1:4242";
    return { ...stack, services: [{ name: "stripe", pageUrl: null, rung, description: "Stripe test mode", url }] };
  };
  expect(startReport(withStripe("embedded"), SHOP, { faults: true })).toContain("http://127.0.0.1:4242/_stoa/faults");
  expect(startReport(withStripe("embedded"), SHOP, { faults: false })).not.toContain("_stoa/faults");
  expect(startReport(withStripe("url"), SHOP, { faults: true })).not.toContain("_stoa/faults");
});

test.if(Bun.which("curl") !== null)("the commands that place an order are ones a shell understands", async () => {
  const asked: { path: string; method: string; body: unknown }[] = [];
  await using edge = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname: path } = new URL(request.url);
      const text = await request.text();
      asked.push({ path, method: request.method, body: text === "" ? null : JSON.parse(text) });
      if (path.endsWith("/shipping-methods")) return Response.json({ items: [{ id: "standard", name: "Standard" }] });
      return Response.json({ id: "cart_01abc", state: "open" });
    },
  });
  const stack = stackOn("embedded");
  const urls = { ...stack.urls, edge: edge.url.href.replace(/\/$/, "") };
  const commands = startReport({ ...stack, urls }, SHOP, { faults: false })
    .split("\n")
    .filter((line) => line.includes("curl"));
  const shell = Bun.spawn(["sh", "-c", commands.join("\n")], { stdout: "ignore" });
  expect(await shell.exited).toBe(0);
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /v1/carts",
    "PATCH /v1/carts/cart_01abc",
    "GET /v1/carts/cart_01abc/shipping-methods",
    "POST /v1/carts/cart_01abc/checkout",
  ]);
  expect(asked[3]?.body).toEqual({
    shippingMethod: "standard",
    payment: { provider: "stripe", paymentMethod: "pm_card_visa" },
  });
});

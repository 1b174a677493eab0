import { afterEach, beforeEach, expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { HeldAnswers } from "../http/held-answers.ts";
import { isOutage } from "../http/problems.ts";
import { type EdgeUnderTest, edgeUnderTest, eventually } from "../testing/edge-under-test.ts";
import { productView, summaryView } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
let now = 0;
const product = productView(summaryView({ title: "Lamp" }));
const paths = [`/v1/products/${product.slug}`, "/v1/stock?sku=LAMP-1", "/v1/categories"];

beforeEach(async () => {
  now = 0;
  const answers = new HeldAnswers({ sizeMax: 100_000, keepMs: 3_600_000, isOutage, now: () => now });
  edge = await edgeUnderTest({ deps: { answers } });
  await edge.seedShop();
  await edge.seed(keys.product("USD", product.slug), product);
  await edge.seed(keys.stock("LAMP-1"), { sku: "LAMP-1", available: 3, status: "low_stock", asOf: product.id });
  await edge.seed(keys.categories(), { items: [] });
});
afterEach(() => edge[Symbol.asyncDispose]());

async function cutOff(): Promise<void> {
  const { redis, listener } = edge.parts;
  for (const connection of [redis, listener]) connection.disconnect();
  await eventually(() => expect([redis.status, listener.status]).toEqual(["end", "end"]));
}

test("with Redis away what was asked for before is answered, and says how old it is", async () => {
  const bodies = new Map<string, string>();
  for (const path of paths) bodies.set(path, await (await edge.ask(path)).text());
  await cutOff();
  now = 90_000;
  for (const path of paths) {
    const answer = await edge.ask(path);
    expect([path, answer.status, answer.headers.get("age")]).toEqual([path, 200, "90"]);
    expect(await answer.text()).toBe(bodies.get(path) ?? "");
  }
  const unknown = await edge.ask("/v1/products/never-asked-for");
  expect(unknown.status).toBe(503);
  expect(unknown.headers.get("retry-after")).not.toBeNull();
});

test("when Redis is back the answers are new again, by themselves", async () => {
  const [path = ""] = paths;
  await edge.ask(path);
  await cutOff();
  expect((await edge.ask(path)).status).toBe(200);
  await Promise.all([edge.parts.redis.connect(), edge.parts.listener.connect()]);
  await edge.seed(keys.product("USD", product.slug), { ...product, title: "Brighter lamp" });
  await eventually(async () => {
    expect(await (await edge.ask(path)).json()).toMatchObject({ title: "Brighter lamp" });
  });
});

test("every answer says when what it shows was written", async () => {
  for (const path of paths) {
    const written = (await edge.ask(path)).headers.get("last-modified");
    expect(Math.abs(Date.now() - Date.parse(written ?? ""))).toBeLessThan(60_000);
  }
});

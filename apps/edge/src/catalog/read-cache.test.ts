import { expect, test } from "bun:test";
import { packEnvelope } from "@stoa/read-models";
import { ReadCache } from "./read-cache.ts";

function stored(body: string): string {
  return packEnvelope({ version: { major: 1, minor: 0 }, etag: '"e"', writtenAt: 0, body });
}

function cacheOver(texts: Map<string, string>, options: { sizeMax?: number; now?: () => number } = {}) {
  const loads: string[] = [];
  const cache = new ReadCache({
    sizeMax: options.sizeMax ?? 10_000,
    ageMaxMs: 1_000,
    ...(options.now ? { now: options.now } : {}),
    load: async (key) => {
      loads.push(key);
      return texts.get(key) ?? null;
    },
  });
  return { cache, loads };
}

test("while closed every read passes through", async () => {
  const { cache, loads } = cacheOver(new Map([["a", stored("1")]]));
  await cache.read("a");
  await cache.read("a");
  expect(loads).toEqual(["a", "a"]);
  expect(cache.size).toBe(0);
});

test("while open a model is read once, also by many at the same time", async () => {
  const { cache, loads } = cacheOver(new Map([["a", stored("1")]]));
  cache.open();
  await Promise.all([cache.read("a"), cache.read("a")]);
  expect(await cache.read("a")).toEqual({ etag: '"e"', body: "1" });
  expect(loads).toEqual(["a"]);
});

test("an invalidation that comes while a model is on its way keeps the old one out", async () => {
  const texts = new Map([["a", stored("old")]]);
  const { cache } = cacheOver(texts);
  cache.open();
  const reading = cache.read("a");
  texts.set("a", stored("new"));
  cache.invalidate(["a"]);
  await reading;
  expect(Object(await cache.read("a")).body).toBe("new");
});

test("what is missing is asked for again each time", async () => {
  const { cache, loads } = cacheOver(new Map());
  cache.open();
  expect(await cache.read("a")).toBeNull();
  await cache.read("a");
  expect(loads).toEqual(["a", "a"]);
});

test("the least used models make room, and a giant one is not held at all", async () => {
  const texts = new Map(["a", "b", "c", "d"].map((key) => [key, stored("x".repeat(90))]));
  texts.set("giant", stored("x".repeat(101)));
  const { cache, loads } = cacheOver(texts, { sizeMax: 1_000 });
  cache.open();
  for (let index = 0; index < 11; index += 1) texts.set(`k${index}`, stored("x".repeat(90)));
  await cache.read("a");
  for (let index = 0; index < 9; index += 1) await cache.read(`k${index}`);
  await cache.read("a");
  await cache.read("k9");
  await cache.read("k10");
  expect(cache.size).toBeLessThanOrEqual(1_000);
  const before = loads.length;
  await cache.read("a");
  expect(loads.length).toBe(before);
  await cache.read("k0");
  expect(loads.length).toBe(before + 1);
  await cache.read("giant");
  await cache.read("giant");
  expect(loads.filter((key) => key === "giant")).toHaveLength(2);
});

test("a model is not served past its age, and closing forgets all", async () => {
  let now = 0;
  const { cache, loads } = cacheOver(new Map([["a", stored("1")]]), { now: () => now });
  cache.open();
  await cache.read("a");
  now = 1_001;
  await cache.read("a");
  expect(loads).toHaveLength(2);
  cache.close();
  expect(cache.size).toBe(0);
});

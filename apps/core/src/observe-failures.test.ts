import { expect, setDefaultTimeout, test } from "bun:test";
import { startTcpProxy } from "@stoa/devstack/tcp-proxy";
import { type Logger, silentLogger } from "@stoa/runtime";
import { Redis } from "ioredis";
import { failureLog } from "./observe-failures.ts";
import { testShop } from "./projections/testing/shop.ts";

setDefaultTimeout(60_000);

const redisUrl = process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379";
const SWEEPS = 10;

test("with Redis away a projection is told once for each kind of error, however often it is tried, and when it works again", async () => {
  await using shop = await testShop();
  const proxy = await startTcpProxy({ target: { port: Number(new URL(redisUrl).port) } });
  const client = { maxRetriesPerRequest: 0, enableOfflineQueue: false, retryStrategy: () => 20, lazyConnect: true };
  const redis = new Redis(proxy.through(redisUrl), { ...client, db: shop.redis.options.db ?? 0 });
  redis.on("error", () => undefined);
  await redis.connect();
  const lines: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (message, { work, error } = {}) =>
      void lines.push(`${message} ${work} ${error instanceof Error && error.name}`),
    info: (message, { work, count } = {}) => void lines.push(`${message} ${work} ${count}`),
  };
  const words = { level: "warn", failed: "failed", over: "again", named: "work" } as const;
  const projections = shop.anotherCore({ redis, ...failureLog(logger, words) });

  proxy.setMode({ kind: "refuse" });
  proxy.cutAll();
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) await projections.sweep();
  const told = [...lines];
  expect(told.filter((line) => line.startsWith("failed shop"))).not.toEqual([]);
  expect(told).toHaveLength(new Set(told).size);

  proxy.setMode({ kind: "pass" });
  await new Promise((resolve) => redis.once("ready", resolve));
  await projections.sweep();
  expect(lines.slice(told.length).filter((line) => line.startsWith("again shop"))).toHaveLength(1);
  redis.disconnect();
  await proxy.stop();
});

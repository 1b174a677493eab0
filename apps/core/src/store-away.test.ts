import { afterAll, beforeAll, expect, test } from "bun:test";
import { startTcpProxy, type TcpProxy } from "@stoa/devstack/tcp-proxy";
import { problem, systemClock } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { openRedis } from "./clients.ts";
import { openDatabase } from "./platform/db/index.ts";
import { anyStaffProcedure, refusalOf, router } from "./platform/rpc/index.ts";
import { isStoreAway } from "./platform/store-away.ts";
import { openCatalog } from "./services/catalog/index.ts";

const postgresUrl = process.env.TEST_DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/postgres";
const redisUrl = process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379";
const mongoUrl = process.env.TEST_MONGODB_URL ?? "mongodb://127.0.0.1:27018";
const TEST_MS = 60_000;
/** Time enough for a busy machine's answer, and what a network that swallows all costs this test. */
const database = { poolSize: 1, statementTimeoutMs: 1_000, applicationName: "test" };

const proxies: TcpProxy[] = [];
let proxyOf: (url: string) => Promise<TcpProxy>;
beforeAll(() => {
  proxyOf = async (url) => {
    const proxy = await startTcpProxy({ target: { port: Number(new URL(url).port) } });
    proxies.push(proxy);
    return proxy;
  };
});
afterAll(() => Promise.all(proxies.map((proxy) => proxy.stop())));

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

test(
  "a store that cannot be reached, or does not answer, is away",
  async () => {
    const proxy = {
      postgres: await proxyOf(postgresUrl),
      mongodb: await proxyOf(mongoUrl),
      redis: await proxyOf(redisUrl),
    };
    await using connection = openDatabase({ url: proxy.postgres.through(postgresUrl), ...database });
    const catalog = openCatalog(proxy.mongodb.through(mongoUrl), "stoa_away");
    const redis = openRedis({ REDIS_URL: proxy.redis.through(redisUrl) });
    const asks = [() => connection.db.execute(sql`select 1`), () => catalog.ping(), () => redis.ping()];
    await redis.connect();
    for (const ask of asks) await ask();
    for (const kind of ["blackHole", "refuse"] as const) {
      for (const one of Object.values(proxy)) {
        one.setMode({ kind });
        if (kind === "refuse") one.cutAll();
      }
      const errors = await Promise.all(asks.map((ask) => errorOf(ask())));
      expect([kind, errors.map(isStoreAway)]).toEqual([kind, [true, true, true]]);
    }
    redis.disconnect();
    await catalog[Symbol.asyncDispose]();
  },
  TEST_MS,
);

test("what a store answers is no outage, but that it was asked too much", async () => {
  await using connection = openDatabase({ url: postgresUrl, ...database });
  expect(isStoreAway(await errorOf(connection.db.execute(sql`select * from nowhere`)))).toBe(false);
  expect(isStoreAway(await errorOf(connection.db.execute(sql`select pg_sleep(60)`)))).toBe(true);
  for (const other of [new TypeError("x is undefined"), problem("not_found"), "text", null])
    expect(isStoreAway(other)).toBe(false);
});

test("a call that needs what is away is refused with 503, and told when to come again", async () => {
  const lost = Object.assign(new Error("connect refused"), { code: "ECONNREFUSED" });
  const door = router({
    ask: anyStaffProcedure.query(() => {
      throw new Error("Failed query", { cause: lost });
    }),
  });
  const actor = { kind: "staff" } as never;
  const context = { actor, requestId: "request-1", traceparent: null, idempotencyKey: null, clock: systemClock };
  const error = await door
    .createCaller(context)
    .ask()
    .catch((failed) => failed);
  const { code, members } = refusalOf(error);
  expect([error.code, code, members]).toEqual(["SERVICE_UNAVAILABLE", "service_unavailable", { retryAfterSeconds: 2 }]);
});

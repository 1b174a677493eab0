import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { OrdersController } from "@paypal/paypal-server-sdk";
import { startTcpProxy, type TcpProxy } from "@stoa/devstack/tcp-proxy";
import { type Instant, newId, systemClock } from "@stoa/kernel";
import { Client as QstashClient } from "@upstash/qstash";
import { sql } from "drizzle-orm";
import { openRedis } from "./clients.ts";
import { openDatabase, transact } from "./platform/db/index.ts";
import { SearchIndex } from "./projections/search-index.ts";
import { openCatalog } from "./services/catalog/index.ts";
import { createPaypalClient, createStripeClient } from "./services/payments/index.ts";
import { createPublisher } from "./webhooks/qstash.ts";

const postgresUrl = process.env.TEST_DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/postgres";
const redisUrl = process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379";
const mongoUrl = process.env.TEST_MONGODB_URL ?? "mongodb://127.0.0.1:27018";

/** Longer than any client may wait: were one to wait for ever, its test would end here. */
const TEST_MS = 60_000;

let silent: TcpProxy;
let listener: { stop(): void };
beforeAll(async () => {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("never seen") });
  listener = server;
  silent = await startTcpProxy({ target: { port: Number(server.port) } });
  silent.setMode({ kind: "blackHole" });
});
afterAll(async () => {
  await silent.stop();
  listener.stop();
});

const proxyOf = (url: string) => startTcpProxy({ target: { port: Number(new URL(url).port) } });
const refused = (work: Promise<unknown>) =>
  work.then(
    () => "answered",
    () => "gave up",
  );
const httpUrl = () => `http://127.0.0.1:${silent.port}`;

describe("a network that swallows all that is sent keeps nobody waiting for ever", () => {
  test.concurrent(
    "Postgres: a statement, a transaction that is open, and one that would begin",
    async () => {
      await using proxy = await proxyOf(postgresUrl);
      const options = {
        url: proxy.through(postgresUrl),
        poolSize: 2,
        statementTimeoutMs: 1_000,
        applicationName: "test",
      };
      const { db } = openDatabase(options);
      await db.execute(sql`select 1`);
      const open = transact(db, async (tx) => {
        await tx.execute(sql`select 1`);
        proxy.setMode({ kind: "blackHole" });
        await tx.execute(sql`select 2`);
      });
      expect(await refused(open)).toBe("gave up");
      expect(await refused(Promise.resolve(db.execute(sql`select 3`)))).toBe("gave up");
      expect(await refused(transact(db, async () => undefined))).toBe("gave up");
      proxy.setMode({ kind: "pass" });
      proxy.cutAll();
      await db.execute(sql`select 4`);
    },
    TEST_MS,
  );

  test.concurrent(
    "Redis: a command on an open connection",
    async () => {
      await using proxy = await proxyOf(redisUrl);
      const redis = openRedis({ REDIS_URL: proxy.through(redisUrl) });
      await redis.connect();
      await redis.ping();
      proxy.setMode({ kind: "blackHole" });
      expect(await refused(redis.ping())).toBe("gave up");
      redis.disconnect();
    },
    TEST_MS,
  );

  test.concurrent(
    "MongoDB: a command on an open connection, and the first one",
    async () => {
      await using proxy = await proxyOf(mongoUrl);
      const known = openCatalog(proxy.through(mongoUrl), "stoa_black_hole");
      await known.ping();
      proxy.setMode({ kind: "blackHole" });
      const fresh = openCatalog(proxy.through(mongoUrl), "stoa_black_hole");
      expect(await Promise.all([refused(known.ping()), refused(fresh.ping())])).toEqual(["gave up", "gave up"]);
      proxy.cutAll();
      await Promise.all([known[Symbol.asyncDispose](), fresh[Symbol.asyncDispose]()]);
    },
    TEST_MS,
  );

  test.concurrent(
    "Typesense",
    async () => {
      const index = new SearchIndex({ url: httpUrl(), apiKey: "key" });
      expect(await refused(index.current())).toBe("gave up");
    },
    TEST_MS,
  );

  test.concurrent(
    "QStash",
    async () => {
      const client = new QstashClient({ baseUrl: httpUrl(), token: "token", enableTelemetry: false, retry: false });
      const publish = createPublisher({ client, webhookBaseUrl: "http://127.0.0.1:1", clock: systemClock });
      const now = systemClock.now();
      const row = {
        id: newId("msg"),
        channel: "queue",
        type: "test",
        key: "key",
        payload: {},
        availableAt: now as Instant,
      };
      expect(await refused(publish([{ ...row, attempts: 0 } as never]))).toBe("gave up");
    },
    TEST_MS,
  );

  test.concurrent(
    "Stripe and PayPal",
    async () => {
      const stripe = createStripeClient({ apiUrl: httpUrl(), secretKey: "sk_test" });
      const paypal = createPaypalClient({ apiUrl: httpUrl(), clientId: "id", clientSecret: "secret" });
      const asked = [stripe.paymentIntents.retrieve("pi_1"), new OrdersController(paypal).getOrder({ id: "O-1" })];
      expect(await Promise.all(asked.map(refused))).toEqual(["gave up", "gave up"]);
    },
    TEST_MS,
  );
});

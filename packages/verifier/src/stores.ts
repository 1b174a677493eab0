import { Redis } from "ioredis";
import { type Db, MongoClient } from "mongodb";
import postgres from "postgres";

/** Where the shop's truth and its copies lie. Only Postgres is always there. */
export interface Stores extends AsyncDisposable {
  readonly sql: postgres.Sql;
  readonly redis: Redis | null;
  readonly mongo: Db | null;
  readonly typesense: { readonly url: string; readonly apiKey: string } | null;
  /** Books of the payment stand-ins, as JSON at `<url>/_stoa/books`. */
  readonly stripe: string | null;
  readonly paypal: string | null;
}

export type StoreName = "postgres" | "redis" | "mongodb" | "typesense" | "stripe" | "paypal";

export interface StoreNames {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  readonly mongodbUrl?: string | undefined;
  readonly typesenseUrl?: string | undefined;
  readonly typesenseApiKey?: string | undefined;
  readonly stripeUrl?: string | undefined;
  readonly paypalUrl?: string | undefined;
}

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 60_000;

/** Opens what is named, for reading only. @throws when Redis does not answer; the others report at the first question. */
export async function openStores(names: StoreNames): Promise<Stores> {
  const sql = postgres(names.databaseUrl, {
    max: 2,
    connect_timeout: CONNECT_TIMEOUT_MS / 1_000,
    onnotice: () => undefined,
    connection: {
      application_name: "verifier",
      statement_timeout: STATEMENT_TIMEOUT_MS,
      default_transaction_read_only: true,
    },
  });
  const redis = names.redisUrl === undefined ? null : openRedis(names.redisUrl);
  const client = names.mongodbUrl === undefined ? null : openMongo(names.mongodbUrl);
  const { typesenseUrl: url, typesenseApiKey: apiKey } = names;
  await redis?.connect();
  return {
    sql,
    redis,
    mongo: client?.db() ?? null,
    typesense: url !== undefined && apiKey !== undefined ? { url, apiKey } : null,
    stripe: names.stripeUrl ?? null,
    paypal: names.paypalUrl ?? null,
    async [Symbol.asyncDispose]() {
      redis?.disconnect();
      await Promise.all([sql.end({ timeout: 5 }), client?.close()]);
    },
  };
}

function openRedis(url: string): Redis {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, connectTimeout: CONNECT_TIMEOUT_MS });
  redis.on("error", () => undefined);
  return redis;
}

function openMongo(url: string): MongoClient {
  return new MongoClient(url, { serverSelectionTimeoutMS: CONNECT_TIMEOUT_MS, appName: "verifier" });
}

/** Whether everything that is asked for is open. */
export function hasStores(stores: Stores, needs: readonly StoreName[]): boolean {
  const open: Readonly<Record<StoreName, unknown>> = { ...stores, postgres: stores.sql, mongodb: stores.mongo };
  return needs.every((name) => open[name] !== null);
}

import { Client as QstashClient, Receiver } from "@upstash/qstash";
import { Redis } from "ioredis";
import { MongoClient } from "mongodb";
import { Client as TypesenseClient } from "typesense";
import type { CoreConfig } from "./config.ts";

/**
 * Every client's patience, in one table: by default most of them wait far longer than a breaker or a shopper would.
 * Milliseconds.
 */
export const patience = {
  redis: { connectTimeout: 2_000, commandTimeout: 2_000 },
  mongodb: {
    connectTimeoutMS: 2_000,
    serverSelectionTimeoutMS: 3_000,
    socketTimeoutMS: 20_000,
    waitQueueTimeoutMS: 3_000,
  },
  typesense: { connectionTimeoutSeconds: 5, numRetries: 2, retryIntervalSeconds: 0.2 },
} as const;

export function openRedis(config: Pick<CoreConfig, "REDIS_URL">): Redis {
  const redis = new Redis(config.REDIS_URL, {
    ...patience.redis,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    lazyConnect: true,
    retryStrategy: (times) => Math.min(2_000, 50 * 2 ** Math.min(times, 6)),
  });
  // Without a listener an outage of Redis would end the process; the commands themselves report it.
  redis.on("error", () => undefined);
  return redis;
}

/** A connection of its own for subscriptions: it keeps its subscriptions over a reconnect. */
export function openSubscriber(config: Pick<CoreConfig, "REDIS_URL">): Redis {
  const redis = new Redis(config.REDIS_URL, {
    connectTimeout: patience.redis.connectTimeout,
    maxRetriesPerRequest: null,
    lazyConnect: true,
    autoResubscribe: true,
    retryStrategy: (times) => Math.min(2_000, 50 * 2 ** Math.min(times, 6)),
  });
  redis.on("error", () => undefined);
  return redis;
}

export function openMongo(config: Pick<CoreConfig, "MONGODB_URL">): MongoClient {
  return new MongoClient(config.MONGODB_URL, { ...patience.mongodb, maxPoolSize: 20, appName: "stoa-core" });
}

export function openTypesense(config: Pick<CoreConfig, "TYPESENSE_URL" | "TYPESENSE_API_KEY">): TypesenseClient {
  const { hostname, port, protocol } = new URL(config.TYPESENSE_URL);
  const scheme = protocol.replace(":", "");
  const node = { host: hostname, port: Number(port) || (scheme === "https" ? 443 : 80), protocol: scheme };
  return new TypesenseClient({ ...patience.typesense, nodes: [node], apiKey: config.TYPESENSE_API_KEY });
}

export function openQstash(config: CoreConfig): { readonly client: QstashClient; readonly receiver: Receiver } {
  return {
    client: new QstashClient({
      baseUrl: config.QSTASH_URL,
      token: config.QSTASH_TOKEN,
      enableTelemetry: false,
      // The relay tries again by itself; retries inside a request would only hold up the rows behind it.
      retry: { retries: 1, backoff: () => 100 },
    }),
    receiver: new Receiver({
      currentSigningKey: config.QSTASH_CURRENT_SIGNING_KEY,
      nextSigningKey: config.QSTASH_NEXT_SIGNING_KEY,
    }),
  };
}

import { onceAnOutage, patience } from "@stoa/runtime";
import { Client as QstashClient, Receiver } from "@upstash/qstash";
import { Redis } from "ioredis";
import type { CoreConfig } from "./config.ts";

/**
 * The commands themselves say of an outage only that there is no connection; `onLost` is told why, once each time that it is lost.
 */
export function openRedis(config: Pick<CoreConfig, "REDIS_URL">, onLost: (error: Error) => void = () => {}): Redis {
  const redis = new Redis(config.REDIS_URL, {
    ...patience.redisInCore,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    lazyConnect: true,
    retryStrategy: (times) => Math.min(2_000, 50 * 2 ** Math.min(times, 6)),
  });
  onceAnOutage(redis, onLost);
  return redis;
}

/** How a Redis names itself, asked once a connection; another one after a failover or a restart, null where it does not say. */
export function serverNameOf(redis: Pick<Redis, "info" | "on">): () => Promise<string | null> {
  let asked: Promise<string | null> | null = null;
  redis.on("ready", () => {
    asked = null;
  });
  return () => {
    asked ??= redis.info("replication").then(
      (text) => /^master_replid:(\w+)/m.exec(text)?.[1] ?? null,
      () => null,
    );
    return asked;
  };
}

/** A connection of its own for subscriptions: it keeps its subscriptions over a reconnect. */
export function openSubscriber(config: Pick<CoreConfig, "REDIS_URL">): Redis {
  const redis = new Redis(config.REDIS_URL, {
    connectTimeout: patience.redisInCore.connectTimeout,
    maxRetriesPerRequest: null,
    lazyConnect: true,
    autoResubscribe: true,
    retryStrategy: (times) => Math.min(2_000, 50 * 2 ** Math.min(times, 6)),
  });
  redis.on("error", () => undefined);
  return redis;
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

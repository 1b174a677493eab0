import { patience } from "@stoa/runtime";
import { Client as QstashClient, Receiver } from "@upstash/qstash";
import { Redis } from "ioredis";
import type { CoreConfig } from "./config.ts";

export function openRedis(config: Pick<CoreConfig, "REDIS_URL">): Redis {
  const redis = new Redis(config.REDIS_URL, {
    ...patience.redisInCore,
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

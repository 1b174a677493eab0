import { Breaker, type Guards, type Logger, onceAnOutage, patience } from "@stoa/runtime/portable";
import { Redis } from "ioredis";

const RECONNECT_DELAY_MS_MAX = 1_000;

/** No queue and no patience: a read that Redis does not answer at once becomes a 503, not a hanging request. */
const fastFailing = {
  lazyConnect: true,
  enableOfflineQueue: false,
  enableAutoPipelining: true,
  maxRetriesPerRequest: 1,
  ...patience.redisAtEdge,
  retryStrategy: (attempt: number) => Math.min(50 * attempt, RECONNECT_DELAY_MS_MAX),
};

export interface RedisChoices {
  readonly autoResubscribe?: boolean;
  readonly enableAutoPipelining?: boolean;
  readonly keyPrefix?: string;
  /** Other waits than edge's own, in milliseconds. */
  readonly connectTimeout?: number;
  readonly commandTimeout?: number;
}

/** A client that is told to connect, keeps reconnecting by itself, and tells the log alone, once, that its connection is lost. */
export function createRedis(url: string, logger: Logger, choices: RedisChoices = {}): Redis {
  const redis = new Redis(url, { ...fastFailing, ...choices });
  onceAnOutage(redis, (error) => logger.warn("the connection to Redis is lost", { error }));
  return redis;
}

/** Waits for the first connection, but no longer than its time-out: edge also starts while Redis is away. */
export async function connectRedis(redis: Redis): Promise<void> {
  await redis.connect().catch(() => {});
}

const BREAKER = { failures: 5, halfOpenAfterMs: 500 };

/** Opens when Redis has not answered a few commands in a row; what is done then is up to whoever holds the connection. */
export function redisBreaker(guards: Guards, onOpen: () => void = () => {}): Breaker {
  const breaker = new Breaker({
    ...BREAKER,
    onChange: (state) => {
      if (state !== "half_open")
        guards.observe({ dependency: "redis", kind: state === "open" ? "opened" : "closed", durationMs: 0 });
      if (state === "open") onOpen();
    },
  });
  guards.watch("redis", () => ({ breaker: breaker.state }));
  return breaker;
}

const LISTENING_MS = 5_000;

/** A listening connection says nothing by itself: it is asked now and then, and left for a new one when it does not answer. */
export function keepListening(redis: Redis): Disposable {
  const timer = setInterval(() => {
    if (redis.status !== "ready") return;
    redis.ping().catch(() => redis.disconnect(true));
  }, LISTENING_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

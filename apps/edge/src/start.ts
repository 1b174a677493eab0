import {
  createLogger,
  createMetrics,
  Departure,
  type Guards,
  type Logger,
  METRICS_CONTENT_TYPE,
  type Metrics,
} from "@stoa/runtime";
import type { Redis } from "ioredis";
import { followShopChanges } from "./catalog/shop.ts";
import { composeEdge, measuredGuards } from "./compose.ts";
import type { EdgeConfig } from "./config.ts";
import type { EdgeDeps } from "./deps.ts";
import { createEdge } from "./edge.ts";
import { followInvalidations, HeldAnswers } from "./http/held-answers.ts";
import { followKeyChanges } from "./http/key-ring.ts";
import { watchLag } from "./http/load-shedding.ts";
import { isOutage } from "./http/problems.ts";
import { urlOf } from "./http/url.ts";
import { openEdgeMedia } from "./media/open-media.ts";
import { connectRedis, createRedis, keepListening, redisBreaker } from "./redis/connect.ts";
import { createStore } from "./redis/store.ts";
import { createSubscriptions } from "./redis/subscriptions.ts";

/** How old an answer may get while nothing newer can be had: longer than anybody sleeps. */
const KEEP_MS = 24 * 3_600_000;

/** A server that nobody has asked for so long may close its door. */
const QUIET_MS = 300;

export interface RunningEdge {
  readonly url: string;
  readonly logger: Logger;
  /** Ends event streams, answers until nobody asks any more, then takes no more, lets the rest finish, and closes what is open. */
  stop(): Promise<void>;
}

/** Edge on Bun's server, connected and listening. @throws when the port is taken. */
export async function startEdge(config: EdgeConfig): Promise<RunningEdge> {
  const logger = createLogger({ name: "edge", level: config.LOG_LEVEL });
  const metrics = createMetrics({ app: "edge" });
  const redis = createRedis(config.REDIS_URL, logger);
  const listener = createRedis(config.REDIS_URL, logger, { autoResubscribe: false, enableAutoPipelining: false });
  const departure = new Departure();
  const guards = measuredGuards(metrics);
  const media = await openEdgeMedia({ config, logger, metrics, guards });
  const deps = depsOn({ config, logger, metrics, guards, redis, listener, media, departure });
  await Promise.all([connectRedis(redis), connectRedis(listener)]);
  const { server } = createEdge(deps).listen({ port: config.EDGE_PORT, hostname: config.HOST });
  const measured = serveMetrics(config, metrics);
  const [listening, watching] = [keepListening(listener), watchLag(deps.load)];
  const url = `http://${config.HOST}:${server?.port ?? config.EDGE_PORT}`;
  logger.info("listening", { url });
  return {
    url,
    logger,
    stop: async () => {
      // Streams would hold the server for as long as somebody watches; their clients come back to another edge.
      await departure.begin({ quietMs: QUIET_MS, longestMs: config.SHUTDOWN_DRAIN_MS });
      await Promise.race([server?.stop(), Bun.sleep(config.SHUTDOWN_DEADLINE_MS / 2)]);
      await server?.stop(true);
      await measured?.stop(true);
      listening[Symbol.dispose]();
      watching[Symbol.dispose]();
      redis.disconnect();
      listener.disconnect();
    },
  };
}

interface Parts {
  readonly config: EdgeConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly guards: Guards;
  readonly redis: Redis;
  readonly listener: Redis;
  readonly media: EdgeDeps["media"];
  readonly departure: Departure;
}

function depsOn({ config, logger, metrics, guards, redis, listener, media, departure }: Parts): EdgeDeps {
  // What has gone silent is left for a new connection: the server behind it may be another by now.
  const breaker = redisBreaker(guards, () => redis.disconnect(true));
  const store = createStore({ client: () => redis, breaker, logger });
  const subscriptions = createSubscriptions(listener, logger);
  // A character of a string takes up to two bytes.
  const answers = new HeldAnswers({ sizeMax: config.CACHE_BYTES / 2, keepMs: KEEP_MS, isOutage });
  followInvalidations(answers, subscriptions);
  const deps = composeEdge(config, {
    logger,
    metrics,
    departure,
    guards,
    store,
    subscriptions,
    answers,
    gzip: (text) => Bun.gzipSync(text),
    media,
    socketAddress: (request, server) => server?.requestIP(request)?.address ?? "unknown",
  });
  followKeyChanges(deps.keyRing, subscriptions);
  followShopChanges(store, subscriptions);
  return deps;
}

/** A listener of its own for Prometheus, where the configuration asks for one. */
function serveMetrics(config: EdgeConfig, metrics: Metrics) {
  if (config.METRICS_PORT === undefined) return null;
  return Bun.serve({
    port: config.METRICS_PORT,
    hostname: config.HOST,
    fetch: async (request) => {
      if (urlOf(request).pathname !== "/metrics") return new Response(null, { status: 404 });
      return new Response(await metrics.metricsText(), { headers: { "content-type": METRICS_CONTENT_TYPE } });
    },
  });
}

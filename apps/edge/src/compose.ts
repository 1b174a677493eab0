import { systemClock } from "@stoa/kernel";
import { PRODUCTS_ALIAS } from "@stoa/read-models";
import { createHealth, Guards, type Logger, type Metrics, type ResilienceEvent } from "@stoa/runtime/portable";
import { createProductSearch } from "./catalog/search-index.ts";
import { countSearches } from "./catalog/search-metrics.ts";
import type { EdgeConfig } from "./config.ts";
import { createCoreClient } from "./core-client.ts";
import type { EdgeDeps, EdgeSettings } from "./deps.ts";
import { createCoreForward } from "./http/forward.ts";
import { KeyRing } from "./http/key-ring.ts";
import { fullBy, LoadShedder } from "./http/load-shedding.ts";
import { RateLimiter } from "./http/rate-limit.ts";
import { createShopKeys } from "./http/shop-keys.ts";
import { StreamPlaces } from "./orders/stream-places.ts";
import type { Store } from "./redis/store.ts";

const CHECK_TIMEOUT_MS = 1_000;
const READS_PER_LEASE = 50;

/** What differs between Bun's server and a Worker. */
export interface Platform
  extends Pick<
    EdgeDeps,
    "answers" | "departure" | "gzip" | "media" | "socketAddress" | "store" | "subscriptions" | "metrics" | "logger"
  > {
  /** Already watching Redis. */
  readonly guards: Guards;
  readonly adapter?: EdgeDeps["adapter"];
}

/** Everything edge is made of, from its configuration and what its platform offers. */
export function composeEdge(config: EdgeConfig, platform: Platform): EdgeDeps {
  const { logger, metrics, store, adapter, guards, ...rest } = platform;
  const { CORE_URL: coreUrl, INTERNAL_TOKEN_SECRET: internalTokenSecret } = config;
  return {
    ...rest,
    ...(adapter ? { adapter } : {}),
    logger,
    metrics,
    store,
    settings: settingsOf(config),
    clock: systemClock,
    streams: new StreamPlaces(config.ORDER_STREAMS_MAX),
    limiter: new RateLimiter(store, systemClock),
    keyRing: new KeyRing(store, systemClock),
    searched: countSearches(metrics),
    search: createProductSearch({
      url: config.TYPESENSE_URL,
      apiKey: config.TYPESENSE_API_KEY,
      collection: PRODUCTS_ALIAS,
      logger,
      guards,
    }),
    core: createCoreClient({
      url: coreUrl,
      internalTokenSecret,
      logger,
      guards,
      timeoutMs: config.CORE_TIMEOUT_MS,
      checkoutTimeoutMs: config.CORE_CHECKOUT_TIMEOUT_MS,
    }),
    forward: createCoreForward({ coreUrl, internalTokenSecret, timeoutMs: config.CORE_TIMEOUT_MS, guards }),
    jwks: createShopKeys(coreUrl),
    health: createEdgeHealth({ coreUrl, store, logger }),
    dependencies: () => guards.states(),
    load: new LoadShedder({ metrics, isFull: fullBy(guards) }),
  };
}

function settingsOf(config: EdgeConfig): EdgeSettings {
  return {
    publicUrl: new URL(config.PUBLIC_URL).origin,
    storefrontOrigins: config.STOREFRONT_ORIGINS.map((url) => new URL(url).origin),
    trustedProxies: config.TRUSTED_PROXIES,
    metricsOnPublicListener: config.METRICS_PORT === undefined,
    settleWaitMs: config.ORDER_SETTLE_WAIT_MS,
    limits: {
      read: { perMinute: config.RATE_LIMIT_READS_PER_MINUTE, lease: READS_PER_LEASE },
      write: { perMinute: config.RATE_LIMIT_WRITES_PER_MINUTE },
      checkout: { perMinute: config.RATE_LIMIT_CHECKOUTS_PER_MINUTE },
      lookup: { perMinute: config.RATE_LIMIT_LOOKUPS_PER_MINUTE },
      auth: { perMinute: config.RATE_LIMIT_AUTH_PER_MINUTE },
    },
  };
}

export interface HealthParts {
  readonly coreUrl: string;
  readonly store: Store;
  readonly logger: Logger;
}

/** Ready means that a checkout could succeed; search is not needed for one. */
export function createEdgeHealth({ coreUrl, store, logger }: HealthParts) {
  return createHealth({
    timeoutMs: CHECK_TIMEOUT_MS,
    onFailure: (name, error) => logger.warn("a dependency is not ready", { dependency: name, error }),
    checks: {
      redis: () => store.ping(),
      core: async () => {
        const answer = await fetch(new URL("/readyz", coreUrl), { signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) });
        if (!answer.ok) throw new Error(`core answered ${answer.status}`);
      },
    },
  });
}

/** Guards whose calls are counted and whose state can be read at any time. */
export function measuredGuards(metrics: Metrics): Guards {
  const guards = new Guards(observer(metrics));
  const gauge = (name: string, help: string) => metrics.gauge({ name, help, labels: ["dependency"] });
  const breaker = gauge("dependency_breaker_state", "0 closed, 1 half open, 2 open.");
  const running = gauge("dependency_calls_running", "Calls that are under way.");
  const waiting = gauge("dependency_calls_waiting", "Calls that wait for a place.");
  const limit = gauge("dependency_calls_limit", "Most calls at once, as things stand.");
  metrics.onReading(() => {
    for (const [dependency, state] of Object.entries(guards.states())) {
      breaker({ dependency }, ["closed", "half_open", "open"].indexOf(state.breaker));
      if (state.limit === undefined) continue;
      limit({ dependency }, state.limit);
      running({ dependency }, state.running ?? 0);
      waiting({ dependency }, state.waiting ?? 0);
    }
  });
  return guards;
}

function observer(metrics: Metrics): (event: ResilienceEvent) => void {
  const calls = metrics.histogram({
    name: "dependency_call_duration_seconds",
    help: "Calls to dependencies by how they ended.",
    labels: ["dependency", "outcome"],
  });
  const events = metrics.counter({
    name: "dependency_events_total",
    help: "Retries, and breakers that opened or closed.",
    labels: ["dependency", "event"],
  });
  return ({ dependency, kind, durationMs }) => {
    if (kind === "retried" || kind === "opened" || kind === "closed") events({ dependency, event: kind });
    else calls({ dependency, outcome: kind }, durationMs / 1_000);
  };
}

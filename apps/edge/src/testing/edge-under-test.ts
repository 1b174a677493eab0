import { type Clock, newId, systemClock } from "@stoa/kernel";
import { keys, packEnvelope, SESSION_KEY_PREFIX } from "@stoa/read-models";
import { createHealth, Guards, noMetrics, type ResilienceOptions, silentLogger } from "@stoa/runtime/portable";
import { createProductSearch } from "../catalog/search-index.ts";
import { followShopChanges } from "../catalog/shop.ts";
import { createCoreClient } from "../core-client.ts";
import type { EdgeDeps, EdgeSettings } from "../deps.ts";
import { createEdge, type Edge } from "../edge.ts";
import { createCoreForward } from "../http/forward.ts";
import { followInvalidations, HeldAnswers } from "../http/held-answers.ts";
import { followKeyChanges, KeyRing } from "../http/key-ring.ts";
import { fullBy, LoadShedder } from "../http/load-shedding.ts";
import { isOutage } from "../http/problems.ts";
import { RateLimiter } from "../http/rate-limit.ts";
import { createShopKeys } from "../http/shop-keys.ts";
import { StreamPlaces } from "../orders/stream-places.ts";
import { createRedis, redisBreaker } from "../redis/connect.ts";
import { createStore } from "../redis/store.ts";
import { createSubscriptions } from "../redis/subscriptions.ts";
import { CoreDouble } from "./core-double.ts";

export const PUBLIC_URL = "http://localhost";
export const TEST_ADDRESS_HEADER = "x-test-socket-address";
const redisUrl = process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6399";
const typesenseUrl = process.env.TEST_TYPESENSE_URL ?? "http://127.0.0.1:18108";
const typesenseKey = process.env.TEST_TYPESENSE_API_KEY ?? "stoa-dev";
const secret = "an internal secret of thirty-two characters";
const off = { perMinute: 0 };
/** How long edge waits is proved where it is what a test is about; elsewhere a busy machine must not make a 503 of an answer. */
const PATIENCE_MS = 30_000;
const unhurried = { connectTimeout: PATIENCE_MS, commandTimeout: PATIENCE_MS };

/** Guards that wait as long for an answer, and for a place, as a test would. */
class UnhurriedGuards extends Guards {
  override guard(options: Omit<ResilienceOptions, "observe">) {
    const bulkhead = { ...options.bulkhead, waitMs: PATIENCE_MS };
    return super.guard({ ...options, timeoutMs: PATIENCE_MS, bulkhead });
  }
}

export interface TestOptions {
  readonly settings?: Partial<EdgeSettings>;
  readonly deps?: Partial<EdgeDeps>;
  readonly clock?: Clock;
  readonly redisUrl?: string;
  readonly typesenseUrl?: string;
}

/** Edge before real Redis and Typesense, under keys of its own, with a double of core behind it. */
export async function edgeUnderTest(options: TestOptions = {}) {
  const core = new CoreDouble().start();
  const prefix = `edge-test:${crypto.randomUUID()}:`;
  const url = options.redisUrl ?? redisUrl;
  const redis = createRedis(url, silentLogger, { ...unhurried, keyPrefix: prefix });
  const choices = { ...unhurried, autoResubscribe: false, enableAutoPipelining: false };
  const listener = createRedis(url, silentLogger, choices);
  const guards = new UnhurriedGuards();
  const store = createStore({ client: () => redis, breaker: redisBreaker(guards), logger: silentLogger });
  const subscriptions = createSubscriptions(listener, silentLogger);
  const clock = options.clock ?? systemClock;
  const answers =
    options.deps?.answers ??
    new HeldAnswers({ sizeMax: 1_000_000, keepMs: 60_000, isOutage, clock: () => clock.now() });
  followInvalidations(answers, subscriptions);
  const hearing = new Promise<void>((resolve) => subscriptions.onHearing((isHearing) => isHearing && resolve()));
  // Until messages are heard no answer is held, so a test that came sooner would see another edge.
  const listening = listener.connect().then(() => hearing);
  await Promise.all([redis.connect().catch(() => {}), listening.catch(() => {})]);
  const collection = `edge-test-${crypto.randomUUID()}`;
  const deps: EdgeDeps = {
    settings: {
      publicUrl: PUBLIC_URL,
      storefrontOrigins: [],
      trustedProxies: 0,
      limits: { read: off, write: off, checkout: off, lookup: off, auth: off },
      metricsOnPublicListener: true,
      settleWaitMs: PATIENCE_MS,
      ...options.settings,
    },
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    health: createHealth({ timeoutMs: PATIENCE_MS, checks: { redis: () => store.ping() } }),
    dependencies: () => guards.states(),
    load: new LoadShedder({ metrics: noMetrics, isFull: fullBy(guards) }),
    store,
    subscriptions,
    streams: new StreamPlaces(1_000),
    answers,
    searched: () => undefined,
    search: createProductSearch({
      url: options.typesenseUrl ?? typesenseUrl,
      apiKey: typesenseKey,
      collection,
      logger: silentLogger,
      guards,
    }),
    limiter: new RateLimiter(store, clock),
    keyRing: new KeyRing(store, clock),
    core: createCoreClient({
      url: core.url,
      internalTokenSecret: secret,
      logger: silentLogger,
      guards,
      timeoutMs: PATIENCE_MS,
      checkoutTimeoutMs: PATIENCE_MS,
    }),
    forward: createCoreForward({ coreUrl: core.url, internalTokenSecret: secret, timeoutMs: PATIENCE_MS, guards }),
    jwks: createShopKeys(core.url),
    gzip: null,
    media: null,
    departure: null,
    socketAddress: (request, server) =>
      request.headers.get(TEST_ADDRESS_HEADER) ?? server?.requestIP(request)?.address ?? "127.0.0.1",
    ...options.deps,
  };
  followKeyChanges(deps.keyRing, subscriptions);
  followShopChanges(store, subscriptions);
  return new EdgeUnderTest({ deps, core, redis, listener, answers, prefix, collection });
}

interface Parts {
  readonly deps: EdgeDeps;
  readonly core: CoreDouble;
  readonly redis: ReturnType<typeof createRedis>;
  readonly listener: ReturnType<typeof createRedis>;
  readonly answers: HeldAnswers;
  readonly prefix: string;
  readonly collection: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  /** Aborted when the caller goes. */
  readonly signal?: AbortSignal;
}

export class EdgeUnderTest {
  readonly app: Edge;
  #listening = false;

  constructor(readonly parts: Parts) {
    this.app = createEdge(parts.deps);
  }

  get core(): CoreDouble {
    return this.parts.core;
  }

  get redis() {
    return this.parts.redis;
  }

  ask(path: string, { method, headers, body, raw, signal }: Ask = {}): Promise<Response> {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    return this.app.handle(
      new Request(`http://localhost${path}`, {
        method: method ?? (content === undefined ? "GET" : "POST"),
        headers: { ...(content === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(content === undefined ? {} : { body: content }),
        ...(signal ? { signal } : {}),
      }),
    );
  }

  /** The origin of a real listener. */
  listen(): string {
    if (!this.#listening) this.app.listen({ port: 0, hostname: "127.0.0.1" });
    this.#listening = true;
    return `http://127.0.0.1:${this.app.server?.port}`;
  }

  /** Stores a read model as core does; its version is the time. `later`: what it becomes, by the time. */
  async seed(
    key: string,
    value: unknown,
    version = Date.now(),
    later: readonly { readonly from: number; readonly value: unknown }[] = [],
  ): Promise<string> {
    const textOf = (model: unknown) => {
      const body = JSON.stringify(model);
      return { body, etag: `"${Bun.hash(body).toString(36)}"` };
    };
    const envelope = packEnvelope({
      version: { major: version, minor: 0 },
      writtenAt: Date.now(),
      ...textOf(value),
      later: later.map((one) => ({ from: one.from, ...textOf(one.value) })),
    });
    await this.redis.set(key, envelope, "EX", 600);
    return envelope;
  }

  /** Settings of the shop, and the mark that the read models are there. */
  async seedShop(settings: object = {}): Promise<void> {
    const plain = {
      name: "Test",
      defaultCurrency: "USD",
      currencies: ["USD", "EUR"],
      lowStockThreshold: 5,
      version: 1,
    };
    const shop = { ...plain, ...settings };
    await this.seed(keys.shop(), shop);
    await this.redis.set(keys.ready(), "1", "EX", 600);
  }

  /** A signed-in customer, as better-auth leaves one in Redis. */
  async signIn(members: { readonly expiresAt?: string; readonly inRedis?: boolean } = {}) {
    const token = crypto.randomUUID().replaceAll("-", "");
    const customerId = newId("cus");
    const user = { id: crypto.randomUUID(), customerId, email: `${customerId}@shop.example`, emailVerified: true };
    const expiresAt = members.expiresAt ?? new Date(Date.now() + 600_000).toISOString();
    const session = JSON.stringify({ session: { token, expiresAt }, user });
    if (members.inRedis !== false) await this.redis.set(SESSION_KEY_PREFIX + token, session, "EX", 600);
    const headers = { authorization: `Bearer ${token}` };
    return { token, customerId, user, headers, cookie: { cookie: `stoa.session_token=${token}.c2lnbmF0dXJl%3D` } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { redis, listener, core, prefix } = this.parts;
    if (this.#listening) await this.app.stop(true);
    if (redis.status === "ready") {
      const left = await redis.keys(`${prefix}*`);
      if (left.length > 0) await redis.unlink(...left.map((key) => key.slice(prefix.length)));
    }
    redis.disconnect();
    listener.disconnect();
    await core.stop();
  }
}

/** Waits until the check holds. @throws after half a minute, with the last failure. */
export async function eventually(check: () => Promise<void> | void): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await Bun.sleep(5);
    }
  }
}

import type { Clock, Instant } from "@stoa/kernel";
import { type AllFields, fieldsChanged } from "../platform/custom-fields/index.ts";
import type { Forward } from "../platform/outbox/index.ts";
import type { CatalogChange, CatalogSource } from "../services/catalog/index.ts";
import type { KeyRing } from "../services/users/index.ts";
import { cached } from "./cached.ts";
import { projectCategories } from "./categories.ts";
import { projectKeyRing } from "./key-ring.ts";
import { oneAtATime } from "./locks.ts";
import { whileMarked } from "./marks.ts";
import type { MovedDeps } from "./moved-redis.ts";
import { nudger } from "./nudges.ts";
import { ownKeys } from "./own-keys.ts";
import { projectDirty } from "./product-projector.ts";
import { type RebuildOptions, type RebuildResult, rebuildReadModels, type StockSource } from "./rebuild.ts";
import { orderConfirmedSchema, recordOrder, refreshRecommendations } from "./recommendations.ts";
import { withRest } from "./rest.ts";
import type { RedisClient } from "./scripts.ts";
import type { SearchIndex } from "./search-index.ts";
import { SearchQueue } from "./search-queue.ts";
import { projectSearchRules } from "./search-rules.ts";
import { projectShop, type Shop } from "./shop-view.ts";
import { writeSitemap } from "./sitemap.ts";
import { stockFactSchema } from "./stock-entry.ts";
import { createStockProjector } from "./stock-projector.ts";
import { ReadModelStore } from "./store.ts";
import { DAMAGED, flushQuietly, type Running, refreshCounts, sweep } from "./sweep.ts";

/** What a handler needs of an outbox row, or of a message that came over the queue. */
export interface ProjectionRow {
  readonly payload: unknown;
  readonly availableAt: Instant;
}

export interface ProjectionsDeps extends Pick<MovedDeps, "server" | "retell">, Pick<Running, "failed" | "done"> {
  readonly redis: RedisClient;
  readonly index: SearchIndex;
  readonly source: CatalogSource;
  readonly stock: StockSource;
  readonly shop: () => Promise<Shop>;
  /** The shop's own fields as they are now. */
  readonly fields: () => Promise<AllFields>;
  readonly keyRing: () => Promise<KeyRing>;
  readonly clock: Clock;
}

const SHOP_CACHE_MS = 2_000;

export type Projections = ReturnType<typeof createProjections>;

/** The read models of the catalog and its stock: handlers for messages, the short cut for writes, and the sweep behind both. */
export function createProjections(options: ProjectionsDeps) {
  const { redis, clock } = options;
  const store = new ReadModelStore(redis, clock);
  const queue = new SearchQueue(redis, clock);
  const shop = cached(options.shop, clock, SHOP_CACHE_MS);
  const deps: MovedDeps = {
    ...options,
    store,
    queue,
    shop,
    damaged: (id, error) => options.failed(DAMAGED, new Error(`${id} cannot be read`, { cause: error })),
    rebuildOthers: async () => projectKeyRing(store, await options.keyRing()),
    lowStockThreshold: async () => (await shop()).view.lowStockThreshold,
  };
  const running: Running = { deps, failed: options.failed, done: options.done };
  const nudges = nudger({
    async products(ids) {
      const shown = await projectDirty(deps, await deps.source.productsById(ids));
      options.done("project");
      await flushQuietly(running, shown);
    },
    tree: (wanted) => (wanted === "written" ? projectCategories(deps) : refreshCounts(deps)),
    rules: () => projectSearchRules(deps),
    failed: (error) => options.failed("project", error),
  });
  return {
    /** By message type. Rows may come more than once and in any order; a throw asks for all of them again. */
    handlers: handlersOf(running),
    /** To be called right after a write to the catalog. Returns at once and never throws. */
    catalogChanged: (change: CatalogChange): void => nudges.take(change),
    /** Waits until what `catalogChanged` has started is done. */
    idle: (): Promise<void> => nudges.idle(),
    /** One round of what the short cuts may have missed. Any number of processes may run it. */
    sweep: (): Promise<void> => sweep(running),
    /** Works recommendations out anew if sales or products have changed since, and not more often than it can afford. */
    refreshRecommendations: async (): Promise<void> => {
      await oneAtATime(redis, "recommendations", () =>
        withRest({ redis, clock }, "recommendations", () =>
          whileMarked(redis, ownKeys.recommendStale, () => refreshRecommendations(deps)),
        ),
      );
    },
    /** Says anew which pages the shop has, if products or categories have changed since, and not more often than it can afford. */
    refreshSitemap: async (): Promise<void> => {
      await oneAtATime(redis, "sitemap", () =>
        withRest({ redis, clock }, "sitemap", () => whileMarked(redis, ownKeys.sitemapStale, () => writeSitemap(deps))),
      );
    },
    /** Null when another process is rebuilding. */
    rebuild: (rebuildOptions?: RebuildOptions): Promise<RebuildResult | null> =>
      oneAtATime(redis, "rebuild", () => rebuildReadModels(deps, rebuildOptions)),
    /** Products that the search index has yet to take in. */
    searchBacklog: (): Promise<number> => queue.size(),
    /** Brings Redis' picture of the shop's settings up to date. */
    projectShop: async (): Promise<void> => {
      await projectShop(store, await options.shop());
    },
    /** The same for the API keys in force. */
    projectKeyRing: deps.rebuildOthers,
  };
}

type Handler = (rows: readonly ProjectionRow[]) => ReturnType<Forward>;

function handlersOf(running: Running): Record<string, Handler> {
  const { deps } = running;
  const projectStock = createStockProjector(deps, (ids) => flushQuietly(running, ids));
  return {
    "stock.changed": (rows) => projectStock(rows.map((row) => stockFactSchema.parse(row.payload))),
    "api-keys.changed": async () => deps.rebuildOthers(),
    // The sweep takes the products.
    "custom-fields.changed": async (rows) => {
      const entities = rows.map((row) => fieldsChanged.schema.parse(row.payload).entity);
      if (entities.some((entity) => entity === "product" || entity === "variant")) await deps.source.touchPublished();
      await projectCategories(deps);
    },
    "order.confirmed": async (rows) => {
      const orders = rows.map((row) => ({ order: orderConfirmedSchema.parse(row.payload), at: row.availableAt }));
      await Promise.all(orders.map(({ order, at }) => recordOrder(deps, order, at)));
    },
  };
}

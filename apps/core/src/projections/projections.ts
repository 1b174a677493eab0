import type { Clock, Instant, ProductId } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { type AllFields, fieldsChanged } from "../platform/custom-fields/index.ts";
import type { Forward } from "../platform/outbox/index.ts";
import type { CatalogChange, CatalogSource, ProductDocument } from "../services/catalog/index.ts";
import type { KeyRing } from "../services/users/index.ts";
import { cached } from "./cached.ts";
import { projectCategories } from "./categories.ts";
import { projectKeyRing } from "./key-ring.ts";
import { oneAtATime } from "./locks.ts";
import { setMark, whileMarked } from "./marks.ts";
import { nudger } from "./nudges.ts";
import { ownKeys } from "./own-keys.ts";
import { projectDirty } from "./product-projector.ts";
import {
  basesInRedis,
  type RebuildDeps,
  type RebuildOptions,
  type RebuildResult,
  rebuildReadModels,
  type StockSource,
} from "./rebuild.ts";
import { orderConfirmedSchema, recordOrder, refreshRecommendations } from "./recommendations.ts";
import { withRest } from "./rest.ts";
import type { RedisClient } from "./scripts.ts";
import { flushSearch } from "./search-flush.ts";
import { type SearchIndex, SearchIndexMissing } from "./search-index.ts";
import { languagesAreStale } from "./search-languages.ts";
import { pricesAreStale } from "./search-prices.ts";
import { type Pending, SearchQueue } from "./search-queue.ts";
import { rebuildSearch, takeUpReplay } from "./search-rebuild.ts";
import { projectSearchRules, searchRulesAreStale, writeSearchRules } from "./search-rules.ts";
import { projectShop, type Shop } from "./shop-view.ts";
import { writeSitemap } from "./sitemap.ts";
import { stockFactSchema } from "./stock-entry.ts";
import { createStockProjector } from "./stock-projector.ts";
import { ReadModelStore } from "./store.ts";

/** What a handler needs of an outbox row, or of a message that came over the queue. */
export interface ProjectionRow {
  readonly payload: unknown;
  readonly availableAt: Instant;
}

export interface ProjectionsDeps {
  readonly redis: RedisClient;
  readonly index: SearchIndex;
  readonly source: CatalogSource;
  readonly stock: StockSource;
  readonly shop: () => Promise<Shop>;
  /** The shop's own fields as they are now. */
  readonly fields: () => Promise<AllFields>;
  readonly keyRing: () => Promise<KeyRing>;
  readonly clock: Clock;
  /** Told of what went wrong in the background; the next sweep tries again. */
  readonly failed: (work: string, error: unknown) => void;
  /** Told of background work that went well. */
  readonly done: (work: string) => void;
}

const BATCH = 200;
const SEARCH_OVERDUE_MS = 2_000;
const SHOP_CACHE_MS = 2_000;
const DAMAGED = "damaged products";

interface Running {
  readonly deps: RebuildDeps;
  readonly failed: ProjectionsDeps["failed"];
  readonly done: ProjectionsDeps["done"];
}

export type Projections = ReturnType<typeof createProjections>;

/** The read models of the catalog and its stock: handlers for messages, the short cut for writes, and the sweep behind both. */
export function createProjections(options: ProjectionsDeps) {
  const { redis, clock } = options;
  const store = new ReadModelStore(redis, clock);
  const queue = new SearchQueue(redis, clock);
  const shop = cached(options.shop, clock, SHOP_CACHE_MS);
  const deps: RebuildDeps = {
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

async function sweep(running: Running): Promise<void> {
  const { deps, failed, done } = running;
  const { redis } = deps.store;
  const steps: Record<string, () => Promise<unknown>> = {
    // Another channel, or another language, has a tree of categories of its own.
    shop: async () => {
      if (await projectShop(deps.store, await deps.shop())) await setMark(redis, ownKeys.categoriesStale);
    },
    "read models": async () => {
      if (!(await redis.exists(keys.ready()))) await oneAtATime(redis, "rebuild", () => rebuildReadModels(deps));
    },
    catalog: () => oneAtATime(redis, "catalog", () => sweepCatalog(running)),
    "search rules": async () => {
      if (await searchRulesAreStale(deps)) await projectSearchRules(deps);
    },
    search: () => oneAtATime(redis, "search", () => sweepSearch(deps)),
  };
  for (const [name, step] of Object.entries(steps)) {
    await step().then(
      () => done(name),
      (error) => failed(name, error),
    );
  }
}

async function sweepCatalog(running: Running): Promise<void> {
  await sweepDue(running);
  await sweepProducts(running);
  const { deps } = running;
  const [categories, types] = await Promise.all([deps.source.dirtyCategories(), deps.source.dirtyTypes()]);
  if (categories.length + types.length > 0) await projectCategories(deps);
  else await refreshCounts(deps);
}

/** What cannot go out keeps nothing that has changed from being shown. */
async function sweepDue({ deps, failed, done }: Running): Promise<void> {
  try {
    const { heldBack } = await deps.source.touchDue(deps.clock.now());
    if (heldBack.length > 0) failed("scheduled drafts", new Error(`could not go out: ${heldBack.join(", ")}`));
    else done("scheduled drafts");
  } catch (error) {
    failed("scheduled drafts", error);
  }
}

/** What cannot be shown is left alone for the rest of the sweep, so that it stands in nobody's way. */
async function sweepProducts(running: Running): Promise<void> {
  const { deps, done } = running;
  const damaged: ProductId[] = [];
  let products: readonly ProductDocument[];
  do {
    products = await deps.source.dirtyProducts(BATCH, damaged);
    const shown = new Set(await projectDirty(deps, products));
    await flushQuietly(running, [...shown]);
    damaged.push(...products.map(({ _id }) => _id).filter((id) => !shown.has(id)));
  } while (products.length === BATCH);
  if (damaged.length === 0) done(DAMAGED);
}

/** Takes in what has waited too long; builds the index first where there is none, e.g. after Typesense lost it, or where it is for other languages or channels. */
async function sweepSearch(deps: RebuildDeps): Promise<void> {
  const shown = await deps.index.current();
  if (shown === null || (await isBuiltForAnotherShop(deps))) {
    await writeSearchRules(deps);
    await oneAtATime(deps.store.redis, "rebuild", () => rebuildSearch(deps, basesInRedis(deps)));
  }
  await takeUpReplay(deps, shown);
  let overdue: readonly Pending[];
  do {
    overdue = await deps.queue.overdue(SEARCH_OVERDUE_MS, BATCH);
    await flushSearch(deps, overdue);
  } while (overdue.length >= BATCH);
}

async function isBuiltForAnotherShop({ store: { redis }, shop }: RebuildDeps): Promise<boolean> {
  return (await languagesAreStale(redis, await shop())) || (await pricesAreStale(redis, await shop()));
}

/** All products are counted anew, so a file of many thousands must not have them counted with every batch. */
async function refreshCounts(deps: RebuildDeps): Promise<void> {
  const { store, clock } = deps;
  const recount = () => whileMarked(store.redis, ownKeys.categoriesStale, () => projectCategories(deps));
  await withRest({ redis: store.redis, clock }, "category-counts", recount);
}

/** Search may be away without keeping anything else from being written: what it misses waits in the queue. */
async function flushQuietly({ deps, failed }: Running, ids: readonly string[]): Promise<void> {
  try {
    await flushSearch(deps, await deps.queue.waiting(ids));
  } catch (error) {
    // A new shop has no index yet; the first sweep builds it with all that waits.
    if (!(error instanceof SearchIndexMissing)) failed("search", error);
  }
}

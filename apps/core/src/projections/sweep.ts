import type { ProductId } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import type { ProductDocument } from "../services/catalog/index.ts";
import { projectCategories } from "./categories.ts";
import { oneAtATime } from "./locks.ts";
import { setMark, whileMarked } from "./marks.ts";
import { fillMoved, hasMoved, type MovedDeps } from "./moved-redis.ts";
import { ownKeys } from "./own-keys.ts";
import { projectDirty } from "./product-projector.ts";
import { basesInRedis, type RebuildDeps, rebuildReadModels } from "./rebuild.ts";
import { withRest } from "./rest.ts";
import { flushSearch } from "./search-flush.ts";
import { SearchIndexMissing } from "./search-index.ts";
import { languagesAreStale } from "./search-languages.ts";
import { pricesAreStale } from "./search-prices.ts";
import type { Pending } from "./search-queue.ts";
import { rebuildSearch, takeUpReplay } from "./search-rebuild.ts";
import { projectSearchRules, searchRulesAreStale, writeSearchRules } from "./search-rules.ts";
import { projectShop } from "./shop-view.ts";

const BATCH = 200;
const SEARCH_OVERDUE_MS = 2_000;
/** Work of this name fails while there are products that cannot be read. */
export const DAMAGED = "damaged products";

export interface Running {
  readonly deps: MovedDeps;
  /** Told of what went wrong in the background; the next sweep tries again. */
  readonly failed: (work: string, error: unknown) => void;
  /** Told of background work that went well. */
  readonly done: (work: string) => void;
}

/** One round of what the short cuts may have missed. */
export async function sweep(running: Running): Promise<void> {
  const { deps, failed, done } = running;
  const { redis } = deps.store;
  const steps: Record<string, () => Promise<unknown>> = {
    // Another channel, or another language, has a tree of categories of its own.
    shop: async () => {
      if (await projectShop(deps.store, await deps.shop())) await setMark(redis, ownKeys.categoriesStale);
    },
    "read models": async () => {
      if (!(await redis.exists(keys.ready()))) await oneAtATime(redis, "rebuild", () => rebuildReadModels(deps));
      if (await hasMoved(deps)) await oneAtATime(redis, "rebuild", () => fillMoved(deps));
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
export async function refreshCounts(deps: RebuildDeps): Promise<void> {
  const { store, clock } = deps;
  const recount = () => whileMarked(store.redis, ownKeys.categoriesStale, () => projectCategories(deps));
  await withRest({ redis: store.redis, clock }, "category-counts", recount);
}

/** Search may be away without keeping anything else from being written: what it misses waits in the queue. */
export async function flushQuietly({ deps, failed }: Running, ids: readonly string[]): Promise<void> {
  try {
    await flushSearch(deps, await deps.queue.waiting(ids));
  } catch (error) {
    // A new shop has no index yet; the first sweep builds it with all that waits.
    if (!(error instanceof SearchIndexMissing)) failed("search", error);
  }
}

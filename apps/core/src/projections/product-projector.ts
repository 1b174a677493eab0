import type { Clock, ProductId } from "@stoa/kernel";
import { type CatalogSource, categoryTree, type ProductDocument } from "../services/catalog/index.ts";
import { setMark } from "./marks.ts";
import { ownKeys } from "./own-keys.ts";
import { type BaseContext, baseOf } from "./product-base.ts";
import { baseEntry, type StoredBase, storedBases } from "./product-keys.ts";
import { type WriteMode, type WriterDeps, writeViews } from "./product-writer.ts";

export interface ProjectorDeps extends WriterDeps {
  readonly source: CatalogSource;
  readonly clock: Clock;
  /** Language of what shoppers read. */
  readonly locale: () => Promise<string>;
}

/** What every product of a batch needs: the category tree and the shop's language, read once. */
export async function baseContext(deps: ProjectorDeps): Promise<BaseContext> {
  const [categories, locale] = await Promise.all([deps.source.categories(), deps.locale()]);
  return { tree: categoryTree(categories), locale, now: deps.clock.now() };
}

/**
 * Brings these products, as read from MongoDB just now, into Redis and puts them down for the search index.
 * The base goes first: a writer that has read an older product is stopped there, or finds out when it is done.
 * A product that comes, goes or moves makes the category counts stale, which is put down before it happens.
 */
export async function projectProducts(
  deps: ProjectorDeps,
  products: readonly ProductDocument[],
  context: BaseContext,
  mode: WriteMode = "newer",
): Promise<void> {
  const { store } = deps;
  const known = await storedBases(
    store,
    products.map((product) => product._id),
  );
  const fresh = products.map((product) => storedBaseOf(product, context));
  const moved = fresh.some((stored, index) => placeOf(stored) !== placeOf(known[index]));
  if (moved && mode === "newer") await setMark(store.redis, ownKeys.categoriesStale);
  const entries = fresh.map(baseEntry);
  await (mode === "repair" ? store.repair(entries) : store.setIfNewer(entries));
  const due = fresh.filter((stored, index) => (known[index]?.major ?? 0) <= stored.major);
  const before = new Map(known.flatMap(({ id, base }) => (base ? [[id, base] as const] : [])));
  await writeViews(deps, due, { mode, before });
}

/** Projects what MongoDB marks as dirty, by id or (null) a batch of any, and takes the marks off. Answers which it did. */
export async function projectDirty(
  deps: ProjectorDeps,
  ids: readonly ProductId[] | null,
  limit: number,
): Promise<ProductId[]> {
  const products = await (ids ? deps.source.productsById(ids) : deps.source.dirtyProducts(limit));
  if (products.length === 0) return [];
  await projectProducts(deps, products, await baseContext(deps));
  await setMark(deps.store.redis, ownKeys.recommendStale);
  await deps.source.settleProducts(products.map((product) => ({ id: product._id, revision: product.revision })));
  return products.map((product) => product._id);
}

export function storedBaseOf(product: ProductDocument, context: BaseContext): StoredBase {
  return { id: product._id, major: product.revision, base: baseOf(product, context) };
}

function placeOf(stored: StoredBase | undefined): string {
  return stored?.base ? JSON.stringify(stored.base.categories.map((category) => category.slug)) : "";
}

import type { ProductId } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import type { ProductDocument } from "../services/catalog/index.ts";
import { repairCategories } from "./categories.ts";
import { type StoredBase, storedBases } from "./product-keys.ts";
import { baseContext, type ProjectorDeps, projectProducts, storedBaseOf } from "./product-projector.ts";
import { prune } from "./prune.ts";
import { refreshRecommendations } from "./recommendations.ts";
import type { SearchIndex } from "./search-index.ts";
import { rebuildSearch } from "./search-rebuild.ts";
import { writeSearchRules } from "./search-rules.ts";
import { projectShop } from "./shop-view.ts";
import { writeSitemap } from "./sitemap.ts";
import { withSound } from "./sound.ts";
import { ownersIn, type StockFact } from "./stock-entry.ts";
import { writeStock } from "./stock-projector.ts";

const PAGE = 200;

/** Stock of these SKUs, from inventory; SKUs that it does not know are absent. One query. */
export type StockSource = (skus: readonly string[]) => Promise<readonly StockFact[]>;

export interface RebuildDeps extends ProjectorDeps {
  readonly index: SearchIndex;
  readonly stock: StockSource;
  /** Writes what stands in Redis beside the catalog: the API keys in force. */
  readonly rebuildOthers: () => Promise<void>;
}

export interface RebuildProgress {
  readonly step: "products" | "leftovers" | "recommendations" | "search" | "others" | "done";
  readonly done: number;
  readonly total: number;
}

export interface RebuildOptions {
  readonly progress?: (progress: RebuildProgress) => void;
  readonly signal?: AbortSignal;
}

export interface RebuildResult {
  readonly products: number;
  /** Keys taken away because they belonged to nothing. */
  readonly removed: number;
  readonly documents: number;
}

/**
 * Writes all read models of the catalog from the truth while the shop is open: nothing is emptied first, whatever is right stays
 * untouched, and what belongs to nothing goes. Ends with the mark by which edge knows that the read models are there.
 */
export async function rebuildReadModels(deps: RebuildDeps, options: RebuildOptions = {}): Promise<RebuildResult> {
  const tell = options.progress ?? (() => undefined);
  await projectShop(deps.store, await deps.shop());
  const products = await rebuildProducts(deps, options);
  await repairCategories(deps);
  tell({ step: "leftovers", done: 0, total: 1 });
  const removed = await prune(deps);
  options.signal?.throwIfAborted();
  tell({ step: "recommendations", done: 0, total: 1 });
  await refreshRecommendations(deps);
  await writeSitemap(deps);
  tell({ step: "search", done: 0, total: products });
  await writeSearchRules(deps);
  const { documents } = await rebuildSearch(deps, basesInRedis(deps, options));
  tell({ step: "others", done: 0, total: 1 });
  await deps.rebuildOthers();
  await deps.store.setTexts([{ key: keys.ready(), text: "1" }]);
  tell({ step: "done", done: 1, total: 1 });
  return { products, removed, documents };
}

async function rebuildProducts(deps: RebuildDeps, { progress, signal }: RebuildOptions): Promise<number> {
  const total = await deps.source.countProducts();
  let done = 0;
  let after: ProductId | null = null;
  for (;;) {
    signal?.throwIfAborted();
    const page: ProductDocument[] = await deps.source.productsAfter(after, PAGE);
    const sound = await withSound(deps, page, (products) => rebuildPage(deps, products));
    const dirty = sound.filter((product) => product.dirty);
    await deps.source.settleProducts(dirty.map((product) => ({ id: product._id, revision: product.revision })));
    done += page.length;
    progress?.({ step: "products", done, total: Math.max(total, done) });
    const last = page.at(-1);
    if (!last || page.length < PAGE) return done;
    after = last._id;
  }
}

async function rebuildPage(deps: RebuildDeps, page: readonly ProductDocument[]): Promise<void> {
  const skus = page.flatMap(({ variants }) =>
    variants.flatMap(({ sku, kit }) => (kit ? kit.map((part) => part.sku) : [sku])),
  );
  const [facts, context] = await Promise.all([deps.stock(skus), baseContext(deps, page)]);
  const bases = page.map((product) => storedBaseOf(product, context));
  await writeStock(deps, facts, { mode: "repair", owners: ownersIn(bases) });
  await projectProducts(deps, page, context, "repair");
}

/** The bases of all products, as Redis has them. */
export async function* basesInRedis(
  deps: ProjectorDeps,
  { progress, signal }: RebuildOptions = {},
): AsyncIterable<StoredBase[]> {
  const prefix = keys.productBase("");
  let done = 0;
  for await (const found of deps.store.keysWithPrefix(prefix)) {
    signal?.throwIfAborted();
    yield await storedBases(
      deps.store,
      found.map((key) => key.slice(prefix.length)),
    );
    done += found.length;
    progress?.({ step: "search", done, total: done });
  }
}

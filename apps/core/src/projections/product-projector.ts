import { type Clock, isId, type ProductId } from "@stoa/kernel";
import type { AllFields } from "../platform/custom-fields/index.ts";
import {
  type CatalogSource,
  categoryTree,
  newReferences,
  type ProductDocument,
  referencesOf,
} from "../services/catalog/index.ts";
import { setMark } from "./marks.ts";
import { ownKeys } from "./own-keys.ts";
import { type BaseContext, baseOf } from "./product-base.ts";
import { baseEntry, type StoredBase, storedBases } from "./product-keys.ts";
import { type WriteMode, type WriterDeps, writeViews } from "./product-writer.ts";
import type { Shop } from "./shop-view.ts";
import { type DamageDeps, withSound } from "./sound.ts";

export interface ProjectorDeps extends WriterDeps, DamageDeps {
  readonly source: CatalogSource;
  readonly clock: Clock;
  readonly shop: () => Promise<Shop>;
  /** The shop's own fields as they are now: a field that is for staff from now on must not be shown by what was known before. */
  readonly fields: () => Promise<AllFields>;
}

/** What the products of a batch need: the category tree, the shop's settings, and what their types and attributes name; read once. */
export async function baseContext(deps: ProjectorDeps, products: readonly ProductDocument[]): Promise<BaseContext> {
  const { source } = deps;
  // Behind the products, so that no product which was touched because of its fields is shown by older ones.
  const fields = await deps.fields();
  const references = products.flatMap((product) =>
    [...referencesOf(product), ...newReferences(fields, null, product)].map(({ id }) => id),
  );
  const [categories, { view }, types, slugs, pastOffers, parts] = await Promise.all([
    source.categories(),
    deps.shop(),
    products.some((product) => product.typeCode) ? source.productTypes() : [],
    source.slugsById(references.filter((id) => isId("prod", id))),
    source.pastOffers(products),
    source.partsOf(products),
  ]);
  const { locale, locales, productUrl } = view;
  return {
    tree: categoryTree(categories),
    locale,
    locales,
    productUrl,
    now: deps.clock.now(),
    fields,
    slugs,
    pastOffers,
    parts,
    types: new Map(types.map((type) => [type._id, type])),
  };
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
  if (mode === "newer") await setMark(store.redis, ownKeys.recommendStale);
  const turned = fresh.flatMap((stored, index) => changedPolicies(known[index], stored));
  // Before the change is put down: whoever comes after a crash sees that it is one, and says so again.
  if (turned.length > 0 && mode === "newer") await deps.source.touchKits(turned);
  const entries = fresh.map(baseEntry);
  await (mode === "repair" ? store.repair(entries) : store.setIfNewer(entries));
  const due = fresh.filter((stored, index) => (known[index]?.major ?? 0) <= stored.major);
  const before = new Map(known.flatMap(({ id, base }) => (base ? [[id, base] as const] : [])));
  await writeViews(deps, due, { mode, before });
}

/** Projects products that have changed, and takes their marks off. Answers which it did: all but those that are damaged. */
export async function projectDirty(
  deps: ProjectorDeps,
  products: readonly ProductDocument[],
): Promise<readonly ProductId[]> {
  if (products.length === 0) return [];
  const shown = await projectSound(deps, products);
  await setMark(deps.store.redis, ownKeys.recommendStale);
  await setMark(deps.store.redis, ownKeys.sitemapStale);
  await deps.source.settleProducts(shown.map((product) => ({ id: product._id, revision: product.revision })));
  return shown.map((product) => product._id);
}

/** See `projectProducts`; what is damaged stays as it was shown before. Answers the others. */
export function projectSound(
  deps: ProjectorDeps,
  products: readonly ProductDocument[],
  mode: WriteMode = "newer",
): Promise<readonly ProductDocument[]> {
  return withSound(deps, products, async (sound) => {
    await projectProducts(deps, sound, await baseContext(deps, sound), mode);
  });
}

export function storedBaseOf(product: ProductDocument, context: BaseContext): StoredBase {
  return { id: product._id, major: product.revision, base: baseOf(product, context) };
}

/** SKUs that are counted or sold ahead otherwise than before: kits that are made of them have to hear of it. */
function changedPolicies(before: StoredBase | undefined, after: StoredBase): string[] {
  const policies = new Map(before?.base?.variants.map((variant) => [variant.sku, variant]));
  return (after.base?.variants ?? []).flatMap(({ sku, trackInventory, allowBackorder }) => {
    const was = policies.get(sku);
    const isSame = was?.trackInventory === trackInventory && was.allowBackorder === allowBackorder;
    return was === undefined || isSame ? [] : [sku];
  });
}

function placeOf(stored: StoredBase | undefined): string {
  return stored?.base ? JSON.stringify(stored.base.categories.map((category) => category.slug)) : "";
}

import { DEFAULT_CHANNEL } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { type ViewPlace, viewPlaces } from "./base-prices.ts";
import { type ProductBase, storedBaseSchema } from "./product-base.ts";
import type { Entry, ReadModelStore } from "./store.ts";

/** How long the mark of a product that was taken out stays: far longer than any writer can be late. */
const TOMBSTONE_TTL_SECONDS = 120;

/** A product's base as it stands in Redis; null for one that is not in the shop. */
export interface StoredBase {
  readonly id: string;
  /** Revision of the product; 0 when Redis knows nothing of it. */
  readonly major: number;
  readonly base: ProductBase | null;
}

export interface PlainText {
  readonly key: string;
  readonly text: string;
}

/** The bases in Redis, in the order of the ids. */
export async function storedBases(store: ReadModelStore, ids: readonly string[]): Promise<StoredBase[]> {
  const envelopes = await store.envelopes(ids.map((id) => keys.productBase(id)));
  return ids.map((id, index) => {
    const envelope = envelopes[index];
    if (!envelope) return { id, major: 0, base: null };
    return { id, major: envelope.version.major, base: parseBase(id, envelope.body) };
  });
}

/** Products whose base is remembered as it was read last. */
const REMEMBERED_MAX = 1_000;
const remembered = new Map<string, { readonly body: string; readonly base: ProductBase | null }>();

/** Stock changes far more often than products, and the base of one that sells is read with each change. */
function parseBase(id: string, body: string): ProductBase | null {
  const known = remembered.get(id);
  if (known?.body === body) return known.base;
  // A base of another release cannot be read; its product is as good as unknown until it is projected again.
  const parsed = storedBaseSchema.safeParse(JSON.parse(body));
  const base = parsed.success ? parsed.data : null;
  // The oldest goes; one that is read again and again and goes all the same is back at once.
  if (remembered.size >= REMEMBERED_MAX) for (const oldest of remembered.keys().take(1)) remembered.delete(oldest);
  remembered.set(id, { body, base });
  return base;
}

/** The base as it is written; that of a product which is not in the shop goes away by itself. */
export function baseEntry({ id, major, base }: StoredBase): Entry {
  const entry = { key: keys.productBase(id), version: { major, minor: 0 }, body: JSON.stringify(base) };
  return base ? entry : { ...entry, ttlSeconds: TOMBSTONE_TTL_SECONDS };
}

/** Keys of the envelopes that a product has beside its base. */
export function viewKeys(base: ProductBase): string[] {
  return [
    ...viewPlaces(base).flatMap((place) => [productKey(place, base.slug), summaryKey(place, base.id)]),
    ...Object.keys(base.translations ?? {}).map((locale) => keys.texts(locale, base.id)),
  ];
}

/** Keys of product views under slugs that are former now. */
export function formerViewKeys(base: ProductBase): string[] {
  return viewPlaces(base).flatMap((place) => base.formerSlugs.map((slug) => productKey(place, slug)));
}

export function productKey({ currency, channel }: ViewPlace, slug: string): string {
  return keys.product(currency, slug, channel === DEFAULT_CHANNEL ? undefined : channel);
}

export function summaryKey({ currency, channel }: ViewPlace, id: string): string {
  return keys.summary(currency, id, channel === DEFAULT_CHANNEL ? undefined : channel);
}

/** Lists that belong to a product and are worked out apart from it. */
export function recommendationKeys(id: string): string[] {
  return [keys.recommendations("similar", id), keys.recommendations("bought-together", id)];
}

/** What a product has in Redis as plain text. */
export function plainTexts(base: ProductBase): PlainText[] {
  return [
    ...base.formerSlugs.map((slug) => ({ key: keys.formerSlug(slug), text: base.slug })),
    ...base.variants.map((variant) => ({ key: keys.skuOwner(variant.sku), text: base.id })),
  ];
}

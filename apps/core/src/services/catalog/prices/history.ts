import type { Instant, ProductId } from "@stoa/kernel";
import { MongoBulkWriteError } from "mongodb";
import type { CatalogContext } from "../context.ts";
import type { CatalogDatabase } from "../database.ts";
import type { OfferedPrice, ProductDocument } from "../documents.ts";
import { pricesOf } from "../price.ts";
import { withoutLostPrices } from "../product.ts";
import { offeredUntil } from "../schedule.ts";
import { isPublic, isWindow, type PriceVersion } from "./timeline.ts";

/** Versions of one product that are looked at, newest first: far more than 30 days of a shop that prices every hour. */
const VERSIONS_MAX = 1_000;

/**
 * What anybody could buy a product at, from an instant on. Append-only: a row is written before what it says is replaced, so
 * none is ever lost, and what holds now stands in the product itself.
 */
export interface OfferDocument {
  /** `<product id>@<from>`: the same version is written down once, however often its replacement is tried. */
  readonly _id: string;
  readonly productId: ProductId;
  readonly from: Instant;
  readonly until: Instant | null;
  /** None while the product was not for sale. */
  readonly variants: readonly { readonly sku: string; readonly prices: readonly OfferedPrice[] }[];
}

type Offered = Pick<ProductDocument, "status" | "unpublishAt" | "channels" | "variants" | "listPrices">;

/** What is about to be written over a product. */
export interface ProductChange {
  readonly before: ProductDocument;
  readonly members: Partial<ProductDocument>;
}

/**
 * To be called before products are written: writes down what they were offered at, where that is about to change. Answers the
 * members to write, in the order given; prices of lists go with their SKUs.
 */
export async function keepOffers(
  { catalog, now }: Pick<CatalogContext, "catalog" | "now">,
  asked: readonly ProductChange[],
): Promise<Partial<ProductDocument>[]> {
  const changes = asked.map(({ before, members }) => {
    return { before, members: withoutLostPrices(before, members, now) };
  });
  const isNew = changes.map(({ before, members }) => offerText(before) !== offerText({ ...before, ...members }));
  const replaced = changes.filter(({ before }, index) => isNew[index] && hasLasted(before, now));
  const rows = replaced.map(({ before }) => presentOffer(before));
  await append(catalog, rows);
  return changes.map(({ before, members }, index) =>
    // Clocks of two processes differ; versions follow each other all the same.
    isNew[index] ? { ...members, offeredSince: Math.max(now, offeredSince(before)) as Instant } : members,
  );
}

/** What held for no time is no version, and before its first one a product was not for sale anyhow. */
function hasLasted(product: ProductDocument, now: Instant): boolean {
  return offeredSince(product) < now && (product.offeredSince !== undefined || offerOf(product).length > 0);
}

async function append({ offers }: CatalogDatabase, rows: readonly OfferDocument[]): Promise<void> {
  if (rows.length === 0) return;
  try {
    await offers.insertMany([...rows], { ordered: false });
  } catch (error) {
    const isThere =
      error instanceof MongoBulkWriteError && [error.writeErrors].flat().every(({ code }) => code === 11_000);
    if (!isThere) throw error;
  }
}

/** The version that the product itself holds. */
export function presentOffer(product: ProductDocument): OfferDocument {
  const { _id: productId } = product;
  const until = offeredUntil(product) ?? null;
  const from = offeredSince(product);
  return { _id: `${productId}@${from}`, productId, from, until, variants: offerOf(product) };
}

function offeredSince(product: ProductDocument): Instant {
  return product.offeredSince ?? product.createdAt;
}

/** Offered is what is out in one channel at least. */
function offerOf(product: Offered): OfferDocument["variants"] {
  if (offeredUntil(product) === undefined) return [];
  return product.variants.map((variant) => ({
    sku: variant.sku,
    prices: pricesOf(product, variant).filter(isPublic).map(withoutSku),
  }));
}

function offerText(product: Offered): string {
  return JSON.stringify([offerOf(product), offeredUntil(product) ?? null]);
}

/** The versions before the present one, oldest first, of products whose page may announce a reduction, or of `all`. */
export async function pastOffers(
  { offers }: CatalogDatabase,
  products: readonly ProductDocument[],
  { all = false }: { readonly all?: boolean } = {},
): Promise<Map<ProductId, OfferDocument[]>> {
  const asked = products.filter((product) => product.offeredSince !== undefined && (all || mayBeReduced(product)));
  const found = await Promise.all(
    asked.map(({ _id: productId }) => offers.find({ productId }).sort({ from: -1 }).limit(VERSIONS_MAX).toArray()),
  );
  return new Map(asked.map(({ _id }, index) => [_id, (found[index] ?? []).reverse()]));
}

/** What a list says stands once for each SKU already. */
function withoutSku({ sku: _, ...price }: OfferedPrice & { readonly sku?: string }): OfferedPrice {
  return price;
}

function mayBeReduced(product: ProductDocument): boolean {
  return product.variants.some((variant) =>
    pricesOf(product, variant).some((price) => isWindow(price) || price.compareAt !== undefined),
  );
}

/** One SKU's versions out of its product's. */
export function versionsOf(sku: string, offers: readonly OfferDocument[]): PriceVersion[] {
  return offers.map(({ from, until, variants }) => {
    return { from, until, prices: variants.find((variant) => variant.sku === sku)?.prices ?? [] };
  });
}

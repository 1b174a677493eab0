import type { Instant, ProductId } from "@stoa/kernel";
import { categoryTree, type ProductDocument, referencesOf } from "../services/catalog/index.ts";
import { type BaseContext, baseOf } from "./product-base.ts";

export interface DamageDeps {
  /** Told of a product of which nothing can be made, and why. */
  readonly damaged: (id: ProductId, error: unknown) => void;
}

/** What is read of each product. One that is damaged is told and left out, so that it keeps no other from being shown. */
export function readEach<P extends { readonly _id: ProductId }, R>(
  { damaged }: DamageDeps,
  products: readonly P[],
  read: (product: P) => R,
): R[] {
  return products.flatMap((product): R[] => {
    try {
      return [read(product)];
    } catch (error) {
      damaged(product._id, error);
      return [];
    }
  });
}

/**
 * Does the work for these products together. Where that fails because some of them are damaged, it is done again without them; an outage is
 * thrown on. Answers the products for which it was done.
 */
export async function withSound(
  deps: DamageDeps,
  products: readonly ProductDocument[],
  work: (sound: readonly ProductDocument[]) => Promise<void>,
): Promise<readonly ProductDocument[]> {
  try {
    await work(products);
    return products;
  } catch (error) {
    const sound = readEach(deps, products, readWhole);
    if (sound.length === products.length) throw error;
    await work(sound);
    return sound;
  }
}

/** The last moment that a date can name, at which prices without an end still hold. */
const LATE = 8_640_000_000_000_000 as Instant;

/** Knows nothing of the shop: whatever still cannot be read is the product's own fault. */
const bare: BaseContext = {
  ...{ tree: categoryTree([]), locale: "en-US", locales: [], productUrl: null, slugs: new Map(), types: new Map() },
  ...{ now: LATE, pastOffers: new Map(), parts: new Map(), fields: { product: [], variant: [], category: [] } },
};

/** Reads all that is ever shown of a product, published or not. */
function readWhole(product: ProductDocument): ProductDocument {
  referencesOf(product);
  baseOf({ ...product, status: "published", unpublishAt: null }, bare);
  return product;
}

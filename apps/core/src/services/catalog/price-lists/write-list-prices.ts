import { canonicalJson, type ProductId } from "@stoa/kernel";
import type { CatalogContext } from "../context.ts";
import type { ListPrice, ProductDocument } from "../documents.ts";
import { nextPriceChange } from "../price.ts";
import { keepOffers } from "../prices/history.ts";

/** Prices of lists name no field of the shop's own. */
export type ListContext = Omit<CatalogContext, "readFields">;

/** How often products are read again that somebody else was writing meanwhile. */
const ROUNDS_MAX = 5;

/**
 * Writes other prices of lists into products, each over the revision that was read; what was faster is read again. Answers the ids that
 * are still to be written, because they kept changing.
 */
export async function writeListPrices(
  context: ListContext,
  products: readonly ProductDocument[],
  pricesFor: (product: ProductDocument) => readonly ListPrice[],
): Promise<ProductId[]> {
  const { catalog, now } = context;
  let left = products;
  for (let round = 0; round < ROUNDS_MAX && left.length > 0; round += 1) {
    const changes = left
      .map((before) => ({ before, listPrices: pricesFor(before) }))
      .filter(({ before, listPrices }) => canonicalJson(before.listPrices ?? []) !== canonicalJson(listPrices))
      .map(({ before, listPrices }) => ({
        before,
        members: { listPrices, listRepriceAt: nextPriceChange(listPrices, now) },
      }));
    if (changes.length === 0) return [];
    const kept = await keepOffers(context, changes);
    await catalog.products.bulkWrite(
      changes.map(({ before }, index) => ({
        updateOne: {
          filter: { _id: before._id, revision: before.revision },
          update: { $set: { ...kept[index], dirty: true, updatedAt: now }, $inc: { revision: 1 } },
        },
      })),
      { ordered: false },
    );
    context.changed({ products: changes.map(({ before }) => before._id), categories: false });
    left = await catalog.products.find({ _id: { $in: changes.map(({ before }) => before._id) } }).toArray();
  }
  return left
    .filter((one) => canonicalJson(one.listPrices ?? []) !== canonicalJson(pricesFor(one)))
    .map((one) => one._id);
}

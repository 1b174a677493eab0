import { type Currency, idSchema, type ProductId, problem } from "@stoa/kernel";
import { z } from "zod";
import type { CatalogContext } from "../context.ts";
import type { CatalogDatabase } from "../database.ts";
import { PRICES_PER_VARIANT_MAX, type Price, priceSchema, VARIANTS_PER_PRODUCT_MAX } from "../documents.ts";
import { skuSchema } from "../names.ts";
import { type ProductWrite, productAt, updateProduct } from "../update-product.ts";
import { pastOffers, presentOffer, versionsOf } from "./history.ts";
import { lowestPriorPrice, type PriceStep, priceSteps } from "./timeline.ts";
import { type PriceWarning, priceWarnings } from "./warnings.ts";

export const setPricesSchema = z.strictObject({
  id: idSchema("prod"),
  version: z.int().min(1),
  /** For each SKU named, all of its prices; other SKUs keep theirs. */
  variants: z
    .array(z.strictObject({ sku: skuSchema, prices: z.array(priceSchema).max(PRICES_PER_VARIANT_MAX) }))
    .min(1)
    .max(VARIANTS_PER_PRODUCT_MAX),
});
export type SetPrices = z.infer<typeof setPricesSchema>;

/** Replaces the prices of some of a product's SKUs. @throws as `updateProduct`, and `sku_unknown`. */
export async function setPrices(context: CatalogContext, input: SetPrices): Promise<ProductWrite> {
  const { variants } = await productAt(context, input);
  const wanted = new Map(input.variants.map(({ sku, prices }) => [sku, prices]));
  const unknown = [...wanted.keys()].find((sku) => !variants.some((variant) => variant.sku === sku));
  if (unknown !== undefined)
    throw problem("sku_unknown", { detail: `The product has no SKU ${unknown}.`, sku: unknown });
  const priced = variants.map((variant) => ({ ...variant, prices: wanted.get(variant.sku) ?? variant.prices }));
  return updateProduct(context, { id: input.id, version: input.version, patch: { variants: priced } });
}

export interface PriceOutlook {
  readonly sku: string;
  readonly prices: readonly Price[];
  /** By currency: what one unit costs anybody, from when on, as far back as the history goes and as far ahead as is known. */
  readonly steps: readonly {
    readonly currency: Currency;
    readonly steps: readonly (PriceStep & { readonly lowestPrior: number | null })[];
  }[];
  readonly warnings: readonly PriceWarning[];
}

const STEPS_TOLD_MAX = 200;

/** A product's prices as they were, are and will be, and what about them looks wrong. @throws Problem `not_found`. */
export async function readPrices(catalog: CatalogDatabase, id: ProductId): Promise<readonly PriceOutlook[]> {
  const product = await catalog.products.findOne({ _id: id });
  if (!product) throw problem("not_found");
  const past = (await pastOffers(catalog, [product], { all: true })).get(product._id) ?? [];
  const offers = [...past, presentOffer(product)];
  return product.variants.map((variant) => {
    const versions = versionsOf(variant.sku, offers);
    const currencies = [...new Set(versions.flatMap(({ prices }) => prices.map(({ currency }) => currency)))].sort();
    return {
      sku: variant.sku,
      prices: variant.prices,
      steps: currencies.map((currency) => ({ currency, steps: toldSteps(priceSteps(versions, currency)) })),
      warnings: priceWarnings(variant),
    };
  });
}

function toldSteps(steps: readonly PriceStep[]) {
  return steps.map((step, place) => ({ ...step, lowestPrior: lowestPriorPrice(steps, place) })).slice(-STEPS_TOLD_MAX);
}

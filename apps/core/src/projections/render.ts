import type { Currency, Instant, Money } from "@stoa/kernel";
import type { ProductSummaryView, ProductView, StockView } from "@stoa/read-models";
import { kitStock } from "../services/catalog/index.ts";
import { type BasePrice, pricesIn } from "./base-prices.ts";
import type { ProductBase } from "./product-base.ts";

/** Units shown for a SKU whose stock nobody counts: the most that one cart line may hold. */
export const UNCOUNTED_UNITS = 999;

/** Units that may be sold, by SKU. A SKU that is missing has none. */
export type Availability = ReadonlyMap<string, number>;

export function unitsOf(stock: ReadonlyMap<string, { readonly view: StockView }>): Availability {
  return new Map([...stock].map(([sku, { view }]) => [sku, view.available]));
}

/** Where and when a price is asked for. */
export interface PricePlace {
  readonly currency: Currency;
  readonly channel: string;
  readonly now: Instant;
}

/** When the prices of a product in a currency are known to change by themselves, the next first. */
export function priceChanges(base: ProductBase, { currency, channel }: Omit<PricePlace, "now">): Instant[] {
  const changes = base.variants.flatMap(
    (variant) => pricesIn(variant, channel)[currency]?.next?.map(({ from }) => from) ?? [],
  );
  return [...new Set(changes)].sort((left, right) => left - right) as Instant[];
}

function priceAt(variant: ProductBase["variants"][number], { currency, channel, now }: PricePlace): BasePrice | null {
  const price = pricesIn(variant, channel)[currency];
  const step = price?.next?.findLast(({ from }) => from <= now);
  return step ? step.price : (price ?? null);
}

/** The product and its summary in one currency, as they are at a moment; null when it is not sold in it. */
export function renderProduct(
  base: ProductBase,
  stock: Availability,
  at: PricePlace,
): { readonly product: ProductView; readonly summary: ProductSummaryView } | null {
  const variants = base.variants.flatMap((variant) => {
    const price = priceAt(variant, at);
    if (!price) return [];
    const { sku, options, image, attributes, customFields } = variant;
    const given = { ...(image && { image }), ...(attributes && { attributes }), ...(customFields && { customFields }) };
    return [{ sku, options, ...priceViews(price, at.currency), ...given, ...stateOf(variant, stock) }];
  });
  const [first, ...others] = variants;
  if (!first) return null;
  const cheapest = others.reduce((best, variant) => (variant.price.amount < best.price.amount ? variant : best), first);
  const image = base.images[0] ?? variants.find((variant) => variant.image)?.image;
  const summary: ProductSummaryView = {
    id: base.id,
    slug: base.slug,
    title: base.title,
    brand: base.brand,
    price: cheapest.price,
    ...(cheapest.compareAtPrice && { compareAtPrice: cheapest.compareAtPrice }),
    ...(cheapest.lowestPriorPrice && { lowestPriorPrice: cheapest.lowestPriorPrice }),
    ...(image && { image }),
    inStock: variants.some((variant) => variant.inStock),
  };
  const { description, categories, images, options, attributes, attributeLabels, seo, customFields } = base;
  const told = {
    ...(attributeLabels && { attributeLabels }),
    ...(seo && { seo }),
    ...(customFields && { customFields }),
  };
  return { summary, product: { ...summary, description, categories, images, options, attributes, ...told, variants } };
}

/** Whether a variant can be had, and how many of it. */
export function stateOf(variant: ProductBase["variants"][number], stock: Availability) {
  if (variant.kit) {
    const { available, allowBackorder } = kitStock(variant.kit, (sku) => stock.get(sku) ?? 0);
    if (available === null) return { inStock: true, available: UNCOUNTED_UNITS };
    return { inStock: available > 0 || allowBackorder, available };
  }
  if (!variant.trackInventory) return { inStock: true, available: UNCOUNTED_UNITS };
  const available = Math.max(0, stock.get(variant.sku) ?? 0);
  return { inStock: available > 0 || variant.allowBackorder, available };
}

function priceViews(
  { amount, compareAt, lowestPrior }: BasePrice,
  currency: Currency,
): { price: Money; compareAtPrice?: Money; lowestPriorPrice?: Money } {
  return {
    price: { amount, currency },
    ...(compareAt !== undefined && { compareAtPrice: { amount: compareAt, currency } }),
    ...(lowestPrior !== undefined && { lowestPriorPrice: { amount: lowestPrior, currency } }),
  };
}

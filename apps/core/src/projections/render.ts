import type { Currency, Money } from "@stoa/kernel";
import {
  attributeToken,
  type ProductSummaryView,
  type ProductView,
  type SearchDocument,
  type StockView,
} from "@stoa/read-models";
import type { ProductBase } from "./product-base.ts";

/** Units shown for a SKU whose stock nobody counts: the most that one cart line may hold. */
export const UNCOUNTED_UNITS = 999;
const ATTRIBUTE_TOKENS_MAX = 400;
const ATTRIBUTE_TOKEN_LENGTH_MAX = 200;
const ATTRIBUTE_TEXT_MAX = 5_000;

/** Units that may be sold, by SKU. A SKU that is missing has none. */
export type Availability = ReadonlyMap<string, number>;

export function unitsOf(stock: ReadonlyMap<string, { readonly view: StockView }>): Availability {
  return new Map([...stock].map(([sku, { view }]) => [sku, view.available]));
}

/** The product and its summary in one currency; null when it is not sold in it. */
export function renderProduct(
  base: ProductBase,
  stock: Availability,
  currency: Currency,
): { readonly product: ProductView; readonly summary: ProductSummaryView } | null {
  const variants = base.variants.flatMap((variant) => {
    const price = variant.prices[currency];
    if (!price) return [];
    const { sku, options, image, attributes } = variant;
    const given = { ...(image && { image }), ...(attributes && { attributes }) };
    return [{ sku, options, ...priceViews(price, currency), ...given, ...stateOf(variant, stock) }];
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
    ...(image && { image }),
    inStock: variants.some((variant) => variant.inStock),
  };
  const { description, categories, images, options, attributes } = base;
  return { summary, product: { ...summary, description, categories, images, options, attributes, variants } };
}

/** The product as the search index keeps it. `sold` = units of the last 90 days. */
export function searchDocumentOf(base: ProductBase, stock: Availability, sold: number): SearchDocument {
  const identifiers = base.variants.flatMap(({ sku, barcode }) => (barcode ? [sku, barcode] : [sku]));
  const model = base.attributes.model ?? base.attributes.mpn;
  const models = typeof model === "string" ? [model] : [];
  const texts = allAttributes(base)
    .filter(([code]) => !base.unsearched?.includes(code))
    .flatMap(([, value]) => (typeof value === "boolean" ? [] : [value].flat()));
  return {
    id: base.id,
    slug: base.slug,
    title: base.title,
    brand: base.brand ?? "",
    description: base.description,
    skus: [...new Set([...identifiers, ...[...identifiers, ...models].map(withoutSeparators)])],
    categories: base.categories.map((category) => category.slug),
    categoryNames: base.categories.map((category) => category.name),
    attributes: attributeTokens(base),
    attributeText: [...new Set(texts)].join(" ").slice(0, ATTRIBUTE_TEXT_MAX),
    prices: Object.fromEntries(base.currencies.map((currency) => [currency, lowestPrice(base, currency)])),
    inStock: base.variants.some((variant) => stateOf(variant, stock).inStock),
    publishedAt: Math.floor(base.publishedAt / 1_000),
    sold,
  };
}

function stateOf(variant: ProductBase["variants"][number], stock: Availability) {
  if (!variant.trackInventory) return { inStock: true, available: UNCOUNTED_UNITS };
  const available = Math.max(0, stock.get(variant.sku) ?? 0);
  return { inStock: available > 0 || variant.allowBackorder, available };
}

function priceViews(
  price: { readonly amount: number; readonly compareAt?: number | undefined },
  currency: Currency,
): { price: Money; compareAtPrice?: Money } {
  const { amount, compareAt } = price;
  return {
    price: { amount, currency },
    ...(compareAt !== undefined && { compareAtPrice: { amount: compareAt, currency } }),
  };
}

function lowestPrice(base: ProductBase, currency: Currency): number {
  return Math.min(...base.variants.flatMap((variant) => variant.prices[currency]?.amount ?? []));
}

/** Options count as attributes: who filters by colour does not ask where the shop has put it. */
function attributeTokens(base: ProductBase): string[] {
  const tokens = new Set<string>();
  const add = (name: string, value: string | number | boolean) => {
    const token = attributeToken(name, value);
    if (token.length <= ATTRIBUTE_TOKEN_LENGTH_MAX && tokens.size < ATTRIBUTE_TOKENS_MAX) tokens.add(token);
  };
  for (const option of base.options) for (const value of option.values) add(option.name, value);
  for (const [name, value] of allAttributes(base)) {
    if (Array.isArray(value)) for (const one of value) add(name, one);
    else add(name, value);
  }
  return [...tokens];
}

/** Those of the product and those of its variants. */
function allAttributes(base: ProductBase) {
  return [base.attributes, ...base.variants.map((variant) => variant.attributes ?? {})].flatMap((one) =>
    Object.entries(one),
  );
}

function withoutSeparators(text: string): string {
  return text.replace(/[-\s.]/g, "");
}

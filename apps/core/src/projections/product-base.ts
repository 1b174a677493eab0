import { type Currency, canonicalJson, currencySchema, DEFAULT_CHANNEL, type Instant } from "@stoa/kernel";
import {
  attributeLabelsSchema,
  attributeValueSchema,
  customFieldsViewSchema,
  imageViewSchema,
  productTextsViewSchema,
  seoViewSchema,
} from "@stoa/read-models";
import { z } from "zod";
import {
  type CatalogFields,
  channelsShowing,
  lowestPriorPrice,
  type OfferDocument,
  type PriceStep,
  type ProductDocument,
  presentOffer,
  priceSteps,
  pricesOf,
  stepAt,
  versionsOf,
} from "../services/catalog/index.ts";
import { fieldUses, shownFields } from "./custom-fields.ts";
import { attributeValues, ownTexts, type TextsContext, translationsOf } from "./product-texts.ts";

const priceSchema = z.object({
  amount: z.int(),
  compareAt: z.int().optional(),
  /** The lowest price of the 30 days before, where it is announced as reduced. */
  lowestPrior: z.int().optional(),
});
/** From this moment on; `price` is null while it is not sold so. Milliseconds since the epoch. */
const priceStepSchema = z.object({ from: z.int(), price: priceSchema.nullable() });
/** What a price is known to become is in the base, so that nobody has to be told when its time has come. */
const pricesSchema = z.partialRecord(currencySchema, priceSchema.extend({ next: z.array(priceStepSchema).optional() }));
export type BasePrice = z.infer<typeof priceSchema>;

const kitPartSchema = z.object({
  sku: z.string(),
  quantity: z.int(),
  trackInventory: z.boolean(),
  allowBackorder: z.boolean(),
});

/** Changes that are known beforehand and shown to the moment; those behind them are taken in when the first has come. */
const STEPS_AHEAD_MAX = 4;

/** All that is needed to render a published product when its stock changes: MongoDB is not asked again. */
export const productBaseSchema = z.object({
  id: z.string(),
  slug: z.string(),
  formerSlugs: z.array(z.string()),
  title: z.string(),
  brand: z.string().nullable(),
  description: z.string(),
  /** Each category with all that stand above it, root first. */
  categories: z.array(z.object({ slug: z.string(), name: z.string() })),
  /** Slugs of those that it stands in itself. */
  ownCategories: z.array(z.string()).optional(),
  images: z.array(imageViewSchema),
  options: z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
  attributes: z.record(z.string(), attributeValueSchema),
  attributeLabels: attributeLabelsSchema.optional(),
  seo: seoViewSchema.optional(),
  /** By locale: what is told otherwise there. */
  translations: z.record(z.string(), productTextsViewSchema).optional(),
  /** What the shop's own fields say of it, those that shoppers may see; and which of them filter and find. */
  customFields: customFieldsViewSchema.optional(),
  fieldUses: z.object({ filterable: z.array(z.string()), searchable: z.array(z.string()) }).optional(),
  /** Codes of attributes whose words find no product. */
  unsearched: z.array(z.string()).optional(),
  /** Channels that show it; absent: the default one alone. */
  channels: z.array(z.string()).optional(),
  /** Currencies in which at least one variant has a price. */
  currencies: z.array(currencySchema),
  variants: z.array(
    z.object({
      sku: z.string(),
      barcode: z.string().nullable(),
      options: z.record(z.string(), z.string()),
      image: imageViewSchema.optional(),
      attributes: z.record(z.string(), attributeValueSchema).optional(),
      customFields: customFieldsViewSchema.optional(),
      prices: pricesSchema,
      /** By channel, where they are others than in the default one. */
      channelPrices: z.record(z.string(), pricesSchema).optional(),
      trackInventory: z.boolean(),
      allowBackorder: z.boolean(),
      /** What a kit is made of; its stock is theirs. */
      kit: z.array(kitPartSchema).optional(),
    }),
  ),
  /** Milliseconds since the epoch. */
  publishedAt: z.int(),
});
export type ProductBase = z.infer<typeof productBaseSchema>;

/** What stands in Redis as a product's base: null for one that was taken out of the shop, so that a late writer sees it. */
export const storedBaseSchema = productBaseSchema.nullable();

export interface BaseContext extends TextsContext {
  readonly now: Instant;
  /** The shop's own fields. */
  readonly fields: CatalogFields;
  /** What products were offered at before, oldest first, by id; complete for those whose prices may be reduced. */
  readonly pastOffers: ReadonlyMap<string, readonly OfferDocument[]>;
  /** Parts of kits, by SKU: whether they are counted, and may be sold ahead. */
  readonly parts: ReadonlyMap<string, { readonly trackInventory: boolean; readonly allowBackorder: boolean }>;
}

/** The base of a product that some channel shows and that is sold in some currency; null for any other. */
export function baseOf(product: ProductDocument, context: BaseContext): ProductBase | null {
  const channels = channelsShowing(product, context.now);
  if (channels.length === 0) return null;
  const variants = product.variants.map((variant) => variantBase(product, variant, context));
  const currencies = currenciesIn(variants, DEFAULT_CHANNEL);
  if (channels.every((channel) => currenciesIn(variants, channel).length === 0)) return null;
  const { title, description, categories, attributes, attributeLabels, seo } = ownTexts(product, context);
  const translations = translationsOf(product, context);
  return {
    id: product._id,
    slug: product.slug,
    formerSlugs: product.slugs.filter((slug) => slug !== product.slug),
    title,
    brand: product.brand,
    description,
    categories,
    ownCategories: product.categoryIds.flatMap((id) => context.tree.byId.get(id)?.slug ?? []),
    images: product.media.map(({ url, alt }) => ({ url, alt })),
    options: product.options.map(({ name, values }) => ({ name, values })),
    attributes,
    ...(Object.keys(attributeLabels).length > 0 && { attributeLabels }),
    seo,
    ...(Object.keys(translations).length > 0 && { translations }),
    ...shownFields(product.customFields, context.fields.product, context),
    ...usedFields(context.fields),
    ...unsearchedOf(product, context),
    ...(channels.some((code) => code !== DEFAULT_CHANNEL) && { channels }),
    currencies,
    variants,
    publishedAt: product.publishedAt ?? product.createdAt,
  };
}

function usedFields(fields: CatalogFields): Pick<ProductBase, "fieldUses"> {
  const { filterable, searchable } = fieldUses(fields);
  if (filterable.length + searchable.length === 0) return {};
  return { fieldUses: { filterable: [...filterable], searchable: [...searchable] } };
}

/** Attributes of its type whose words find no product. */
function unsearchedOf(product: ProductDocument, { types }: BaseContext): { readonly unsearched?: string[] } {
  const codes = types
    .get(product.typeCode ?? "")
    ?.attributes.flatMap(({ code, isSearchable }) => (isSearchable ? [] : code));
  return codes && codes.length > 0 ? { unsearched: codes } : {};
}

function variantBase(
  product: ProductDocument,
  variant: ProductDocument["variants"][number],
  context: BaseContext,
): ProductBase["variants"][number] {
  const image = variant.image ?? (product.variants.length === 1 ? product.media[0] : undefined);
  return {
    sku: variant.sku,
    barcode: variant.barcode,
    options: variant.options,
    ...(image && { image: { url: image.url, alt: image.alt } }),
    ...(variant.attributes?.length && { attributes: attributeValues(variant.attributes, context) }),
    ...shownFields(variant.customFields, context.fields.variant, context),
    ...pricesByChannel(product, variant, context),
    trackInventory: variant.trackInventory,
    allowBackorder: variant.allowBackorder,
    ...(variant.kit && { kit: variant.kit.map((part) => kitPart(part, context)) }),
  };
}

/** A part that is gone has no stock. */
function kitPart({ sku, quantity }: { readonly sku: string; readonly quantity: number }, { parts }: BaseContext) {
  const { trackInventory, allowBackorder } = parts.get(sku) ?? { trackInventory: true, allowBackorder: false };
  return { sku, quantity, trackInventory, allowBackorder };
}

/** SKUs whose stock decides about a product: its own, and those of the parts of its kits. */
export function stockSkus({ variants }: ProductBase): string[] {
  return variants.flatMap(({ sku, kit }) => (kit ? kit.map((part) => part.sku) : [sku]));
}

type BaseVariant = ProductBase["variants"][number];

/** Prices in the default channel, and where a list makes others of them, those of each further channel that shows the product. */
function pricesByChannel(
  product: ProductDocument,
  variant: ProductDocument["variants"][number],
  context: BaseContext,
): Pick<BaseVariant, "prices" | "channelPrices"> {
  const prices = publicPrices(product, variant, { ...context, channel: DEFAULT_CHANNEL });
  if (!product.listPrices?.some((price) => price.sku === variant.sku && price.channels)) return { prices };
  const others = channelsShowing(product, context.now).flatMap((channel): [string, BaseVariant["prices"]][] => {
    const own = publicPrices(product, variant, { ...context, channel });
    return canonicalJson(own) === canonicalJson(prices) ? [] : [[channel, own]];
  });
  return { prices, ...(others.length > 0 && { channelPrices: Object.fromEntries(others) }) };
}

export function pricesIn({ prices, channelPrices }: BaseVariant, channel: string): BaseVariant["prices"] {
  return channelPrices?.[channel] ?? prices;
}

/** Currencies in which at least one variant has a price in a channel. */
export function currenciesIn(variants: readonly BaseVariant[], channel: string): Currency[] {
  return [...new Set(variants.flatMap((variant) => Object.keys(pricesIn(variant, channel))))].sort() as Currency[];
}

/** A view that a product has, and the channels that show it; absent: the default one alone. */
export interface ViewPlace {
  readonly currency: Currency;
  /** Whose prices it shows. */
  readonly channel: string;
  readonly channels?: readonly string[];
}

/** One view in each currency for all channels of one price, and one for each channel that has others. */
export function viewPlaces({ channels: shown = [DEFAULT_CHANNEL], currencies, variants }: ProductBase): ViewPlace[] {
  const apart = shown.filter((code) => variants.some(({ channelPrices }) => channelPrices?.[code] !== undefined));
  const common = shown.filter((code) => !apart.includes(code));
  const isPlain = common.length === 1 && common[0] === DEFAULT_CHANNEL;
  const together = common.length === 0 ? [] : currencies;
  return [
    ...together.map((currency) => ({ currency, channel: DEFAULT_CHANNEL, ...(!isPlain && { channels: common }) })),
    ...apart.flatMap((channel) =>
      currenciesIn(variants, channel).map((currency) => ({ currency, channel, channels: [channel] })),
    ),
  ];
}

/** The public price in each currency as it is now and as it is known to become, with the lowest one before each reduction. */
function publicPrices(
  product: ProductDocument,
  variant: ProductDocument["variants"][number],
  { now, pastOffers, channel }: BaseContext & { readonly channel: string },
): BaseVariant["prices"] {
  const versions = versionsOf(variant.sku, [...(pastOffers.get(product._id) ?? []), presentOffer(product)]);
  const prices: BaseVariant["prices"] = {};
  for (const currency of new Set(pricesOf(product, variant).map((row) => row.currency))) {
    const steps = priceSteps(versions, currency, channel);
    const place = stepAt(steps, now);
    const price = basePrice(steps, place);
    if (!price) continue;
    const next = steps.slice(place + 1, place + 1 + STEPS_AHEAD_MAX).map(({ from }, index) => {
      return { from, price: basePrice(steps, place + 1 + index) };
    });
    prices[currency] = { ...price, ...(next.length > 0 && { next }) };
  }
  return prices;
}

function basePrice(steps: readonly PriceStep[], place: number): BasePrice | null {
  const price = steps[place]?.price;
  if (!price) return null;
  const lowestPrior = lowestPriorPrice(steps, place);
  return { ...price, ...(lowestPrior !== null && { lowestPrior }) };
}

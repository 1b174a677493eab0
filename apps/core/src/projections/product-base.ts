import { currencySchema, DEFAULT_CHANNEL } from "@stoa/kernel";
import {
  attributeLabelsSchema,
  attributeValueSchema,
  customFieldsViewSchema,
  imageViewSchema,
  productTextsViewSchema,
  seoViewSchema,
} from "@stoa/read-models";
import { z } from "zod";
import { type CatalogFields, channelsShowing, type ProductDocument } from "../services/catalog/index.ts";
import { currenciesIn, type PriceContext, pricesByChannel, pricesSchema } from "./base-prices.ts";
import { fieldUses, shownFields } from "./custom-fields.ts";
import { attributeValues, ownTexts, type TextsContext, translationsOf } from "./product-texts.ts";

const kitPartSchema = z.object({
  sku: z.string(),
  quantity: z.int(),
  trackInventory: z.boolean(),
  allowBackorder: z.boolean(),
});

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

export interface BaseContext extends TextsContext, PriceContext {
  /** The shop's own fields. */
  readonly fields: CatalogFields;
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

import { currencySchema, type Json, moneySchema } from "@stoa/kernel";
import { z } from "zod";

const shopLanguage = z.object({ code: z.string(), fallbacks: z.array(z.string()) });

/** A sales channel beside the default one, which is the shop as the rest of its settings say. */
export const channelViewSchema = z.object({
  code: z.string(),
  name: z.string(),
  defaultCurrency: currencySchema,
  currencies: z.array(currencySchema).min(1),
  /** Its own language, and further ones. */
  locale: z.string(),
  locales: z.array(shopLanguage),
  /** Null where each tax rate says so for itself. */
  pricesIncludeTax: z.boolean().nullable(),
  productUrl: z.string().nullable(),
  categoryUrl: z.string().nullable(),
  isActive: z.boolean(),
  /** Currencies in which the search index knows this channel's own prices; in any other it filters and sorts by the default channel's. */
  indexedCurrencies: z.array(currencySchema).default([]),
});
export type ChannelView = z.infer<typeof channelViewSchema>;

/** Settings of the shop that edge answers by. */
export const shopViewSchema = z.object({
  name: z.string(),
  defaultCurrency: currencySchema,
  currencies: z.array(currencySchema).min(1),
  /** At or below this many units (and above 0) a SKU is `low_stock`. */
  lowStockThreshold: z.int().min(0),
  /** Language of whatever is not translated. */
  locale: z.string().default("en-US"),
  /** Further languages, each with those that stand in for it. */
  locales: z.array(shopLanguage).default([]),
  /** Where pages are, with `{slug}` and maybe `{locale}` in it; null where nobody has said. */
  productUrl: z.string().nullable().default(null),
  categoryUrl: z.string().nullable().default(null),
  channels: z.array(channelViewSchema).default([]),
  version: z.int(),
});
export type ShopView = z.infer<typeof shopViewSchema>;

export const imageViewSchema = z.object({ url: z.string(), alt: z.string() });

/** Exactly what the storefront API calls ProductSummary. */
export const productSummaryViewSchema = z.object({
  id: z.string(),
  slug: z.string(),
  title: z.string(),
  brand: z.string().nullable(),
  price: moneySchema,
  compareAtPrice: moneySchema.optional(),
  lowestPriorPrice: moneySchema.optional(),
  image: imageViewSchema.optional(),
  inStock: z.boolean(),
});
export type ProductSummaryView = z.infer<typeof productSummaryViewSchema>;

/** What the shop's own fields say, those that shoppers may see, by key. */
export const customFieldsViewSchema: z.ZodType<Readonly<Record<string, Json>>> = z.record(z.string(), z.json());

export const attributeValueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/** What the page of a product says to search engines. */
export const seoViewSchema = z.object({
  title: z.string(),
  description: z.string(),
  canonicalUrl: z.string().optional(),
  robots: z.enum(["index", "noindex"]),
});
export type SeoView = z.infer<typeof seoViewSchema>;

/** What attributes and their values are called, by code; those that go by their code and their value are left out. */
export const attributeLabelsSchema = z.record(
  z.string(),
  z.object({
    label: z.string().optional(),
    unit: z.string().optional(),
    values: z.record(z.string(), z.string()).optional(),
  }),
);

/** Exactly what the storefront API calls Product. */
export const productViewSchema = productSummaryViewSchema.extend({
  description: z.string(),
  categories: z.array(z.object({ slug: z.string(), name: z.string() })),
  images: z.array(imageViewSchema),
  options: z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
  attributes: z.record(z.string(), attributeValueSchema),
  attributeLabels: attributeLabelsSchema.optional(),
  seo: seoViewSchema.optional(),
  variants: z.array(
    z.object({
      sku: z.string(),
      options: z.record(z.string(), z.string()),
      price: moneySchema,
      compareAtPrice: moneySchema.optional(),
      lowestPriorPrice: moneySchema.optional(),
      image: imageViewSchema.optional(),
      attributes: z.record(z.string(), attributeValueSchema).optional(),
      customFields: customFieldsViewSchema.optional(),
      inStock: z.boolean(),
      available: z.int(),
    }),
  ),
  customFields: customFieldsViewSchema.optional(),
});
export type ProductView = z.infer<typeof productViewSchema>;

/** What of a product is told otherwise in another language; members that are the same are missing. */
export const productTextsViewSchema = z
  .object({
    title: z.string(),
    description: z.string(),
    categories: z.array(z.object({ slug: z.string(), name: z.string() })),
    /** Values of those attributes that differ. */
    attributes: z.record(z.string(), attributeValueSchema),
    attributeLabels: attributeLabelsSchema,
    seo: seoViewSchema,
  })
  .partial();
export type ProductTextsView = z.infer<typeof productTextsViewSchema>;

export interface CategoryView {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** Published products in it or below it. */
  readonly productCount: number;
  readonly customFields?: Readonly<Record<string, Json>> | undefined;
  readonly children: readonly CategoryView[];
}
export const categoryViewSchema: z.ZodType<CategoryView> = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  productCount: z.int().min(0),
  customFields: customFieldsViewSchema.optional(),
  get children() {
    return z.array(categoryViewSchema);
  },
});

export const stockStatuses = ["in_stock", "low_stock", "out_of_stock", "backorder"] as const;
export type StockStatus = (typeof stockStatuses)[number];

/** One item of `GET /v1/stock`, stored as it is sent. */
export const stockViewSchema = z.object({
  sku: z.string(),
  available: z.int(),
  status: z.enum(stockStatuses),
  asOf: z.string(),
});
export type StockView = z.infer<typeof stockViewSchema>;

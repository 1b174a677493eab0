import {
  AMOUNT_MAX,
  currencySchema,
  moneySchema,
  PAGE_SIZE_DEFAULT,
  PAGE_SIZE_MAX,
  SKU_LENGTH_MAX,
} from "@stoa/kernel";
import { z } from "zod";
import { customFields } from "./custom-field-shapes.ts";
import { localeQuery } from "./locale.ts";
import { digits, filterText, flag, text } from "./text.ts";

export const CURSOR_LENGTH_MAX = 512;
export const SLUG_LENGTH_MAX = 200;
export const SKUS_PER_STOCK_CALL_MAX = 100;
export const SEARCH_TEXT_MAX = 200;
const ATTRIBUTE_NAMES_MAX = 10;
const ATTRIBUTE_VALUES_MAX = 20;

export const productSorts = ["relevance", "newest", "price", "-price", "bestselling"] as const;
export type ProductSort = (typeof productSorts)[number];

export const image = z.object({ url: z.string(), alt: z.string() }).meta({ id: "Image" });

const lowestPriorPrice = moneySchema
  .optional()
  .meta({ description: "Beside a reduced price: the lowest of the 30 days before it was reduced" });

const summaryMembers = {
  id: z.string(),
  slug: z.string(),
  title: z.string(),
  brand: z.string().nullable(),
  price: moneySchema,
  compareAtPrice: moneySchema.optional(),
  lowestPriorPrice,
  image: image.optional(),
  inStock: z.boolean(),
};
export const productSummary = z
  .object(summaryMembers)
  .meta({ id: "ProductSummary", description: "`price` is the lowest variant's." });

export const searchHit = z
  .object({
    ...summaryMembers,
    highlight: z
      .record(z.string(), z.string())
      .meta({ description: "By field: HTML-escaped text with the matches in <mark>." }),
  })
  .meta({ id: "SearchHit" });

const attributeValues = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]));

export const variant = z
  .object({
    sku: z.string(),
    options: z.record(z.string(), z.string()),
    price: moneySchema,
    compareAtPrice: moneySchema.optional(),
    lowestPriorPrice,
    image: image.optional(),
    attributes: attributeValues
      .optional()
      .meta({ description: "What differs from variant to variant beside its options" }),
    customFields,
    inStock: z.boolean(),
    available: z.int(),
  })
  .meta({ id: "Variant" });

export const product = z
  .object({
    ...summaryMembers,
    description: z.string(),
    categories: z.array(z.object({ slug: z.string(), name: z.string() })),
    images: z.array(image),
    options: z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
    attributes: attributeValues,
    attributeLabels: z
      .record(
        z.string(),
        z.object({
          label: z.string().optional(),
          unit: z.string().optional(),
          values: z.record(z.string(), z.string()).optional(),
        }),
      )
      .optional()
      .meta({ description: "What attributes and their values are called, by code, where the shop has names for them" }),
    seo: z
      .object({
        title: z.string(),
        description: z.string(),
        canonicalUrl: z.string().optional(),
        robots: z.enum(["index", "noindex"]),
      })
      .optional(),
    customFields,
    variants: z.array(variant),
  })
  .meta({ id: "Product" });

export interface Category {
  id: string;
  slug: string;
  name: string;
  productCount: number;
  customFields?: z.infer<typeof customFields>;
  children: Category[];
}
export const category: z.ZodType<Category> = z
  .object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    productCount: z.int().min(0),
    customFields,
    get children() {
      return z.array(category);
    },
  })
  .meta({ id: "Category" });
export const categoryTree = z.object({ items: z.array(category) }).meta({ id: "CategoryTree" });

export const salesChannel = z
  .object({
    code: z.string(),
    name: z.string(),
    currencies: z.array(currencySchema),
    defaultCurrency: currencySchema,
    languages: z.array(z.string()).meta({ description: "Language tags, the channel's own first" }),
    pricesIncludeTax: z.boolean().nullable().meta({
      description: "Whether the prices of products hold the taxes; null where each tax rate says so for itself",
    }),
  })
  .meta({ id: "SalesChannel" });

export const stockItem = z
  .object({
    sku: z.string(),
    available: z.int(),
    status: z.enum(["in_stock", "low_stock", "out_of_stock", "backorder"]),
    asOf: z.iso.datetime(),
  })
  .meta({ id: "StockItem" });
export const stockList = z.object({ items: z.array(stockItem) }).meta({ id: "StockList" });

function pageOf<T extends z.ZodType>(item: T) {
  return { items: z.array(item), nextCursor: z.string().nullable(), total: z.int().min(0) };
}
export const productPage = z.object(pageOf(productSummary)).meta({ id: "ProductPage" });
export const facet = z
  .object({
    field: z.string().meta({ description: "The name of the filter that narrows by it." }),
    label: z.string().optional().meta({ description: "What to call it, where the shop has a name for it" }),
    unit: z.string().optional(),
    values: z.array(z.object({ value: z.string(), label: z.string().optional(), count: z.int() })),
  })
  .meta({ id: "Facet" });
export const searchPage = z
  .object({ ...pageOf(searchHit), facets: z.array(facet), tookMs: z.int() })
  .meta({ id: "SearchPage" });
export const recommendations = z.object({ items: z.array(productSummary) }).meta({ id: "Recommendations" });
export const suggestions = z
  .object({
    items: z.array(z.object({ text: z.string(), slug: z.string() })).meta({ description: "Products" }),
    completions: z
      .array(z.object({ text: z.string(), kind: z.enum(["query", "category", "brand"]), slug: z.string().optional() }))
      .meta({ description: "Queries that several have asked with success, categories (with their slug), and brands" }),
  })
  .meta({ id: "Suggestions" });

export const pageQuery = {
  limit: digits(1, PAGE_SIZE_MAX).default(PAGE_SIZE_DEFAULT).meta({ description: "Items on a page" }),
  cursor: z.string().min(1).max(CURSOR_LENGTH_MAX).optional().meta({ description: "`nextCursor` of the page before" }),
};
export const currencyQuery = currencySchema
  .optional()
  .meta({ description: "Prices in this currency; the shop's own when left out" });

const terms = { currency: currencyQuery, locale: localeQuery };

const filters = {
  category: filterText(SLUG_LENGTH_MAX).optional().meta({ description: "Slug; what stands below it counts too" }),
  brand: filterText(100).optional(),
  minPrice: digits(0, AMOUNT_MAX).optional().meta({ description: "Minor units, inclusive" }),
  maxPrice: digits(0, AMOUNT_MAX).optional().meta({ description: "Minor units, inclusive" }),
  inStock: flag.optional(),
  attr: z
    .record(
      filterText(64),
      z
        .union([z.string(), z.array(z.string())])
        .transform((one) => [one].flat())
        .pipe(z.array(filterText(128)).max(ATTRIBUTE_VALUES_MAX)),
    )
    .refine((names) => Object.keys(names).length <= ATTRIBUTE_NAMES_MAX, { message: "too many attributes" })
    .optional()
    .meta({ description: "`attr.color=red`; values of one name are alternatives, different names must all hold" }),
  sort: z.enum(productSorts).default("relevance"),
};
export const productListQuery = z.object({ ...pageQuery, ...filters, ...terms });
export const searchQuery = z.object({ q: text(SEARCH_TEXT_MAX), ...pageQuery, ...filters, ...terms });
export const productQuery = z.object(terms);
export const categoryQuery = z.object({ locale: localeQuery });
export const recommendationQuery = z.object({
  kind: z.enum(["similar", "bought-together"]).default("similar"),
  limit: digits(1, 24).default(8),
  ...terms,
});
export const suggestQuery = z.object({
  q: text(SEARCH_TEXT_MAX),
  limit: digits(1, 20).default(8).meta({ description: "Products at most" }),
  locale: localeQuery,
});
export const stockQuery = z.object({
  sku: z
    .union([z.string(), z.array(z.string()).max(SKUS_PER_STOCK_CALL_MAX)], {
      error: `must be given, ${SKUS_PER_STOCK_CALL_MAX} times at most`,
    })
    .transform((one) => [...new Set([one].flat())])
    .pipe(z.array(text(SKU_LENGTH_MAX)).min(1).max(SKUS_PER_STOCK_CALL_MAX)),
});
export type ProductListQuery = z.output<typeof productListQuery>;
export type SearchQuery = z.output<typeof searchQuery>;

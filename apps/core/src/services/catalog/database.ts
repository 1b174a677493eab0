import { patience } from "@stoa/runtime";
import { type Collection, MongoClient, MongoServerError } from "mongodb";
import { CATEGORIES_MAX, type CategoryDocument } from "./category-document.ts";
import type { ProductDocument } from "./documents.ts";
import type { MediaDocument } from "./media/media-document.ts";
import type { PriceListDocument } from "./price-lists/price-list.ts";
import type { OfferDocument } from "./prices/history.ts";
import type { ProductTypeDocument } from "./product-type.ts";
import type { SaleDocument } from "./sale-document.ts";
import type { SearchRuleDocument } from "./search-rules/search-rule.ts";

/** Milliseconds. */
const CLIENT_LIMITS = {
  ...patience.mongodb,
  maxPoolSize: 20,
  maxIdleTimeMS: 60_000,
  heartbeatFrequencyMS: 5_000,
} as const;

/** Sales older than this no longer count in recommendations. */
export const SALES_WINDOW_DAYS = 90;

/** The catalog's collections. */
export interface CatalogDatabase {
  readonly products: Collection<ProductDocument>;
  readonly categories: Collection<CategoryDocument>;
  readonly productTypes: Collection<ProductTypeDocument>;
  readonly searchRules: Collection<SearchRuleDocument>;
  readonly sales: Collection<SaleDocument>;
  readonly media: Collection<MediaDocument>;
  readonly priceLists: Collection<PriceListDocument>;
  /** Former versions of what products were offered at. */
  readonly offers: Collection<OfferDocument>;
}

export interface CatalogConnection extends AsyncDisposable {
  readonly catalog: CatalogDatabase;
  /** Rejects when MongoDB does not answer. */
  ping(): Promise<void>;
}

/** Opens the pool; the first command connects. `name` is the database; without it, the one that the URL names. */
export function openCatalog(url: string, name?: string): CatalogConnection {
  const client = new MongoClient(url, { ...CLIENT_LIMITS, appName: "stoa-core", ignoreUndefined: true });
  const database = client.db(name);
  return {
    catalog: {
      products: database.collection("products"),
      categories: database.collection("categories"),
      productTypes: database.collection("product_types"),
      searchRules: database.collection("search_rules"),
      sales: database.collection("sales"),
      media: database.collection("media"),
      priceLists: database.collection("price_lists"),
      offers: database.collection("price_history"),
    },
    async ping() {
      await database.command({ ping: 1 });
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Creates what is missing; harmless when all is there. Run before the first write. */
export async function ensureCatalogIndexes({
  products,
  categories,
  productTypes,
  searchRules,
  sales,
  media,
  priceLists,
  offers,
}: CatalogDatabase): Promise<void> {
  await products.createIndexes([
    { key: { "variants.sku": 1 }, name: "product_sku", unique: true },
    { key: { slugs: 1 }, name: "product_slug", unique: true },
    { key: { dirty: 1 }, name: "product_dirty", partialFilterExpression: { dirty: true } },
    { key: { importKey: 1 }, name: "product_import_key" },
    { key: { categoryIds: 1 }, name: "product_category" },
    { key: { "working.patch.categoryIds": 1 }, name: "product_draft_category", sparse: true },
    { key: { typeCode: 1 }, name: "product_type" },
    { key: { status: 1, updatedAt: -1 }, name: "product_status" },
    { key: { updatedAt: -1 }, name: "product_updated" },
    { key: { sortTitle: 1 }, name: "product_title" },
    { key: { publishAt: 1 }, name: "product_publish_at" },
    { key: { "variants.kit.sku": 1 }, name: "product_kit_part" },
    { key: { unpublishAt: 1 }, name: "product_unpublish_at" },
    { key: { "channels.publishAt": 1 }, name: "product_channel_publish_at" },
    { key: { "channels.unpublishAt": 1 }, name: "product_channel_unpublish_at" },
    { key: { listRepriceAt: 1 }, name: "product_list_reprice_at" },
    { key: { "listPrices.list": 1 }, name: "product_list_prices" },
    { key: { repriceAt: 1 }, name: "product_reprice_at" },
    { key: { "media.url": 1 }, name: "product_media" },
    { key: { "variants.image.url": 1 }, name: "product_variant_image" },
    { key: { "working.patch.media.url": 1 }, name: "product_draft_media", sparse: true },
    { key: { "working.patch.variants.image.url": 1 }, name: "product_draft_variant_image", sparse: true },
  ]);
  await categories.createIndexes([
    { key: { slug: 1 }, name: "category_slug", unique: true },
    {
      key: { slugs: 1 },
      name: "category_slugs",
      unique: true,
      partialFilterExpression: { slugs: { $exists: true } },
    },
    { key: { dirty: 1 }, name: "category_dirty", partialFilterExpression: { dirty: true } },
  ]);
  await productTypes.createIndexes([
    { key: { dirty: 1 }, name: "product_type_dirty", partialFilterExpression: { dirty: true } },
  ]);
  await media.createIndexes([
    { key: { seenAt: 1 }, name: "media_seen" },
    { key: { uploadedAt: -1, _id: -1 }, name: "media_uploaded" },
  ]);
  await searchRules.createIndexes([
    { key: { dirty: 1 }, name: "search_rule_dirty", partialFilterExpression: { dirty: true } },
    { key: { key: 1 }, name: "search_rule_query", unique: true, partialFilterExpression: { key: { $exists: true } } },
  ]);
  await priceLists.createIndexes([
    { key: { dirty: 1 }, name: "price_list_dirty", partialFilterExpression: { dirty: true } },
    { key: { checkAt: 1 }, name: "price_list_check", sparse: true },
  ]);
  await offers.createIndexes([{ key: { productId: 1, from: -1 }, name: "offer_of_product" }]);
  await sales.createIndexes([{ key: { at: 1 }, name: "sale_age", expireAfterSeconds: SALES_WINDOW_DAYS * 86_400 }]);
}

/** Every category, those that are gone included. */
export async function allCategories({ categories }: CatalogDatabase): Promise<CategoryDocument[]> {
  return categories.find({}).limit(CATEGORIES_MAX).toArray();
}

/** The name of the unique index that a write ran into, or null for any other error. */
export function violatedIndex(error: unknown): string | null {
  if (!(error instanceof MongoServerError) || error.code !== 11_000) return null;
  return indexInMessage(error.message);
}

/** Reads the index out of MongoDB's own words: "… index: product_sku dup key: …". */
export function indexInMessage(message: string): string {
  return /index: (\S+)/.exec(message)?.[1] ?? "";
}

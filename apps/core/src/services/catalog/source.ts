import type { CategoryId, Instant, ProductId, SearchRuleId } from "@stoa/kernel";
import type { Filter } from "mongodb";
import type { CategoryDocument } from "./category-document.ts";
import { allCategories, type CatalogDatabase } from "./database.ts";
import type { ProductDocument, Variant } from "./documents.ts";
import { partsIn } from "./kit.ts";
import { finishPriceLists } from "./price-lists/save-price-list.ts";
import { type OfferDocument, pastOffers } from "./prices/history.ts";
import type { ProductTypeDocument } from "./product-type.ts";
import { type DueOutcome, touchDueProducts } from "./publish-product.ts";
import { finishRemovals } from "./remove-category.ts";
import { listProductTypes } from "./save-product-type.ts";
import { publishedIn, publishedSomewhere } from "./schedule.ts";
import { listSearchRules } from "./search-rules/save-search-rule.ts";
import type { SearchRuleDocument } from "./search-rules/search-rule.ts";

/** One revision of one document that has been brought into the read models. */
export interface Projected<Id> {
  readonly id: Id;
  readonly revision: number;
}

/** Products of one set of categories: how many are published. */
export interface CategoryCount {
  readonly categoryIds: readonly CategoryId[];
  readonly products: number;
}

/** Units of one product in one order. */
export interface SoldItem {
  readonly productId: ProductId;
  readonly units: number;
}

/** What one order sold. */
export interface Sale {
  readonly at: Instant;
  readonly items: readonly SoldItem[];
}

/** What of a product says that there is a page of it. */
export type ProductPage = Pick<
  ProductDocument,
  "_id" | "slug" | "status" | "unpublishAt" | "channels" | "updatedAt" | "title" | "seo"
>;
const pageMembers = { slug: 1, status: 1, unpublishAt: 1, channels: 1, updatedAt: 1, title: 1, seo: 1 } as const;

/** What the read models are made of. Every answer is one query. */
export interface CatalogSource {
  /** Products that the read models do not show yet, at most `limit`, and none of those that cannot be shown. */
  dirtyProducts(limit: number, except: readonly ProductId[]): Promise<ProductDocument[]>;
  /** Whether a category has changed since it was brought into the read models. */
  dirtyCategories(): Promise<readonly Projected<CategoryId>[]>;
  /** Which product types have changed since they were brought into the read models. */
  dirtyTypes(): Promise<readonly Projected<string>[]>;
  productTypes(): Promise<ProductTypeDocument[]>;
  /** Which search rules have changed, or gone, since they were brought into the read models. */
  dirtySearchRules(): Promise<readonly Projected<SearchRuleId>[]>;
  /** Those in force. */
  searchRules(): Promise<SearchRuleDocument[]>;
  productsById(ids: readonly ProductId[]): Promise<ProductDocument[]>;
  /** Present slugs of products, by id. */
  slugsById(ids: readonly ProductId[]): Promise<ReadonlyMap<string, string>>;
  /** Which product has, or had, each of these slugs. */
  productsBySlug(
    slugs: readonly string[],
  ): Promise<Pick<ProductDocument, "_id" | "slug" | "slugs" | "status" | "channels">[]>;
  /** What products whose page may announce a reduction were offered at before, oldest first, by id. */
  pastOffers(products: readonly ProductDocument[]): Promise<ReadonlyMap<ProductId, readonly OfferDocument[]>>;
  /** The variants that the kits among these products are made of, by SKU. */
  partsOf(products: readonly ProductDocument[]): Promise<ReadonlyMap<string, Variant>>;
  /** Marks the products with kits that are made of these SKUs as dirty. */
  touchKits(skus: readonly string[]): Promise<void>;
  /** Marks every published product as dirty: what is told of each rests on something that has changed. */
  touchPublished(): Promise<void>;
  /** Products in the order of their ids, a page at a time. */
  productsAfter(id: ProductId | null, limit: number): Promise<ProductDocument[]>;
  /** What the sitemap needs of products, in the order of their ids. */
  pagesAfter(id: ProductId | null, limit: number): Promise<ProductPage[]>;
  countProducts(): Promise<number>;
  categories(): Promise<CategoryDocument[]>;
  /** Brings to an end what a crash may have left of categories that were taken away. */
  finishRemovals(): Promise<void>;
  /** In one channel. */
  publishedByCategory(channel: string): Promise<CategoryCount[]>;
  /** Publishes and takes down what is due and marks what has a new price by now, as dirty. */
  touchDue(now: Instant): Promise<DueOutcome>;
  /** Takes the dirty mark off, but only where the revision is still this one. */
  settleProducts(done: readonly Projected<ProductId>[]): Promise<void>;
  settleCategories(done: readonly Projected<CategoryId>[]): Promise<void>;
  settleTypes(done: readonly Projected<string>[]): Promise<void>;
  /** The same; a rule that was taken away is gone then. */
  settleSearchRules(done: readonly Projected<SearchRuleId>[]): Promise<void>;
  /** Remembers what an order sold; a second time changes nothing. */
  recordSale(orderId: string, at: Instant, items: readonly SoldItem[]): Promise<void>;
  /** Sales of the window, newest first, at most `limit` orders. */
  sales(limit: number): AsyncIterable<Sale>;
}

/** The catalog as the projections need it. */
export function catalogSource(catalog: CatalogDatabase): CatalogSource {
  return { ...changesIn(catalog), ...productsIn(catalog), ...marksIn(catalog), ...salesIn(catalog) };
}

/** What has changed and is not shown yet, and what is shown beside products. */
function changesIn(catalog: CatalogDatabase) {
  const { products, categories, productTypes, searchRules } = catalog;
  return {
    dirtyProducts: (limit, except) => {
      const others = except.length > 0 ? { _id: { $nin: [...except] } } : {};
      return products
        .find({ dirty: true, ...others })
        .limit(limit)
        .toArray();
    },
    dirtyCategories: async () => projectedOf(await categories.find({ dirty: true }, revisions).toArray()),
    dirtyTypes: async () => projectedOf(await productTypes.find({ dirty: true }, revisions).toArray()),
    productTypes: () => listProductTypes(catalog),
    dirtySearchRules: async () => projectedOf(await searchRules.find({ dirty: true }, revisions).toArray()),
    searchRules: () => listSearchRules(catalog),
    categories: () => allCategories(catalog),
    finishRemovals: () => finishRemovals(catalog),
    publishedByCategory: async (channel) => {
      const groups = await products
        .aggregate<{ _id: CategoryId[]; products: number }>([
          { $match: publishedIn(channel) },
          { $group: { _id: "$categoryIds", products: { $sum: 1 } } },
        ])
        .toArray();
      return groups.map((group) => ({ categoryIds: group._id, products: group.products }));
    },
  } satisfies Partial<CatalogSource>;
}

function productsIn(catalog: CatalogDatabase) {
  const { products } = catalog;
  return {
    pastOffers: (asked) => pastOffers(catalog, asked),
    partsOf: (asked) =>
      partsIn(
        catalog,
        asked.flatMap(({ variants }) => variants),
      ),
    productsById: (ids) => products.find({ _id: { $in: [...ids] } }).toArray(),
    slugsById: async (ids) => {
      if (ids.length === 0) return new Map();
      const found = await products.find({ _id: { $in: [...ids] } }, { projection: { slug: 1 } }).toArray();
      return new Map(found.map(({ _id, slug }) => [_id, slug]));
    },
    productsBySlug: (slugs) =>
      products
        .find({ slugs: { $in: [...slugs] } }, { projection: { slug: 1, slugs: 1, status: 1, channels: 1 } })
        .toArray(),
    productsAfter: (id, limit) => products.find(behind(id)).sort({ _id: 1 }).limit(limit).toArray(),
    pagesAfter: (id, limit) =>
      products.find<ProductPage>(behind(id), { projection: pageMembers }).sort({ _id: 1 }).limit(limit).toArray(),
    countProducts: () => products.countDocuments({}),
  } satisfies Partial<CatalogSource>;
}

/** What is marked as changed, and the marks that are taken off again. */
function marksIn(catalog: CatalogDatabase) {
  const { products, categories, productTypes, searchRules } = catalog;
  const touch = { $set: { dirty: true }, $inc: { revision: 1 } };
  return {
    touchKits: async (skus) => {
      await products.updateMany({ "variants.kit.sku": { $in: [...skus] } }, touch);
    },
    touchPublished: async () => {
      await products.updateMany(publishedSomewhere, touch);
    },
    touchDue: async (now) => {
      const context = { catalog, now, changed: () => undefined };
      await finishPriceLists(context);
      return touchDueProducts(context);
    },
    settleProducts: async (done) => {
      if (done.length > 0) await products.bulkWrite(done.map(settle), { ordered: false });
    },
    settleCategories: async (done) => {
      if (done.length > 0) await categories.bulkWrite(done.map(settle), { ordered: false });
    },
    settleTypes: async (done) => {
      if (done.length > 0) await productTypes.bulkWrite(done.map(settle), { ordered: false });
    },
    settleSearchRules: async (done) => {
      if (done.length === 0) return;
      await searchRules.bulkWrite(done.map(settle), { ordered: false });
      await searchRules.deleteMany({ removed: true, dirty: false });
    },
  } satisfies Partial<CatalogSource>;
}

function salesIn({ sales }: CatalogDatabase) {
  return {
    recordSale: async (orderId, at, items) => {
      const sale = { at: new Date(at), items: [...items] };
      await sales.updateOne({ _id: orderId }, { $setOnInsert: sale }, { upsert: true });
    },
    async *sales(limit) {
      for await (const sale of sales
        .find({}, { projection: { at: 1, items: 1 } })
        .sort({ at: -1 })
        .limit(limit)) {
        yield { at: sale.at.getTime() as Instant, items: sale.items };
      }
    },
  } satisfies Partial<CatalogSource>;
}

function behind(id: ProductId | null): Filter<ProductDocument> {
  return id === null ? {} : { _id: { $gt: id } };
}

const revisions = { projection: { revision: 1 } } as const;

function projectedOf<Id>(found: readonly { readonly _id: Id; readonly revision: number }[]): Projected<Id>[] {
  return found.map(({ _id, revision }) => ({ id: _id, revision }));
}

function settle<Id>({ id, revision }: Projected<Id>) {
  return { updateOne: { filter: { _id: id, revision }, update: { $set: { dirty: false } } } };
}

import {
  cursorKeys,
  cutPage,
  idSchema,
  instantSchema,
  type Page,
  type ProductId,
  pageQuerySchema,
  problem,
  textIn,
  toTimestamp,
} from "@stoa/kernel";
import type { Filter, Sort } from "mongodb";
import { z } from "zod";
import type { CategoryDocument } from "./category-document.ts";
import { allCategories, type CatalogDatabase } from "./database.ts";
import { type ProductDocument, productStatuses } from "./documents.ts";

const filters = {
  /** Words that must all occur in title, brand, SKUs or barcodes. */
  search: z.string().trim().max(200).optional(),
  statuses: z.array(z.enum(productStatuses)).max(productStatuses.length).optional(),
  categoryId: idSchema("cat").optional(),
};
export const productFilterSchema = z.strictObject(filters);

export const listProductsSchema = pageQuerySchema.extend({
  ...filters,
  sort: z.enum(["-updated", "updated", "title", "-title"]).default("-updated"),
});
export type ListProducts = z.infer<typeof listProductsSchema>;

/** A product as a row of the dashboard's list. */
export interface ProductRow {
  readonly id: ProductId;
  readonly slug: string;
  readonly title: string;
  readonly status: ProductDocument["status"];
  readonly brand: string | null;
  readonly imageUrl: string | null;
  readonly skus: readonly string[];
  readonly prices: readonly { readonly currency: string; readonly min: number; readonly max: number }[];
  readonly version: number;
  readonly updatedAt: string;
}

const SKUS_IN_ROW_MAX = 5;
const WORDS_MAX = 8;

/** Products for the dashboard, by keyset: a page costs the same wherever it stands. @throws Problem `validation_failed`. */
export async function listProducts(
  { catalog, locale }: { readonly catalog: CatalogDatabase; readonly locale: string },
  input: ListProducts,
): Promise<Page<ProductRow>> {
  const { field, direction } = sortOf(input.sort);
  const matching = filterOf(input);
  const from = input.cursor === undefined ? null : afterCursor(input.cursor, field, direction);
  const filter: Filter<ProductDocument> = from ? { $and: [matching, from] } : matching;
  const sort: Sort = { [field]: direction, _id: direction };
  const [found, total] = await Promise.all([
    catalog.products
      .find(filter)
      .sort(sort)
      .limit(input.limit + 1)
      .toArray(),
    catalog.products.countDocuments(matching),
  ]);
  const { shown, nextCursor } = cutPage(found, input.limit, (last) => [last[field], last._id]);
  return { items: shown.map((product) => rowOf(product, locale)), nextCursor, total };
}

/** @throws Problem `not_found`. */
export async function getProduct(catalog: CatalogDatabase, id: ProductId): Promise<ProductDocument> {
  const product = await catalog.products.findOne({ _id: id });
  if (!product) throw problem("not_found");
  return product;
}

/** Every category, flat; the screen builds its tree. */
export async function listCategories(catalog: CatalogDatabase): Promise<CategoryDocument[]> {
  const categories = await allCategories(catalog);
  return categories
    .filter((category) => category.goneAt === undefined)
    .sort((left, right) => left.position - right.position || (left.slug < right.slug ? -1 : 1));
}

/** The products that all conditions of a list match. */
export function filterOf(input: z.infer<typeof productFilterSchema>): Filter<ProductDocument> {
  const conditions: Filter<ProductDocument>[] = [];
  if (input.statuses?.length) conditions.push({ status: { $in: input.statuses } });
  if (input.categoryId) conditions.push({ categoryIds: input.categoryId });
  const words = (input.search ?? "").toLowerCase().split(/\s+/).filter(Boolean).slice(0, WORDS_MAX);
  for (const word of words) conditions.push({ searchText: { $regex: RegExp.escape(word) } });
  return conditions.length === 0 ? {} : { $and: conditions };
}

function sortOf(sort: ListProducts["sort"]): { field: "updatedAt" | "sortTitle"; direction: 1 | -1 } {
  return { field: sort.endsWith("title") ? "sortTitle" : "updatedAt", direction: sort.startsWith("-") ? -1 : 1 };
}

function afterCursor(cursor: string, field: "updatedAt" | "sortTitle", direction: 1 | -1): Filter<ProductDocument> {
  const key = field === "updatedAt" ? instantSchema : z.string();
  const [value, id] = cursorKeys(cursor, z.tuple([key, z.string()]));
  const beyond = direction === 1 ? "$gt" : "$lt";
  return {
    $or: [{ [field]: { [beyond]: value } }, { [field]: value, _id: { [beyond]: id } }],
  } as Filter<ProductDocument>;
}

function rowOf(product: ProductDocument, locale: string): ProductRow {
  const ranges = new Map<string, { currency: string; min: number; max: number }>();
  for (const { currency, amount } of product.variants.flatMap((variant) => variant.prices)) {
    const range = ranges.get(currency);
    ranges.set(currency, {
      currency,
      min: Math.min(range?.min ?? amount, amount),
      max: Math.max(range?.max ?? amount, amount),
    });
  }
  return {
    id: product._id,
    slug: product.slug,
    title: textIn(product.title, locale),
    status: product.status,
    brand: product.brand,
    imageUrl: product.media[0]?.url ?? null,
    skus: product.variants.slice(0, SKUS_IN_ROW_MAX).map((variant) => variant.sku),
    prices: [...ranges.values()],
    version: product.revision,
    updatedAt: toTimestamp(product.updatedAt),
  };
}

import { type FieldError, type Instant, type ProductId, problem } from "@stoa/kernel";
import { z } from "zod";
import type { CatalogContext } from "./context.ts";
import { type CatalogDatabase, violatedIndex } from "./database.ts";
import { slugSchema } from "./names.ts";
import { type ProductTypeDocument, productTypeSchema, typeErrors } from "./product-type.ts";

const TYPES_MAX = 1_000;
/** Products that are listed by name; all are counted. */
const BREACHES_LISTED_MAX = 100;
const ERRORS_PER_PRODUCT_MAX = 10;

export const saveProductTypeSchema = productTypeSchema.extend({
  /** The revision that the editor saw; absent for a new type. */
  version: z.int().min(1).optional(),
  /** Saves it although products break it; they stay as they are and must be mended when they are edited next. */
  acceptBreaches: z.boolean().default(false),
});
export type SaveProductType = z.infer<typeof saveProductTypeSchema>;

export const deleteProductTypeSchema = z.strictObject({ code: slugSchema, version: z.int().min(1) });

/** Products that do not keep to their type. */
export interface Breaches {
  readonly total: number;
  readonly items: readonly {
    readonly id: ProductId;
    readonly slug: string;
    readonly errors: readonly FieldError[];
  }[];
}

export interface ProductTypeWrite {
  readonly before: ProductTypeDocument | null;
  readonly after: ProductTypeDocument;
}

/** Which products would break if this were saved; changes nothing. @throws as saveProductType, but for `state_conflict`. */
export async function previewProductType(catalog: CatalogDatabase, input: SaveProductType): Promise<Breaches> {
  const { code, version, attributes } = input;
  if (version === undefined) return { total: 0, items: [] };
  await typeAt(catalog, { code, version });
  return findBreaches(catalog, { _id: code, attributes });
}

/**
 * Defines a product type, or changes one. A change by which products of the type would break is refused with the list of them
 * unless it is accepted.
 * @throws Problem `not_found`, `version_conflict`, `validation_failed` (code taken), `state_conflict` (with `breaches`).
 */
export async function saveProductType(context: CatalogContext, input: SaveProductType): Promise<ProductTypeWrite> {
  const { code, version, acceptBreaches, ...members } = input;
  if (version === undefined) return { before: null, after: await insertType(context, { code, ...members }) };
  const { catalog, now } = context;
  const before = await typeAt(catalog, { code, version });
  if (!acceptBreaches) await assertNoBreaches(catalog, { _id: code, ...members });
  const after = await catalog.productTypes.findOneAndUpdate(
    { _id: code, revision: version },
    { $set: { ...members, dirty: true, updatedAt: now satisfies Instant }, $inc: { revision: 1 } },
    { returnDocument: "after" },
  );
  if (!after) throw problem("version_conflict");
  await catalog.products.updateMany({ typeCode: code }, { $set: { dirty: true }, $inc: { revision: 1 } });
  context.changed({ products: [], categories: true });
  return { before, after };
}

/** Takes away a type that no product has. @throws Problem `not_found`, `version_conflict`, `state_conflict` (with `products`). */
export async function deleteProductType(
  context: CatalogContext,
  input: z.infer<typeof deleteProductTypeSchema>,
): Promise<ProductTypeDocument> {
  const before = await typeAt(context.catalog, input);
  const products = await context.catalog.products.countDocuments({ typeCode: input.code });
  if (products > 0) throw problem("state_conflict", { detail: `${products} products have this type`, products });
  const { deletedCount } = await context.catalog.productTypes.deleteOne({ _id: input.code, revision: input.version });
  if (deletedCount === 0) throw problem("version_conflict");
  context.changed({ products: [], categories: true });
  return before;
}

/** Products that do not keep to a type as it is, or as it is about to be. Reads every product of the type. */
export async function findBreaches(
  { products }: CatalogDatabase,
  type: Pick<ProductTypeDocument, "_id" | "attributes">,
): Promise<Breaches> {
  const listed: Breaches["items"][number][] = [];
  let total = 0;
  const projection = { slug: 1, attributes: 1, "variants.attributes": 1 } as const;
  for await (const product of products.find({ typeCode: type._id }, { projection })) {
    const errors = typeErrors(product, type);
    if (errors.length === 0) continue;
    total += 1;
    if (listed.length === BREACHES_LISTED_MAX) continue;
    listed.push({ id: product._id, slug: product.slug, errors: errors.slice(0, ERRORS_PER_PRODUCT_MAX) });
  }
  return { total, items: listed };
}

/** Every type, by code. */
export async function listProductTypes({ productTypes }: CatalogDatabase): Promise<ProductTypeDocument[]> {
  return productTypes.find({}).sort({ _id: 1 }).limit(TYPES_MAX).toArray();
}

/** @throws Problem `not_found`. */
export async function getProductType({ productTypes }: CatalogDatabase, code: string): Promise<ProductTypeDocument> {
  const type = await productTypes.findOne({ _id: code });
  if (!type) throw problem("not_found");
  return type;
}

async function assertNoBreaches(
  catalog: CatalogDatabase,
  type: Pick<ProductTypeDocument, "_id" | "attributes">,
): Promise<void> {
  const breaches = await findBreaches(catalog, type);
  if (breaches.total === 0) return;
  throw problem("state_conflict", { detail: `${breaches.total} products would not keep to the type`, breaches });
}

async function typeAt(
  catalog: CatalogDatabase,
  { code, version }: { readonly code: string; readonly version: number },
): Promise<ProductTypeDocument> {
  const type = await getProductType(catalog, code);
  if (type.revision !== version) throw problem("version_conflict", { version: type.revision });
  return type;
}

async function insertType(
  { catalog, now, changed }: CatalogContext,
  { code, ...members }: z.infer<typeof productTypeSchema>,
): Promise<ProductTypeDocument> {
  if ((await catalog.productTypes.countDocuments({})) >= TYPES_MAX) {
    throw problem("validation_failed", { errors: [{ path: "code", message: `more than ${TYPES_MAX} types` }] });
  }
  const type = { _id: code, ...members, revision: 1, dirty: true, createdAt: now, updatedAt: now };
  try {
    await catalog.productTypes.insertOne(type);
  } catch (error) {
    if (violatedIndex(error) === null) throw error;
    throw problem("validation_failed", { errors: [{ path: "code", message: "is taken" }] });
  }
  changed({ products: [], categories: true });
  return type;
}

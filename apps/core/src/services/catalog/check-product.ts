import { type FieldError, isId, problem } from "@stoa/kernel";
import { leadingNowhere, type Reference } from "../../platform/custom-fields/index.ts";
import type { CatalogContext } from "./context.ts";
import type { CatalogDatabase } from "./database.ts";
import type { Attribute, ProductContent, ProductDocument } from "./documents.ts";
import { kitErrors } from "./kit.ts";
import { contentErrors } from "./product.ts";
import { type ProductTypeDocument, typeErrors } from "./product-type.ts";

/**
 * Whether a product holds together, keeps to its type, and names only what there is.
 * @throws Problem `validation_failed` with every error by its path.
 */
export async function assertProduct(
  catalog: CatalogDatabase,
  content: ProductContent,
  { withCategories, before = null }: { readonly withCategories: boolean; readonly before?: ProductDocument | null },
): Promise<void> {
  const [types, references, categories, kits] = await Promise.all([
    readTypes(catalog, [content]),
    referenceErrors(catalog, [{ before, after: content }]),
    withCategories ? categoryErrors(catalog, content) : [],
    kitErrors(catalog, [{ before, after: content }]),
  ]);
  const errors = [...productErrors(content, types), ...references.flat(), ...categories, ...kits.flat()];
  if (errors.length > 0) throw problem("validation_failed", { errors });
}

/** What can be said of a product once its type is at hand. */
export function productErrors(content: ProductContent, types: ReadonlyMap<string, ProductTypeDocument>): FieldError[] {
  const errors = contentErrors(content);
  if (content.typeCode == null) return errors;
  const type = types.get(content.typeCode);
  if (!type) return [...errors, { path: "typeCode", message: "unknown product type" }];
  return [...errors, ...typeErrors(content, type)];
}

/** The types that these products have, by code; one query, none where no product has a type. */
export async function readTypes(
  { productTypes }: CatalogDatabase,
  products: readonly Pick<ProductContent, "typeCode">[],
): Promise<Map<string, ProductTypeDocument>> {
  const codes = [...new Set(products.flatMap(({ typeCode }) => typeCode ?? []))];
  if (codes.length === 0) return new Map();
  const types = await productTypes.find({ _id: { $in: codes } }).toArray();
  return new Map(types.map((type) => [type._id, type]));
}

/** Every product and category that a product's attributes lead to, with the path of the attribute. */
export function referencesOf({ attributes, variants }: Pick<ProductContent, "attributes" | "variants">) {
  const at = (path: string) => (attribute: Attribute) =>
    attribute.type === "reference" ? [{ path: `${path}.${attribute.code}`, id: attribute.value }] : [];
  return [
    ...attributes.flatMap(at("attributes")),
    ...variants.flatMap((variant, index) => (variant.attributes ?? []).flatMap(at(`variants.${index}.attributes`))),
  ];
}

interface AttributesChange {
  readonly before: Pick<ProductContent, "attributes" | "variants"> | null;
  readonly after: Pick<ProductContent, "attributes" | "variants">;
}

/**
 * For each product, the attributes of it that lead to nothing there is and did not lead there before: what was there once may be gone,
 * and keeps nobody from changing something else. Two queries at most.
 */
export async function referenceErrors(
  catalog: CatalogDatabase,
  changes: readonly AttributesChange[],
): Promise<FieldError[][]> {
  const references = changes.map(({ before, after }) => {
    const known = new Set(before && referencesOf(before).map(({ id }) => id));
    return referencesOf(after).filter(({ id }) => !known.has(id));
  });
  const errors = await danglingErrors({ catalog }, references.flat());
  return references.map((of) => of.flatMap((reference) => errors.get(reference) ?? []));
}

/** Those of the references that lead to nothing there is, with what to say of each. */
export async function danglingErrors<R extends Reference>(
  { catalog, findTargets }: Pick<CatalogContext, "catalog" | "findTargets">,
  references: readonly R[],
): Promise<ReadonlyMap<R, FieldError>> {
  if (references.length === 0) return new Map();
  const ids = references.map(({ id }) => id);
  const elsewhere = ids.filter((id) => !isId("prod", id) && !isId("cat", id));
  const [products, categories, others] = await Promise.all([
    catalog.products.find({ _id: { $in: ids.filter((id) => isId("prod", id)) } }, { projection: { _id: 1 } }).toArray(),
    livingCategories(
      catalog,
      ids.filter((id) => isId("cat", id)),
    ),
    elsewhere.length > 0 && findTargets ? findTargets(elsewhere) : [],
  ]);
  return leadingNowhere(references, new Set<string>([...products.map(({ _id }) => _id), ...categories, ...others]));
}

async function categoryErrors(catalog: CatalogDatabase, { categoryIds }: ProductContent): Promise<FieldError[]> {
  const known = new Set(await livingCategories(catalog, categoryIds));
  return categoryIds.flatMap((id, index) =>
    known.has(id) ? [] : [{ path: `categoryIds.${index}`, message: "unknown category" }],
  );
}

async function livingCategories({ categories }: CatalogDatabase, ids: ProductContent["categoryIds"]) {
  if (ids.length === 0) return [];
  const filter = { _id: { $in: ids }, goneAt: { $exists: false } };
  return (await categories.find(filter, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id);
}

/** Those of these products and categories there are. */
export async function knownInCatalog(catalog: CatalogDatabase, ids: readonly string[]): Promise<readonly string[]> {
  const references = ids.filter((id) => isId("prod", id) || isId("cat", id)).map((id) => ({ path: "", id }));
  const dangling = await danglingErrors({ catalog }, references);
  return references.filter((reference) => !dangling.has(reference)).map(({ id }) => id);
}

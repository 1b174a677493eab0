import { canonicalJson, type FieldError, problem } from "@stoa/kernel";
import {
  type CustomField,
  type FieldValues,
  type HeldValue,
  type ReadFields,
  type Reference,
  newReferences as referencesOfChange,
  valuesErrors,
} from "../../platform/custom-fields/index.ts";
import { danglingErrors } from "./check-product.ts";
import type { CatalogContext } from "./context.ts";
import type { CatalogDatabase } from "./database.ts";
import type { ProductContent } from "./documents.ts";

/** The shop's own fields of what the catalog holds. */
export interface CatalogFields {
  readonly product: readonly CustomField[];
  readonly variant: readonly CustomField[];
  readonly category: readonly CustomField[];
}

export async function readCatalogFields(readFields: ReadFields): Promise<CatalogFields> {
  const [product, variant, category] = await Promise.all([
    readFields("product"),
    readFields("variant"),
    readFields("category"),
  ]);
  return { product, variant, category };
}

type Fielded = Pick<ProductContent, "customFields" | "variants">;

/**
 * Whether what changes of a product's own fields, and of its variants', keeps to them. What stays as it was is not judged.
 * @throws Problem `validation_failed` with the path of each value.
 */
export async function assertFields(
  context: Pick<CatalogContext, "catalog" | "readFields" | "findTargets">,
  before: Fielded | null,
  after: Fielded,
): Promise<void> {
  const fields = await readCatalogFields(context.readFields);
  const errors = productFieldErrors(fields, before, after);
  const dangling = await danglingErrors(context, newReferences(fields, before, after));
  if (errors.length > 0 || dangling.size > 0) {
    throw problem("validation_failed", { errors: [...errors, ...dangling.values()] });
  }
}

/** The same for a category; null before for a new one. @throws as assertFields. */
export async function assertCategoryFields(
  context: Pick<CatalogContext, "catalog" | "readFields" | "findTargets">,
  before: FieldValues | null,
  after: FieldValues,
): Promise<void> {
  const fields = await context.readFields("category");
  const change = { path: "customFields", fields, before, after };
  const dangling = await danglingErrors(context, referencesOfChange(change));
  const errors = [...changeErrors(change), ...dangling.values()];
  if (errors.length > 0) throw problem("validation_failed", { errors });
}

export function productFieldErrors(fields: CatalogFields, before: Fielded | null, after: Fielded): FieldError[] {
  return changesOf(fields, before, after).flatMap(changeErrors);
}

interface ValuesChange {
  readonly path: string;
  readonly fields: readonly CustomField[];
  /** Null for what is new. */
  readonly before: FieldValues | null;
  readonly after: FieldValues;
}

/** What becomes of the product's values and of those of each variant; a variant is the same by its SKU. */
function changesOf(fields: CatalogFields, before: Fielded | null, after: Fielded): ValuesChange[] {
  const known = new Map(before?.variants.map(({ sku, customFields = {} }) => [sku, customFields]));
  return [
    {
      path: "customFields",
      fields: fields.product,
      before: before && (before.customFields ?? {}),
      after: after.customFields ?? {},
    },
    ...after.variants.map(({ sku, customFields = {} }, index) => ({
      path: `variants.${index}.customFields`,
      fields: fields.variant,
      before: known.get(sku) ?? null,
      after: customFields,
    })),
  ];
}

function changeErrors({ path, fields, before, after }: ValuesChange): FieldError[] {
  const isComplete = before === null || canonicalJson(before) !== canonicalJson(after);
  return valuesErrors({ fields, before: before ?? {}, after, by: "staff", isComplete, path });
}

/** What changed values lead to and did not before. */
export function newReferences(fields: CatalogFields, before: Fielded | null, after: Fielded): Reference[] {
  return changesOf(fields, before, after).flatMap(referencesOfChange);
}

/**
 * Every value that products, variants or categories have of a field, and those that wait in working drafts. Reads all of them that have
 * one.
 */
export async function* heldInCatalog(
  { products, categories }: CatalogDatabase,
  entity: keyof CatalogFields,
  key: string,
): AsyncIterable<HeldValue> {
  if (entity === "category") {
    const filter = { [`customFields.${key}`]: { $exists: true } };
    for await (const { _id: id, slug: name, customFields } of categories.find(filter)) {
      yield* heldBy({ id, name, customFields }, key);
    }
    return;
  }
  const path = `${entity === "product" ? "" : "variants."}customFields.${key}`;
  const shown = { customFields: 1, "variants.sku": 1, "variants.customFields": 1 } as const;
  const projection = { slug: 1, ...shown, "working.patch.customFields": 1, "working.patch.variants": 1 } as const;
  const filter = { $or: [{ [path]: { $exists: true } }, { [`working.patch.${path}`]: { $exists: true } }] };
  for await (const { _id: id, slug, working, ...product } of products.find(filter, { projection })) {
    for (const { customFields, variants = [] } of [product, working?.patch ?? {}]) {
      if (entity === "product") yield* heldBy({ id, name: slug, customFields }, key);
      else for (const { sku: name, customFields: own } of variants) yield* heldBy({ id, name, customFields: own }, key);
    }
  }
}

interface Holder extends Pick<HeldValue, "id" | "name"> {
  readonly customFields: FieldValues | undefined;
}

function* heldBy({ id, name, customFields }: Holder, key: string): Iterable<HeldValue> {
  const value = customFields?.[key];
  if (value !== undefined) yield { id, name, value };
}

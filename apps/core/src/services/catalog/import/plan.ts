import { type CategoryId, canonicalJson, type Texts } from "@stoa/kernel";
import { type CustomField, type FieldValues, patched } from "../../../platform/custom-fields/index.ts";
import { productErrors } from "../check-product.ts";
import { type CatalogFields, productFieldErrors } from "../custom-fields.ts";
import type { Attribute, Media, Price, ProductContent, ProductDocument, Variant } from "../documents.ts";
import { productContentSchema } from "../documents.ts";
import { isConditional } from "../price.ts";
import { contentOf, optionOf } from "../product.ts";
import { type AttributeDefinition, conformed, type ProductTypeDocument } from "../product-type.ts";
import { readFieldCells } from "./field-cells.ts";
import type { ImportedAttribute, ImportedFields, ImportedProduct, ImportedVariant } from "./imported-product.ts";

/** Grows when the same line of a file would be written otherwise; all products are then written once more. */
const FORMAT = 2;
const ERRORS_TOLD_MAX = 5;

/** An imported product with its images where the shop keeps them: reference → URL. */
export interface ResolvedProduct {
  readonly product: ImportedProduct;
  readonly imageUrls: ReadonlyMap<string, string>;
}

/** Hash of all that an import writes of a product; stock is no part of it. */
export function importHash({ product, imageUrls }: ResolvedProduct): string {
  const { line: _, variants, ...rest } = product;
  const written = {
    format: FORMAT,
    ...rest,
    variants: variants.map(({ stock: __, ...variant }) => variant),
    imageUrls: [...imageUrls].sort(([left], [right]) => (left < right ? -1 : 1)),
  };
  return new Bun.CryptoHasher("sha256").update(canonicalJson(written)).digest("hex").slice(0, 32);
}

export interface ContentContext {
  readonly locale: string;
  readonly categoryIds: readonly CategoryId[];
  /** The product as it stands, or null for a new one. */
  readonly existing: ProductDocument | null;
  readonly types: ReadonlyMap<string, ProductTypeDocument>;
  /** The shop's own fields. */
  readonly fields: CatalogFields;
}

/**
 * The content that an import leaves: what the file names, over what is there. Further languages and currencies, dimensions and
 * the like, which a file need not name, stay. Answers a sentence when the product does not hold together.
 */
export function importedContent(resolved: ResolvedProduct, context: ContentContext): ProductContent | string {
  const { whole } = resolved.product;
  const { categoryIds, types, fields, existing } = context;
  const candidate = whole ? { ...whole, categoryIds } : mergedContent(resolved, context);
  const parsed = productContentSchema.safeParse(candidate);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${issue?.path.join(".") ?? "product"}: ${issue?.message ?? "is malformed"}`;
  }
  const own = productFieldErrors(fields, existing, parsed.data);
  const errors = [...productErrors(parsed.data, types), ...own].slice(0, ERRORS_TOLD_MAX);
  return errors.length > 0 ? errors.map(({ path, message }) => `${path}: ${message}`).join("; ") : parsed.data;
}

function mergedContent(resolved: ResolvedProduct, context: ContentContext) {
  const { existing, locale, categoryIds, types, fields } = context;
  const { product } = resolved;
  const base = existing ? contentOf(existing) : null;
  const known = new Map(existing?.variants.map((variant) => [variant.sku, variant]));
  const typeCode = product.typeCode ?? existing?.typeCode ?? null;
  const type = typeCode === null ? undefined : types.get(typeCode);
  const title = withoutBlanks({ ...base?.title, ...product.titles });
  return {
    ...base,
    title: Object.keys(title).length > 0 ? title : { [locale]: product.title },
    description: withoutBlanks({ ...base?.description, ...product.descriptions }),
    brand: product.brand,
    categoryIds,
    collections: [...new Set(product.collections)],
    typeCode,
    attributes: attributesFor(product.attributes, { type, level: "product", present: base?.attributes }),
    media: mediaOf(resolved, base?.media ?? []),
    options: optionsOf(product, existing),
    variants: product.variants.map((variant) =>
      variantOf(resolved, variant, { type, fields: fields.variant, existing: known.get(variant.sku) }),
    ),
    ...mergedFields(product.customFields, { fields: fields.product, present: base?.customFields }),
  };
}

function withoutBlanks(texts: Texts): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
}

interface Level {
  readonly type: ProductTypeDocument | undefined;
  readonly level: AttributeDefinition["level"];
  readonly present: readonly Attribute[] | undefined;
}

/** What of the file belongs to this level, as the type wants it, in the order that the shop has; free attributes are the product's. */
function attributesFor(attributes: readonly ImportedAttribute[], { type, level, present = [] }: Level): Attribute[] {
  const definitions = new Map(type?.attributes.map((definition) => [definition.code, definition]));
  const wanted = attributes.flatMap(({ attribute, raw }) => {
    const definition = definitions.get(attribute.code);
    if ((definition?.level ?? "product") !== level) return [];
    return definition ? [conformed(attribute, definition, raw)] : [attribute];
  });
  return inOrderOf(
    present.map(({ code }) => code),
    wanted,
    ({ code }) => code,
  );
}

/** What is there already in its order, what is new behind it. */
function inOrderOf<T>(present: readonly string[], wanted: readonly T[], keyOf: (one: T) => string): T[] {
  const places = new Map(present.map((key, index) => [key, index]));
  const placeOf = (one: T) => places.get(keyOf(one)) ?? present.length;
  return wanted.toSorted((left, right) => placeOf(left) - placeOf(right));
}

function mediaOf({ product, imageUrls }: ResolvedProduct, present: readonly Media[]): Media[] {
  const references = product.images ?? product.variants.slice(0, 1).map(({ image }) => image);
  const urls = references.flatMap((reference) => (reference && imageUrls.get(reference)) || []);
  return [...new Set(urls)].map((url) => pictureOf(url, product, present));
}

/** A picture that the product has already keeps its text. */
function pictureOf(url: string, { title }: ImportedProduct, present: readonly Media[]): Media {
  return present.find((media) => media.url === url) ?? { url, alt: title };
}

/** The axes of the variants. A value that no variant had before either, because staff keep it for later, stays. */
function optionsOf(product: ImportedProduct, existing: ProductDocument | null): ProductContent["options"] {
  const present = existing?.options ?? [];
  const names = inOrderOf(
    present.map(({ name }) => name),
    product.options,
    (name) => name,
  );
  return names.map((name) => {
    const had = new Set(existing?.variants.map((variant) => optionOf(variant, name)));
    const has = new Set(product.variants.flatMap((variant) => optionOf(variant, name) ?? []));
    const old = present.find((option) => option.name === name)?.values ?? [];
    const kept = old.filter((value) => has.has(value) || !had.has(value));
    return { name, values: [...new Set([...kept, ...has])] };
  });
}

interface VariantContext {
  readonly type: ProductTypeDocument | undefined;
  readonly fields: readonly CustomField[];
  readonly existing: Variant | undefined;
}

function variantOf({ product, imageUrls }: ResolvedProduct, variant: ImportedVariant, context: VariantContext) {
  const { type, fields, existing } = context;
  const url = variant.image === null ? undefined : imageUrls.get(variant.image);
  const present = existing?.attributes;
  const attributes = type && attributesFor(variant.attributes, { type, level: "variant", present });
  return {
    ...existing,
    sku: variant.sku,
    barcode: variant.barcode ?? existing?.barcode ?? null,
    options: variant.options,
    ...(attributes && (attributes.length > 0 || present) && { attributes }),
    prices: pricesOf(variant, existing?.prices ?? []),
    image: url ? pictureOf(url, product, existing?.image ? [existing.image] : []) : null,
    weightGrams: variant.weightGrams ?? existing?.weightGrams ?? null,
    ...mergedFields(variant.customFields, { fields, present: existing?.customFields }),
  };
}

/** The values that the file names, as their fields want them, over those that are there; none where there is none. */
function mergedFields(
  named: ImportedFields | undefined,
  { fields, present = {} }: { readonly fields: readonly CustomField[]; readonly present: FieldValues | undefined },
): { readonly customFields?: FieldValues } {
  const customFields = patched(present, readFieldCells(named ?? {}, fields));
  return Object.keys(customFields).length > 0 || Object.keys(present).length > 0 ? { customFields } : {};
}

/** Prices that the file names, in the place of those they replace; all others stay. */
function pricesOf({ prices }: ImportedVariant, present: readonly Price[]): Price[] {
  const named = new Map(prices.map((price) => [price.currency, price]));
  const replaced = present.map((price) => (isConditional(price) ? price : (named.get(price.currency) ?? price)));
  const had = new Set(present.flatMap((price) => (isConditional(price) ? [] : price.currency)));
  return [...prices.filter(({ currency }) => !had.has(currency)), ...replaced];
}

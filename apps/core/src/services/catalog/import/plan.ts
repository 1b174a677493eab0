import { type CategoryId, canonicalJson } from "@stoa/kernel";
import { productErrors } from "../check-product.ts";
import type { Attribute, Media, ProductContent, ProductDocument, Variant } from "../documents.ts";
import { productContentSchema } from "../documents.ts";
import { contentOf } from "../product.ts";
import { type AttributeDefinition, conformed, type ProductTypeDocument } from "../product-type.ts";
import type { ImportedAttribute, ImportedProduct, ImportedVariant } from "./imported-product.ts";

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
}

/**
 * The content that an import leaves: what the file names, over what is there. Other languages, other currencies, dimensions and
 * the like, which a file cannot name, stay. Answers a sentence when the product does not hold together.
 */
export function importedContent(resolved: ResolvedProduct, context: ContentContext): ProductContent | string {
  const { product } = resolved;
  const { existing, locale, categoryIds, types } = context;
  const typeCode = product.typeCode ?? existing?.typeCode ?? null;
  const type = typeCode === null ? undefined : types.get(typeCode);
  const base = existing ? contentOf(existing) : null;
  const known = new Map(existing?.variants.map((variant) => [variant.sku, variant]));
  const parsed = productContentSchema.safeParse({
    ...base,
    title: { ...base?.title, [locale]: product.title },
    description: { ...base?.description, [locale]: product.description },
    brand: product.brand,
    categoryIds,
    collections: [...new Set(product.collections)],
    typeCode,
    attributes: attributesFor(product.attributes, type, "product"),
    media: mediaOf(resolved),
    options: product.options.map((name) => ({ name, values: valuesOf(product, name) })),
    variants: product.variants.map((variant) => ({
      ...variantOf(resolved, variant, known.get(variant.sku)),
      ...(type && { attributes: attributesFor(variant.attributes, type, "variant") }),
    })),
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${issue?.path.join(".") ?? "product"}: ${issue?.message ?? "is malformed"}`;
  }
  const errors = productErrors(parsed.data, types).slice(0, ERRORS_TOLD_MAX);
  return errors.length > 0 ? errors.map(({ path, message }) => `${path}: ${message}`).join("; ") : parsed.data;
}

/** What of the file belongs to this level, as the type wants it; free attributes are the product's. */
function attributesFor(
  attributes: readonly ImportedAttribute[],
  type: ProductTypeDocument | undefined,
  level: AttributeDefinition["level"],
): Attribute[] {
  const definitions = new Map(type?.attributes.map((definition) => [definition.code, definition]));
  return attributes.flatMap(({ attribute, raw }) => {
    const definition = definitions.get(attribute.code);
    if ((definition?.level ?? "product") !== level) return [];
    return definition ? [conformed(attribute, definition, raw)] : [attribute];
  });
}

function mediaOf({ product, imageUrls }: ResolvedProduct): Media[] {
  const references =
    product.images.length > 0 ? product.images : product.variants.slice(0, 1).map(({ image }) => image);
  const urls = references.flatMap((reference) => (reference && imageUrls.get(reference)) || []);
  return [...new Set(urls)].map((url) => ({ url, alt: product.title }));
}

function valuesOf(product: ImportedProduct, option: string): string[] {
  return [...new Set(product.variants.flatMap((variant) => variant.options[option] ?? []))];
}

function variantOf(resolved: ResolvedProduct, variant: ImportedVariant, existing: Variant | undefined) {
  const { currency, amount, compareAt } = variant.price;
  const others = existing?.prices.filter((price) => price.currency !== currency || isConditional(price)) ?? [];
  const url = variant.image === null ? undefined : resolved.imageUrls.get(variant.image);
  return {
    ...existing,
    sku: variant.sku,
    barcode: variant.barcode ?? existing?.barcode ?? null,
    options: variant.options,
    prices: [{ currency, amount, ...(compareAt !== undefined && { compareAt }) }, ...others],
    image: url ? { url, alt: resolved.product.title } : null,
    weightGrams: variant.weightGrams ?? existing?.weightGrams ?? null,
  };
}

/** Prices for a group, an amount or a time are the shop's own and no file names them. */
function isConditional(price: Variant["prices"][number]): boolean {
  const { minQuantity, customerGroup, startsAt, endsAt } = price;
  return [minQuantity, customerGroup, startsAt, endsAt].some((condition) => condition !== undefined);
}

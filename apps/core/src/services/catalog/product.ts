import {
  canonicalJson,
  type FieldError,
  type Instant,
  money,
  type ProductId,
  refusesCharge,
  textIn,
} from "@stoa/kernel";
import type { ProductContent, ProductDocument, ProductStatus, Variant } from "./documents.ts";
import { nextPriceChange } from "./price.ts";

/** Every SKU and barcode of the largest product: staff look for the last one as well. */
const SEARCH_TEXT_MAX = 40_000;

/** What the shape of a product cannot say: options and variants that fit together, prices that make sense. */
export function contentErrors(content: ProductContent): FieldError[] {
  const errors: FieldError[] = [
    ...duplicates(content.attributes, (attribute) => attribute.code, "attributes", "attribute"),
    ...duplicates(content.options, (option) => option.name, "options", "option"),
    ...duplicates(content.variants, (variant) => variant.sku, "variants", "SKU"),
    ...duplicates(content.variants, optionsKey, "variants", "combination of options"),
  ];
  content.variants.forEach((variant, index) => {
    const attributes = variant.attributes ?? [];
    errors.push(...duplicates(attributes, ({ code }) => code, `variants.${index}.attributes`, "attribute"));
    errors.push(...optionErrors(content, variant, `variants.${index}.options`));
    errors.push(...priceErrors(variant, `variants.${index}.prices`));
  });
  return errors;
}

/** Fields that follow from the content; written whenever it is. */
export function derivedFields(content: ProductContent, now: Instant) {
  const title = textIn(content.title);
  const words = [title, content.brand ?? "", ...content.variants.flatMap(({ sku, barcode }) => [sku, barcode ?? ""])];
  return {
    searchText: words.filter(Boolean).join(" ").toLowerCase().slice(0, SEARCH_TEXT_MAX),
    sortTitle: title.toLowerCase().slice(0, 200),
    repriceAt: nextPriceChange(
      content.variants.flatMap((variant) => variant.prices),
      now,
    ),
  };
}

export interface NewProduct {
  readonly id: ProductId;
  readonly slug: string;
  readonly status: ProductStatus;
  readonly content: ProductContent;
  readonly now: Instant;
  readonly importKey?: string;
  readonly importHash?: string;
}

export function newProductDocument(input: NewProduct): ProductDocument {
  const { id, slug, status, content, now } = input;
  return {
    _id: id,
    slug,
    slugs: [slug],
    status,
    publishAt: null,
    publishedAt: status === "published" ? now : null,
    ...content,
    ...derivedFields(content, now),
    importKey: input.importKey ?? null,
    importHash: input.importHash ?? null,
    revision: 1,
    dirty: true,
    createdAt: now,
    updatedAt: now,
  };
}

/** The content part of a document, as editors send it back. */
export function contentOf(product: ProductDocument): ProductContent {
  const { title, description, brand, categoryIds, collections, attributes, media, options, variants, seo } = product;
  const { typeCode = null, customFields = {} } = product;
  const kinds = { typeCode, attributes, customFields };
  return { title, description, brand, categoryIds, collections, ...kinds, media, options, variants, seo };
}

/**
 * Members about to be written, and with them no price of a list for a SKU that goes: it would come back with the SKU, and the list would
 * name a price that nobody pays where another product has taken the SKU over.
 */
export function withoutLostPrices(
  { listPrices }: Pick<ProductDocument, "listPrices">,
  members: Partial<ProductDocument>,
  now: Instant,
): Partial<ProductDocument> {
  const { variants, listPrices: wanted = listPrices } = members;
  if (!variants || !wanted) return members;
  const skus = new Set(variants.map(({ sku }) => sku));
  const kept = wanted.filter(({ sku }) => skus.has(sku));
  if (kept.length === wanted.length) return members;
  return { ...members, listPrices: kept, listRepriceAt: nextPriceChange(kept, now) };
}

/** What of the content is different afterwards, by member. */
export function changedMembers(before: ProductContent, after: ProductContent): Partial<ProductContent> {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) => canonicalJson(old.get(name)) !== canonicalJson(value)),
  );
}

function optionsKey(variant: Variant): string {
  return JSON.stringify(Object.entries(variant.options).sort());
}

function duplicates<T>(items: readonly T[], keyOf: (item: T) => string, path: string, what: string): FieldError[] {
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  items.forEach((item, index) => {
    const key = keyOf(item);
    if (seen.has(key)) errors.push({ path: `${path}.${index}`, message: `the ${what} stands here twice` });
    seen.add(key);
  });
  return errors;
}

/** A variant's value of an option, which may be called as something that every object has, such as `constructor`. */
export function optionOf({ options }: Pick<Variant, "options">, name: string): string | undefined {
  return Object.hasOwn(options, name) ? options[name] : undefined;
}

function optionErrors(content: ProductContent, variant: Variant, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const { name, values } of content.options) {
    const value = optionOf(variant, name);
    if (value === undefined) errors.push({ path, message: `the option ${name} is missing` });
    else if (!values.includes(value)) errors.push({ path, message: `${value} is no value of the option ${name}` });
  }
  for (const name of Object.keys(variant.options)) {
    if (!content.options.some((option) => option.name === name)) {
      errors.push({ path, message: `the product has no option ${name}` });
    }
  }
  return errors;
}

function priceErrors(variant: Variant, path: string): FieldError[] {
  const errors = duplicates(variant.prices, priceKey, path, "price");
  variant.prices.forEach((price, index) => {
    const uncharged = refusesCharge(money(price.amount, price.currency));
    if (uncharged !== null) errors.push({ path: `${path}.${index}.amount`, message: uncharged });
    if (price.compareAt !== undefined && price.compareAt <= price.amount) {
      errors.push({ path: `${path}.${index}.compareAt`, message: "must be above the price" });
    }
    if (price.startsAt !== undefined && price.endsAt !== undefined && price.endsAt <= price.startsAt) {
      errors.push({ path: `${path}.${index}.endsAt`, message: "must be after the start" });
    }
  });
  return errors;
}

function priceKey(price: Variant["prices"][number]): string {
  return [
    price.currency,
    price.minQuantity ?? 1,
    price.customerGroup ?? "",
    price.startsAt ?? "",
    price.endsAt ?? "",
  ].join("|");
}

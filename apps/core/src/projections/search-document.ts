import { type Currency, DEFAULT_CHANNEL } from "@stoa/kernel";
import { attributeToken, indexTermsOf, type SearchDocument } from "@stoa/read-models";
import { fieldAttribute } from "./custom-fields.ts";
import type { ProductBase } from "./product-base.ts";
import { type Availability, stateOf } from "./render.ts";

const ATTRIBUTE_TOKENS_MAX = 400;
const ATTRIBUTE_TOKEN_LENGTH_MAX = 200;
/** Attributes that describe the parcel and not the product. */
export const LOGISTICS = /^(?:package|pallet|master|shipping|quantity_per|harmonized|customs)/;
/** Attributes by which merchants say what a thing is. */
const TYPE_CODES = ["product_type", "item_type", "type_of_product"];
const MODEL_CODES = ["model", "mpn", "part_number", "manufacturer_part_number"];

/** The product as the search index keeps it. `sold` = units of the last 90 days. */
export function searchDocumentOf(base: ProductBase, stock: Availability, sold: number): SearchDocument {
  const own = base.categories.filter(({ slug }) => base.ownCategories?.includes(slug) ?? false);
  // A base of the release before does not say which are its own.
  const kinds = own.length > 0 ? own : base.categories.slice(-1);
  return {
    ...indexTermsOf({
      title: base.title,
      brand: base.brand ?? "",
      description: base.description,
      kinds: [...kinds.map(({ name }) => name), ...textsOf(base, (code) => TYPE_CODES.includes(code))],
      above: base.categories.filter((category) => !kinds.includes(category)).map(({ name }) => name),
      codes: [
        ...textsOf(base, (code) => MODEL_CODES.includes(code)),
        ...base.variants.flatMap(({ sku, barcode }) => (barcode ? [sku, barcode] : [sku])),
      ],
      values: [
        ...base.options.flatMap(({ values }) => values),
        ...textsOf(base, (code) => isSearched(base, code)),
        ...qualitiesOf(base),
        ...fieldValues(base, base.fieldUses?.searchable).map(([, value]) => String(value)),
      ],
    }),
    id: base.id,
    slug: base.slug,
    title: base.title,
    brand: base.brand ?? "",
    categories: base.categories.map((category) => category.slug),
    kind: kinds[0]?.slug ?? "",
    attributes: attributeTokens(base),
    prices: Object.fromEntries(base.currencies.map((currency) => [currency, lowestPrice(base, currency)])),
    channels: base.channels ?? [DEFAULT_CHANNEL],
    inStock: base.variants.some((variant) => stateOf(variant, stock).inStock),
    publishedAt: Math.floor(base.publishedAt / 1_000),
    sold,
  };
}

/** The values of some attributes that can be said in words, each once. */
function textsOf(base: ProductBase, takes: (code: string) => boolean): string[] {
  const values = allAttributes(base).flatMap(([code, value]) =>
    takes(code) && typeof value !== "boolean" ? [value].flat().map(String) : [],
  );
  return [...new Set(values)];
}

/** What it is or has, by what that is called: "Bluetooth" where that is true. */
function qualitiesOf(base: ProductBase): string[] {
  const named = allAttributes(base).flatMap(([code, value]) =>
    value === true && isSearched(base, code) ? [base.attributeLabels?.[code]?.label ?? code.replaceAll("_", " ")] : [],
  );
  return [...new Set(named)];
}

function isSearched(base: ProductBase, code: string): boolean {
  return !LOGISTICS.test(code) && !base.unsearched?.includes(code);
}

function lowestPrice(base: ProductBase, currency: Currency): number {
  return Math.min(...base.variants.flatMap((variant) => variant.prices[currency]?.amount ?? []));
}

/** Options count as attributes: who filters by colour does not ask where the shop has put it. */
function attributeTokens(base: ProductBase): string[] {
  const tokens = new Set<string>();
  const add = (name: string, value: string | number | boolean) => {
    const token = attributeToken(name, value);
    if (token.length <= ATTRIBUTE_TOKEN_LENGTH_MAX && tokens.size < ATTRIBUTE_TOKENS_MAX) tokens.add(token);
  };
  for (const option of base.options) for (const value of option.values) add(option.name, value);
  for (const [name, value] of allAttributes(base)) {
    if (Array.isArray(value)) for (const one of value) add(name, one);
    else add(name, value);
  }
  for (const [key, value] of fieldValues(base, base.fieldUses?.filterable)) add(fieldAttribute(key), value);
  return [...tokens];
}

/** The values that the product and its variants have of some of the shop's own fields, each on its own. */
function fieldValues(
  base: ProductBase,
  keys: readonly string[] = [],
): [key: string, value: string | number | boolean][] {
  return [base.customFields, ...base.variants.map(({ customFields }) => customFields)].flatMap((values = {}) =>
    keys.flatMap((key) =>
      [values[key] ?? []].flat().flatMap((value): [string, string | number | boolean][] => {
        return typeof value === "object" ? [] : [[key, value]];
      }),
    ),
  );
}

/** Those of the product and those of its variants. */
function allAttributes(base: ProductBase) {
  return [base.attributes, ...base.variants.map((variant) => variant.attributes ?? {})].flatMap((one) =>
    Object.entries(one),
  );
}

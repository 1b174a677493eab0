import { type Currency, DEFAULT_CHANNEL } from "@stoa/kernel";
import {
  attributeToken,
  type IndexTerms,
  indexTermsOf,
  languageOf,
  localTerms,
  type SearchDocument,
} from "@stoa/read-models";
import { currenciesIn, pricesIn } from "./base-prices.ts";
import { fieldAttribute } from "./custom-fields.ts";
import type { ProductBase } from "./product-base.ts";
import { type Availability, stateOf } from "./render.ts";
import type { IndexPrices } from "./search-prices.ts";

const ATTRIBUTE_TOKENS_MAX = 400;
const ATTRIBUTE_TOKEN_LENGTH_MAX = 200;
/** Attributes that describe the parcel and not the product. */
export const LOGISTICS = /^(?:package|pallet|master|shipping|quantity_per|harmonized|customs)/;
/** Attributes by which merchants say what a thing is. */
const TYPE_CODES = ["product_type", "item_type", "type_of_product"];
const MODEL_CODES = ["model", "mpn", "part_number", "manufacturer_part_number"];

/** The languages of an index: the shop's own, and further ones. */
export interface IndexLanguages {
  readonly own: string;
  readonly further: readonly string[];
}

/** What an index has fields for. */
export interface BuiltFor {
  readonly languages: IndexLanguages;
  readonly prices: IndexPrices;
}

export interface DocumentContext extends BuiltFor {
  readonly stock: Availability;
  /** Units of the last 90 days. */
  readonly sold: number;
}

/** The product as the search index keeps it, in each language by the texts that a shopper is shown there. */
export function searchDocumentOf(base: ProductBase, context: DocumentContext): SearchDocument {
  const { stock, sold, languages } = context;
  const further = languages.further.map((locale) => localTerms(termsOf(inLanguage(base, locale), locale), locale));
  return {
    ...Object.assign({}, ...further),
    ...termsOf(base, languages.own),
    id: base.id,
    slug: base.slug,
    title: base.title,
    brand: base.brand ?? "",
    categories: base.categories.map((category) => category.slug),
    kind: kindsOf(base)[0]?.slug ?? "",
    attributes: attributeTokens(base),
    prices: defaultPrices(base),
    ...channelPrices(base, context.prices),
    channels: base.channels ?? [DEFAULT_CHANNEL],
    inStock: base.variants.some((variant) => stateOf(variant, stock).inStock),
    publishedAt: Math.floor(base.publishedAt / 1_000),
    sold,
  };
}

/** What is told otherwise in a language in the place of what the shop's own says. */
function inLanguage(base: ProductBase, locale: string): ProductBase {
  const { title, description, categories, attributes, attributeLabels } = base.translations?.[locale] ?? {};
  return {
    ...base,
    title: title ?? base.title,
    description: description ?? base.description,
    categories: categories ?? base.categories,
    attributeLabels: attributeLabels ?? base.attributeLabels,
    attributes: { ...base.attributes, ...attributes },
  };
}

function termsOf(base: ProductBase, locale: string): IndexTerms {
  const kinds = kindsOf(base);
  return indexTermsOf(
    {
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
    },
    languageOf(locale),
  );
}

/** Its own categories. A base of an older release does not say which they are. */
function kindsOf({ categories, ownCategories = [] }: ProductBase): ProductBase["categories"] {
  const own = categories.filter(({ slug }) => ownCategories.includes(slug));
  return own.length > 0 ? own : categories.slice(-1);
}

/** The values of some attributes that can be said in words, each once. */
function textsOf(base: ProductBase, takes: (code: string) => boolean): string[] {
  const values = allAttributes(base).flatMap(([code, value]) =>
    takes(code) && typeof value !== "boolean" ? [value].flat().flatMap((one) => namesOf(base, code, String(one))) : [],
  );
  return [...new Set(values)];
}

/** A value, and what its choice is called. */
function namesOf({ attributeLabels }: ProductBase, code: string, value: string): string[] {
  const names = attributeLabels?.[code]?.values ?? {};
  // A value may be called as something that every object has, such as `constructor`.
  const name = Object.hasOwn(names, value) ? names[value] : undefined;
  return name === undefined ? [value] : [value, name];
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

/**
 * Those of the default channel. For a product that it does not show also those of other channels, by which they filter and sort
 * until the index has fields of theirs.
 */
function defaultPrices(base: ProductBase): SearchDocument["prices"] {
  const { channels = [DEFAULT_CHANNEL] } = base;
  const own = lowestPrices(base, DEFAULT_CHANNEL);
  if (channels.includes(DEFAULT_CHANNEL)) return own;
  return Object.assign({}, ...channels.toReversed().map((channel) => lowestPrices(base, channel)), own);
}

/** Those of each further channel that shows it, in the channel's own currencies. */
function channelPrices(base: ProductBase, prices: IndexPrices): Pick<SearchDocument, "channelPrices"> {
  const shown = (base.channels ?? []).flatMap((channel): [string, SearchDocument["prices"]][] => {
    const currencies = prices[channel];
    return currencies ? [[channel, lowestPrices(base, channel, currencies)]] : [];
  });
  return shown.length > 0 ? { channelPrices: Object.fromEntries(shown) } : {};
}

function lowestPrices(
  { variants }: ProductBase,
  channel: string,
  currencies: readonly Currency[] = currenciesIn(variants, channel),
): SearchDocument["prices"] {
  return Object.fromEntries(
    currencies.flatMap((currency): [Currency, number][] => {
      const amounts = variants.flatMap((variant) => pricesIn(variant, channel)[currency]?.amount ?? []);
      return amounts.length > 0 ? [[currency, Math.min(...amounts)]] : [];
    }),
  );
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

import type { Currency } from "@stoa/kernel";
import type { IndexTerms, LocalField } from "./search/index.ts";

/**
 * A product as it lies in Typesense. Edge filters, sorts and counts by these fields and then takes the summaries from Redis,
 * so nothing here is sent to a shopper but facet values and suggestions. Words are found in the analysed fields, never in the title itself.
 */
export interface SearchDocument extends IndexTerms {
  /** The product's id. */
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly brand: string;
  /** Slugs of its categories and of all that stand above them. */
  readonly categories: readonly string[];
  /** Slug of the first of its own categories; empty for none. */
  readonly kind: string;
  /** `name=value`, one for each value: one facet field serves any number of attribute names. */
  readonly attributes: readonly string[];
  /** Lowest price by currency, minor units: `prices.USD`. Those of the default channel, for a product that it shows. */
  readonly prices: Readonly<Partial<Record<Currency, number>>>;
  /** The same in each further channel that shows the product, by code, whether they are others or not: one field filters and sorts. */
  readonly channelPrices?: Readonly<Record<string, SearchDocument["prices"]>>;
  /** Codes of the channels that show it. */
  readonly channels: readonly string[];
  readonly inStock: boolean;
  /** First published, seconds since the epoch. */
  readonly publishedAt: number;
  /** Units sold in the last 90 days. */
  readonly sold: number;
  /** The analysed fields in each further language of the shop. */
  readonly [local: LocalField]: string;
}

/** The field by which a price filters and sorts; of a further channel, or of the default one (null). */
export function priceField(currency: Currency, channel: string | null): string {
  return channel === null ? `prices.${currency}` : `channelPrices.${channel}.${currency}`;
}

/** Text of one facet value: attribute name and value in one token. */
export function attributeToken(name: string, value: string | number | boolean): string {
  return `${name}=${value}`;
}

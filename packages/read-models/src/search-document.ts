import type { Currency } from "@stoa/kernel";

/**
 * A product as it lies in Typesense. Edge filters, sorts and counts by these fields and then takes the summaries from Redis,
 * so nothing here is sent to a shopper but highlights, facet values and suggestions.
 */
export interface SearchDocument {
  /** The product's id. */
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly brand: string;
  readonly description: string;
  /** Every SKU, and every SKU and model number without its dashes, spaces and dots. */
  readonly skus: readonly string[];
  /** Slugs of its categories and of all that stand above them. */
  readonly categories: readonly string[];
  /** Names of its categories, searched. */
  readonly categoryNames: readonly string[];
  /** `name=value`, one for each value: one facet field serves any number of attribute names. */
  readonly attributes: readonly string[];
  /** The attribute values as words, searched with little weight. */
  readonly attributeText: string;
  /** Lowest price by currency, minor units: `prices.USD`. */
  readonly prices: Readonly<Partial<Record<Currency, number>>>;
  readonly inStock: boolean;
  /** First published, seconds since the epoch. */
  readonly publishedAt: number;
  /** Units sold in the last 90 days. */
  readonly sold: number;
}

/** Text of one facet value: attribute name and value in one token. */
export function attributeToken(name: string, value: string | number | boolean): string {
  return `${name}=${value}`;
}

import type { ProductListQuery } from "@stoa/contract";
import type { Currency } from "@stoa/kernel";
import { attributeToken } from "@stoa/read-models";

type FilterName = "category" | "brand" | "minPrice" | "maxPrice" | "inStock" | "attr";
export type ProductFilters = { readonly [Name in FilterName]?: ProductListQuery[Name] | undefined };

/**
 * A value inside back-ticks, where no operator of the filter language counts. The contract lets no back-tick through;
 * should one come all the same, it ends as a blank.
 */
function quoted(value: string): string {
  return `\`${value.replaceAll("`", " ")}\``;
}

/** Where something is sold, and the field of the index that says for how much. */
export interface Place {
  readonly channel: string;
  readonly currency: Currency;
  readonly priceField: string;
}

/** The filters as the search engine's `filter_by`: all must hold, several values of one attribute are alternatives. */
export function filterBy(filters: ProductFilters, { channel, priceField }: Place): string {
  // Also keeps out what is not sold in this currency, so that totals count what can be shown.
  const clauses = [`${priceField}:>=${filters.minPrice ?? 0}`, shownIn(channel)];
  if (filters.maxPrice !== undefined) clauses.push(`${priceField}:<=${filters.maxPrice}`);
  if (filters.category !== undefined) clauses.push(`categories:=${quoted(filters.category)}`);
  if (filters.brand !== undefined) clauses.push(`brand:=${quoted(filters.brand)}`);
  if (filters.inStock !== undefined) clauses.push(`inStock:=${filters.inStock}`);
  for (const [name, values] of Object.entries(filters.attr ?? {})) {
    const tokens = values.map((value) => quoted(attributeToken(name, value)));
    clauses.push(`attributes:=[${tokens.join(",")}]`);
  }
  return clauses.join(" && ");
}

/** What a channel shows. */
export function shownIn(channel: string): string {
  return `channels:=${quoted(channel)}`;
}

/** The order of the engine; the last members make it total, so that pages do not overlap. */
export function sortBy(sort: ProductListQuery["sort"], { priceField, hasText }: SortContext): string {
  switch (sort) {
    case "price":
      return `${priceField}:asc,sold:desc,publishedAt:desc`;
    case "-price":
      return `${priceField}:desc,sold:desc,publishedAt:desc`;
    case "newest":
      return "publishedAt:desc,sold:desc";
    case "bestselling":
      return "sold:desc,publishedAt:desc";
    case "relevance":
      return hasText ? "_text_match:desc,sold:desc,publishedAt:desc" : "sold:desc,publishedAt:desc";
  }
}

export interface SortContext extends Pick<Place, "priceField"> {
  readonly hasText: boolean;
}

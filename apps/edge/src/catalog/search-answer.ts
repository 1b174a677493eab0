import { escapeMarkup } from "@stoa/kernel";
import { type Language, stretchesOf } from "@stoa/read-models";
import type { SearchResult } from "./search-index.ts";

export interface Facet {
  readonly field: string;
  readonly values: readonly { readonly value: string; readonly count: number }[];
}

/** The filters' own names: one facet field holds all attributes as `name=value` and is told apart here. */
export function facetsOf(counts: SearchResult["facet_counts"]): Facet[] {
  const facets = new Map<string, { value: string; count: number }[]>();
  const add = (field: string, value: string, count: number) => {
    const values = facets.get(field) ?? [];
    facets.set(field, values);
    values.push({ value, count });
  };
  for (const { field_name: field, counts: values } of counts) {
    for (const { value, count } of values) {
      const at = value.indexOf("=");
      if (field !== "attributes") add(field === "categories" ? "category" : field, value, count);
      else if (at > 0) add(`attr.${value.slice(0, at)}`, value.slice(at + 1), count);
    }
  }
  return [...facets].map(([field, values]) => ({ field, values }));
}

/** Terms that were looked for, and the language in which they were read. */
export interface Wanted {
  readonly terms: ReadonlySet<string>;
  readonly language: Language;
}

/** A text with what was looked for in `<mark>` and everything else escaped, safe to be set as HTML; null when nothing of it was. */
export function markUp(text: string, { terms, language }: Wanted): string | null {
  const stretches = stretchesOf(text, terms, language);
  if (!stretches) return null;
  return stretches
    .map(({ text: part, isMatch }) => (isMatch ? `<mark>${escapeMarkup(part)}</mark>` : escapeMarkup(part)))
    .join("");
}

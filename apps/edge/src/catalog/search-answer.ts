import type { SearchResult } from "./search-index.ts";

/** Characters that no product text holds: what is marked can then be escaped as a whole and marked up afterwards. */
export const MARK_START = "\ue000";
export const MARK_END = "\ue001";

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

/** By field, the text with its matches in `<mark>` and everything else escaped: safe to be set as HTML. */
export function highlightOf(highlight: Readonly<Record<string, unknown>>): Record<string, string> {
  const marked = Object.entries(highlight).flatMap(([field, found]) => {
    const text = textOf(found);
    return text === null ? [] : [[field, markUp(text)] as const];
  });
  return Object.fromEntries(marked);
}

function textOf(found: unknown): string | null {
  if (found === null || typeof found !== "object") return null;
  if ("value" in found && typeof found.value === "string") return found.value;
  return "snippet" in found && typeof found.snippet === "string" ? found.snippet : null;
}

function markUp(text: string): string {
  const escaped = text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
  return escaped.replaceAll(MARK_START, "<mark>").replaceAll(MARK_END, "</mark>");
}

import type { SearchQuery } from "@stoa/contract";
import { type Facet, facetsOf } from "./search-answer.ts";
import type { ProductFilters } from "./search-filter.ts";
import type { SearchResult } from "./search-index.ts";

/** A facet of which a value is chosen: it is counted as if none were, so that a shopper sees what else there is. */
export interface OwnFacet {
  /** The engine's field. */
  readonly field: string;
  /** The filters but its own. */
  readonly filters: ProductFilters;
  /** Puts what was counted in the place of what the other facets' search says of it. */
  into(facets: readonly Facet[], counted: SearchResult | undefined): Facet[];
}

/** The facets that a query narrows by. */
export function ownFacetsOf({ category, brand, inStock, attr = {}, minPrice, maxPrice }: SearchQuery): OwnFacet[] {
  const filters: ProductFilters = { category, brand, inStock, attr, minPrice, maxPrice };
  const found: OwnFacet[] = [];
  if (category !== undefined) found.push(ownFacet("categories", "category", { ...filters, category: undefined }));
  if (brand !== undefined) found.push(ownFacet("brand", "brand", { ...filters, brand: undefined }));
  if (inStock !== undefined) found.push(ownFacet("inStock", "inStock", { ...filters, inStock: undefined }));
  for (const name of Object.keys(attr)) {
    const { [name]: _, ...others } = attr;
    found.push(ownFacet("attributes", `attr.${name}`, { ...filters, attr: others }));
  }
  return found;
}

function ownFacet(field: string, shownAs: string, filters: ProductFilters): OwnFacet {
  return {
    field,
    filters,
    into: (facets, counted) => {
      const own = facetsOf(counted?.facet_counts ?? []).find((facet) => facet.field === shownAs);
      if (!own) return [...facets];
      const isThere = facets.some((facet) => facet.field === shownAs);
      return isThere ? facets.map((facet) => (facet.field === shownAs ? own : facet)) : [...facets, own];
    },
  };
}

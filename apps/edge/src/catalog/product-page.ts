import type { ProductListQuery } from "@stoa/contract";
import { type Currency, canonicalJson, decodeCursor, encodeCursor, problem } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import { etagOf } from "../http/etag.ts";
import { newestOf } from "./read-model.ts";
import { filterBy, sortBy } from "./search-filter.ts";
import type { SearchRequest, SearchResult } from "./search-index.ts";
import { currencyOf } from "./shop.ts";
import { readSummaries } from "./summaries.ts";

/** How far a list can be paged through; whoever wants more narrows the search. */
const OFFSET_MAX = 10_000;

/** The query of a list, with the text of a search or without. */
export type PageQuery = ProductListQuery & { readonly q?: string };

export interface ProductPage {
  readonly result: SearchResult;
  /** The summary of each hit, unparsed, in the order of the hits; hits that are not shown (any more) are left out. */
  readonly shown: readonly { readonly hit: SearchResult["hits"][number]; readonly summary: string }[];
  readonly nextCursor: string | null;
  readonly total: number;
  /** See `PublicContent`. */
  readonly madeOf: readonly string[];
  readonly writtenAt: number | null;
}

/** One page of products by filter and text: ids from the index, summaries from Redis. */
export async function readProductPage(
  deps: EdgeDeps,
  query: PageQuery,
  request: Omit<SearchRequest, "q" | "filter_by" | "sort_by" | "include_fields" | "limit" | "offset">,
): Promise<ProductPage> {
  const currency = await currencyOf(deps, query.currency);
  const offset = offsetOf(query, currency);
  const result = await deps.search.search({
    ...request,
    q: query.q ?? "*",
    filter_by: filterBy(query, currency),
    sort_by: sortBy(query.sort, { currency, hasText: query.q !== undefined }),
    include_fields: "id",
    limit: query.limit,
    offset,
  });
  const ids = result.hits.map(idOf);
  const summaries = await readSummaries(deps.store, currency, ids);
  const shown = result.hits.flatMap((hit) => {
    const summary = summaries.get(idOf(hit));
    return summary === undefined ? [] : [{ hit, summary: summary.body }];
  });
  const next = offset + query.limit;
  const hasMore = result.hits.length > 0 && next < Math.min(result.found, OFFSET_MAX);
  return {
    result,
    shown,
    nextCursor: hasMore ? encodeCursor([next, fingerprint(query, currency)]) : null,
    total: result.found,
    madeOf: [keys.shop(), keys.formerCategories(), keys.searchIndex(), ...ids.map((id) => keys.summary(currency, id))],
    writtenAt: newestOf([...summaries.values()]),
  };
}

function idOf(hit: SearchResult["hits"][number]): string {
  return hit.document.id ?? "";
}

/** @throws problem `validation_failed` for a cursor that is not ours, or that belongs to another list. */
function offsetOf(query: PageQuery, currency: Currency): number {
  if (query.cursor === undefined) return 0;
  const [offset, print] = decodeCursor(query.cursor) ?? [];
  const known = typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0 && offset < OFFSET_MAX;
  if (known && print === fingerprint(query, currency)) return offset;
  throw problem("validation_failed", { errors: [{ path: "cursor", message: "is no cursor of this list" }] });
}

/** What a cursor belongs to: everything that decides which products there are and in what order. */
function fingerprint({ limit: _, cursor: __, ...query }: PageQuery, currency: Currency): string {
  return etagOf(canonicalJson({ ...query, currency })).slice(1, 9);
}

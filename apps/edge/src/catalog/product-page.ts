import type { ProductListQuery } from "@stoa/contract";
import { type Currency, canonicalJson, DEFAULT_CHANNEL, decodeCursor, encodeCursor, problem } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import { etagOf } from "../http/etag.ts";
import { placeIn } from "./channel.ts";
import { firstEndOf, newestOf } from "./read-model.ts";
import { filterBy, type Place, sortBy } from "./search-filter.ts";
import { readSummaries, summaryKeys } from "./summaries.ts";
import { textKeys } from "./texts.ts";

/** How far a list can be paged through; whoever wants more narrows the search. */
const OFFSET_MAX = 10_000;

/** The query of a list, with the text of a search or without. */
export type PageQuery = ProductListQuery & { readonly q?: string };

/** A query, and how its answer is told. */
export interface PageCall {
  readonly query: PageQuery;
  readonly channel: string;
  readonly language: string | null;
}

export interface ProductPage {
  /** The summary of each product, unparsed, in their order; those that are not shown (any more) are left out. */
  readonly shown: readonly { readonly id: string; readonly summary: string }[];
  readonly nextCursor: string | null;
  readonly total: number;
  /** See `PublicContent`. */
  readonly madeOf: readonly string[];
  readonly writtenAt: number | null;
  readonly until?: number;
}

/** One page of products by filter: ids from the index, summaries from Redis. */
export async function readProductPage(deps: EdgeDeps, { query, channel, language }: PageCall): Promise<ProductPage> {
  const place = await placeIn(deps, channel, query.currency);
  const { currency, priceField } = place;
  const offset = offsetOf(query, place);
  const result = await deps.search.search({
    q: "*",
    query_by: "titleTerms",
    filter_by: filterBy(query, place),
    sort_by: sortBy(query.sort, { priceField, hasText: false }),
    include_fields: "id",
    limit: query.limit,
    offset,
  });
  const ids = result.hits.map(({ document }) => document.id);
  return pageOf(deps, { query, channel, language, currency, ids, found: result.found, next: offset + query.limit });
}

export interface PageParts extends PageCall {
  readonly currency: Currency;
  readonly ids: readonly string[];
  readonly found: number;
  /** Where the page after this one begins. */
  readonly next: number;
}

/** The page that these ids make. */
export async function pageOf(deps: EdgeDeps, parts: PageParts): Promise<ProductPage> {
  const { query, channel, language, currency, ids, found, next } = parts;
  const summaries = await readSummaries(deps, { channel, currency, language }, ids);
  const shown = ids.flatMap((id) => {
    const summary = summaries.get(id);
    return summary === undefined ? [] : [{ id, summary: summary.body }];
  });
  const hasMore = ids.length > 0 && next < Math.min(found, OFFSET_MAX);
  return {
    shown,
    nextCursor: hasMore ? encodeCursor([next, fingerprint(query, { channel, currency })]) : null,
    total: found,
    madeOf: [
      keys.shop(),
      keys.formerCategories(),
      keys.searchIndex(),
      ...summaryKeys({ channel, currency }, ids),
      ...textKeys(language, ids),
    ],
    writtenAt: newestOf([...summaries.values()]),
    ...firstEndOf([...summaries.values()]),
  };
}

type Sold = Pick<Place, "channel" | "currency">;

/** @throws problem `validation_failed` for a cursor that is not ours, or that belongs to another list. */
export function offsetOf(query: PageQuery, place: Sold): number {
  if (query.cursor === undefined) return 0;
  const [offset, print] = decodeCursor(query.cursor) ?? [];
  const known = typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0 && offset < OFFSET_MAX;
  if (known && print === fingerprint(query, place)) return offset;
  throw problem("validation_failed", { errors: [{ path: "cursor", message: "is no cursor of this list" }] });
}

/** What a cursor belongs to: everything that decides which products there are and in what order. */
function fingerprint({ limit: _, cursor: __, locale: ___, ...query }: PageQuery, { channel, currency }: Sold): string {
  const where = channel === DEFAULT_CHANNEL ? { currency } : { channel, currency };
  return etagOf(canonicalJson({ ...query, ...where })).slice(1, 9);
}

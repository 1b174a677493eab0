import { endpointById } from "@stoa/contract";
import { keys, readQuery } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import { etagOf } from "../http/etag.ts";
import { publicRoute } from "../http/public-read.ts";
import { currencyIn } from "./channel.ts";
import { listPolicy } from "./freshness.ts";
import { newestOf } from "./read-model.ts";
import { shownIn } from "./search-filter.ts";
import type { SearchResult } from "./search-index.ts";
import { readSummaries } from "./summaries.ts";

export const suggestProducts = publicRoute(
  endpointById("search.suggest"),
  listPolicy,
  async (deps, { query, channel }) => {
    const hits = await findSuggestions(deps, query, channel);
    const currency = await currencyIn(deps, channel, undefined);
    const ids = hits.map(({ document }) => document.id);
    // The index may still hold what is not shown any more.
    const summaries = await readSummaries(deps, { channel, currency, language: null }, ids);
    const items = hits.flatMap(({ document: { id, title, slug } }) =>
      title && slug && summaries.has(id) ? [{ text: title, slug }] : [],
    );
    const body = JSON.stringify({ items });
    const madeOf = [keys.shop(), keys.searchIndex(), ...ids.map((id) => keys.summary(currency, id))];
    return { body, etag: etagOf(body), madeOf, writtenAt: newestOf([...summaries.values()]) };
  },
);

interface SuggestQuery {
  readonly q: string;
  readonly limit: number;
}

/** The last word may be the beginning of one, and any may hold a slip. */
async function findSuggestions(
  deps: EdgeDeps,
  { q, limit }: SuggestQuery,
  channel: string,
): Promise<SearchResult["hits"]> {
  const terms = readQuery(q).words.map(({ term }) => term);
  if (terms.length === 0) return [];
  const { hits } = await deps.search.search({
    q: terms.join(" "),
    query_by: "titleTerms,brandTerms,kindTerms,codeTerms",
    query_by_weights: "4,2,1,1",
    filter_by: shownIn(channel),
    sort_by: "_text_match:desc,sold:desc",
    include_fields: "id,title,slug",
    prefix: "true",
    num_typos: "1",
    limit,
    offset: 0,
  });
  return hits;
}

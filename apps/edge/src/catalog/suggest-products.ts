import { endpointById } from "@stoa/contract";
import { keys, readQuery } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import { etagOf } from "../http/etag.ts";
import { publicRoute } from "../http/public-read.ts";
import { listPolicy } from "./freshness.ts";
import { newestOf } from "./read-model.ts";
import type { SearchResult } from "./search-index.ts";
import { currencyOf } from "./shop.ts";
import { readSummaries } from "./summaries.ts";

export const suggestProducts = publicRoute(endpointById("search.suggest"), listPolicy, async (deps, { query }) => {
  const hits = await findSuggestions(deps, query.q, query.limit);
  const currency = await currencyOf(deps, undefined);
  const ids = hits.map(({ document }) => document.id);
  // The index may still hold what is not shown any more.
  const summaries = await readSummaries(deps, currency, ids);
  const items = hits.flatMap(({ document: { id, title, slug } }) =>
    title && slug && summaries.has(id) ? [{ text: title, slug }] : [],
  );
  const body = JSON.stringify({ items });
  const madeOf = [keys.shop(), keys.searchIndex(), ...ids.map((id) => keys.summary(currency, id))];
  return { body, etag: etagOf(body), madeOf, writtenAt: newestOf([...summaries.values()]) };
});

/** The last word may be the beginning of one, and any may hold a slip. */
async function findSuggestions(deps: EdgeDeps, text: string, limit: number): Promise<SearchResult["hits"]> {
  const terms = readQuery(text).words.map(({ term }) => term);
  if (terms.length === 0) return [];
  const { hits } = await deps.search.search({
    q: terms.join(" "),
    query_by: "titleTerms,brandTerms,kindTerms,codeTerms",
    query_by_weights: "4,2,1,1",
    sort_by: "_text_match:desc,sold:desc",
    include_fields: "id,title,slug",
    prefix: "true",
    num_typos: "1",
    limit,
    offset: 0,
  });
  return hits;
}

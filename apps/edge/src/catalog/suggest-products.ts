import { endpointById } from "@stoa/contract";
import { keys } from "@stoa/read-models";
import { etagOf } from "../http/etag.ts";
import { publicRoute } from "../http/public-read.ts";
import { listPolicy } from "./freshness.ts";
import { newestOf } from "./read-model.ts";
import { currencyOf } from "./shop.ts";
import { readSummaries } from "./summaries.ts";

export const suggestProducts = publicRoute(endpointById("search.suggest"), listPolicy, async (deps, { query }) => {
  const { hits } = await deps.search.search({
    q: query.q,
    query_by: "title,brand",
    sort_by: "_text_match:desc,sold:desc",
    include_fields: "id,title,slug",
    prefix: "true",
    limit: query.limit,
    offset: 0,
  });
  const currency = await currencyOf(deps, undefined);
  const ids = hits.flatMap(({ document: { id } }) => id ?? []);
  // The index may still hold what is not shown any more.
  const summaries = await readSummaries(deps.store, currency, ids);
  const items = hits.flatMap(({ document: { id, title, slug } }) =>
    id && title && slug && summaries.has(id) ? [{ text: title, slug }] : [],
  );
  const body = JSON.stringify({ items });
  const madeOf = [keys.shop(), keys.searchIndex(), ...ids.map((id) => keys.summary(currency, id))];
  return { body, etag: etagOf(body), madeOf, writtenAt: newestOf([...summaries.values()]) };
});

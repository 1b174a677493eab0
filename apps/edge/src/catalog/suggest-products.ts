import { endpointById } from "@stoa/contract";
import { keys } from "@stoa/read-models";
import { etagOf } from "../http/etag.ts";
import { publicRoute } from "../http/public-read.ts";
import { listPolicy } from "./freshness.ts";

export const suggestProducts = publicRoute(endpointById("search.suggest"), listPolicy, async (deps, { query }) => {
  const { hits } = await deps.search.search({
    q: query.q,
    query_by: "title,brand",
    sort_by: "_text_match:desc,sold:desc",
    include_fields: "title,slug",
    prefix: "true",
    limit: query.limit,
    offset: 0,
  });
  const items = hits.flatMap(({ document: { title, slug } }) => (title && slug ? [{ text: title, slug }] : []));
  const body = JSON.stringify({ items });
  return { body, etag: etagOf(body), madeOf: [keys.searchIndex()], writtenAt: null };
});

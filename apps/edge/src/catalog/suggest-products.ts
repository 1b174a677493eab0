import { endpointById } from "@stoa/contract";
import { publicAnswer } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { etagOf } from "../http/etag.ts";
import { listFreshness } from "./freshness.ts";

export const suggestProducts = route(endpointById("search.suggest"), async (deps, { request, query }) => {
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
  return publicAnswer(request, { body, etag: etagOf(body), freshness: listFreshness });
});

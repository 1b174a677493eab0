import { endpointById } from "@stoa/contract";
import { publicAnswer } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { etagOf } from "../http/etag.ts";
import { listFreshness } from "./freshness.ts";
import { readProductPage } from "./product-page.ts";
import { itemsJson } from "./summaries.ts";

export const listProducts = route(endpointById("products.list"), async (deps, { request, query }) => {
  const { shown, nextCursor, total } = await readProductPage(deps, query, { query_by: "title" });
  const body = itemsJson(
    shown.map(({ summary }) => summary),
    { nextCursor, total },
  );
  return publicAnswer(request, { body, etag: etagOf(body), freshness: listFreshness });
});

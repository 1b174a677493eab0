import { endpointById } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import { keys, unpackEnvelope } from "@stoa/read-models";
import { publicAnswer } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { etagOf } from "../http/etag.ts";
import { stockFreshness } from "./freshness.ts";
import { itemsJson } from "./summaries.ts";

export const getStock = route(endpointById("stock.list"), async (deps, { request, query }) => {
  const texts = await deps.store.mget([keys.ready(), ...query.sku.map((sku) => keys.stock(sku))]);
  const [ready, ...stored] = texts;
  const items = stored.flatMap((text) => (text === null ? [] : (unpackEnvelope(text)?.body ?? [])));
  if (items.length < query.sku.length && !ready) {
    throw problem("service_unavailable", { detail: "The catalog is being made ready." });
  }
  const body = itemsJson(items);
  return publicAnswer(request, { body, etag: etagOf(body), freshness: stockFreshness });
});

import { endpointById } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import { keys, unpackEnvelope } from "@stoa/read-models";
import { etagOf } from "../http/etag.ts";
import { publicRoute } from "../http/public-read.ts";
import { stockPolicy } from "./freshness.ts";
import { newestOf } from "./read-model.ts";
import { itemsJson } from "./summaries.ts";

export const getStock = publicRoute(endpointById("stock.list"), stockPolicy, async (deps, { query }) => {
  const madeOf = query.sku.map((sku) => keys.stock(sku));
  const texts = await deps.store.mget([keys.ready(), ...madeOf]);
  const [ready, ...stored] = texts;
  const models = stored.flatMap((text) => (text === null ? [] : (unpackEnvelope(text) ?? [])));
  if (models.length < query.sku.length && !ready) {
    throw problem("service_unavailable", { detail: "The catalog is being made ready." });
  }
  const body = itemsJson(models.map((model) => model.body));
  return { body, etag: etagOf(body), madeOf, writtenAt: newestOf(models) };
});

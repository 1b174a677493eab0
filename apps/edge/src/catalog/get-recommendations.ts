import { endpointById } from "@stoa/contract";
import { keys, unpackEnvelope } from "@stoa/read-models";
import { z } from "zod";
import type { EdgeDeps } from "../deps.ts";
import { publicAnswer } from "../http/answers.ts";
import { type Call, route } from "../http/call.ts";
import { etagOf } from "../http/etag.ts";
import { listFreshness } from "./freshness.ts";
import { findProduct } from "./get-product.ts";
import { itemsJson, readSummaries } from "./summaries.ts";

const endpoint = endpointById("products.recommendations");
const idsSchema = z.array(z.string()).max(1_000);
/** More than can be asked for, since some of them may not be shown now. */
const CANDIDATES_MAX = 60;

export const getRecommendations = route(endpoint, async (deps, call) => {
  const found = await findProduct(deps, call, { slug: call.params.slug, currency: call.query.currency });
  if (found instanceof Response) return found;
  const { id } = z.object({ id: z.string() }).parse(JSON.parse(found.model.body));
  const candidates = await readCandidates(deps, call, id);
  const summaries = await readSummaries(deps.store, found.currency, candidates);
  const items = candidates.flatMap((candidate) => summaries.get(candidate) ?? []).slice(0, call.query.limit);
  const body = itemsJson(items);
  return publicAnswer(call.request, { body, etag: etagOf(body), freshness: listFreshness });
});

/** What goes with the product first, then the shop's bestsellers; never the product itself, none twice. */
async function readCandidates(deps: EdgeDeps, { query }: Call<typeof endpoint>, id: string): Promise<string[]> {
  const texts = await deps.store.mget([keys.recommendations(query.kind, id), keys.bestsellers()]);
  const ids = texts.flatMap((text) => (text === null ? [] : parseIds(text)));
  return [...new Set(ids)].filter((candidate) => candidate !== id).slice(0, CANDIDATES_MAX);
}

function parseIds(text: string): string[] {
  return idsSchema.parse(JSON.parse(unpackEnvelope(text)?.body ?? text));
}

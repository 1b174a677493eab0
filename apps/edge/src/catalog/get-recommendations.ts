import { endpointById } from "@stoa/contract";
import { keys, unpackEnvelope } from "@stoa/read-models";
import { z } from "zod";
import type { EdgeDeps } from "../deps.ts";
import type { PublicCall } from "../http/call.ts";
import { etagOf } from "../http/etag.ts";
import { publicRoute } from "../http/public-read.ts";
import { listPolicy } from "./freshness.ts";
import { findProduct } from "./get-product.ts";
import { firstEndOf, newestOf } from "./read-model.ts";
import { itemsJson, readSummaries, summaryKeys } from "./summaries.ts";
import { inLanguage, textKeys } from "./texts.ts";

const endpoint = endpointById("products.recommendations");
const idsSchema = z.array(z.string()).max(1_000);
/** More than can be asked for, since some of them may not be shown now. */
const CANDIDATES_MAX = 60;

export const getRecommendations = publicRoute(endpoint, listPolicy, async (deps, call) => {
  const { channel, language } = call;
  const found = await findProduct(deps, call, { slug: call.params.slug, currency: call.query.currency });
  if (found instanceof Response) return found;
  const { id } = z.object({ id: z.string() }).parse(JSON.parse(found.model.body));
  const candidates = await readCandidates(deps, call, id);
  const { currency } = found;
  const summaries = await readSummaries(deps, { channel, currency, language }, candidates);
  const buyable = candidates.flatMap((candidate) => summaries.get(candidate) ?? []).filter(isInStock);
  const items = buyable.slice(0, call.query.limit);
  const body = itemsJson(items.map((item) => item.body));
  const madeOf = [
    ...found.madeOf,
    keys.recommendations(call.query.kind, id),
    keys.bestsellers(),
    ...summaryKeys({ channel, currency }, candidates),
    ...textKeys(language, candidates),
  ];
  return {
    body,
    etag: etagOf(body),
    madeOf,
    writtenAt: newestOf([found.model, ...items]),
    ...firstEndOf(items),
    ...inLanguage(language),
  };
});

/** What goes with the product first, then the shop's bestsellers; never the product itself, none twice. */
async function readCandidates(deps: EdgeDeps, { query }: PublicCall<typeof endpoint>, id: string): Promise<string[]> {
  const texts = await deps.store.mget([keys.recommendations(query.kind, id), keys.bestsellers()]);
  const ids = texts.flatMap((text) => (text === null ? [] : parseIds(text)));
  return [...new Set(ids)].filter((candidate) => candidate !== id).slice(0, CANDIDATES_MAX);
}

const stateSchema = z.object({ inStock: z.boolean() });

function isInStock({ body }: { readonly body: string }): boolean {
  return stateSchema.parse(JSON.parse(body)).inStock;
}

function parseIds(text: string): string[] {
  return idsSchema.parse(JSON.parse(unpackEnvelope(text)?.body ?? text));
}

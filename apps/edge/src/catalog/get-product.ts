import { endpointById } from "@stoa/contract";
import { type Currency, problem } from "@stoa/kernel";
import { keys, type Present } from "@stoa/read-models";
import { z } from "zod";
import type { EdgeDeps } from "../deps.ts";
import { cacheControl } from "../http/answers.ts";
import type { PublicCall } from "../http/call.ts";
import { etagOf } from "../http/etag.ts";
import { publicRoute } from "../http/public-read.ts";
import { currencyIn } from "./channel.ts";
import { catalogPolicy, redirectFreshness } from "./freshness.ts";
import { keysIn, presentIn } from "./read-model.ts";
import { readShop } from "./shop.ts";
import { productIn, readTexts, textKeys } from "./texts.ts";

export const getProduct = publicRoute(endpointById("products.get"), catalogPolicy, async (deps, call) => {
  const { slug } = call.params;
  const found = await findProduct(deps, call, { slug, currency: call.query.currency });
  if (found instanceof Response) return found;
  const { model } = found;
  const madeOf = [...found.madeOf];
  if (call.language === null) return { ...model, madeOf };
  const { id } = identified.parse(JSON.parse(model.body));
  const { locale } = await readShop(deps);
  const texts = (await readTexts(deps.store, call.language, [id])).get(id);
  madeOf.push(...textKeys(call.language, [id]));
  if (!texts) return { ...model, madeOf, language: locale };
  const body = productIn(model.body, texts);
  return { ...model, body, etag: etagOf(body), madeOf, language: call.language };
});

const identified = z.object({ id: z.string() });

export interface WantedProduct {
  readonly slug: string;
  readonly currency: Currency | undefined;
}

export interface FoundProduct {
  readonly model: Present;
  readonly currency: Currency;
  readonly madeOf: readonly string[];
}

/** The product as the channel shows it and the currency it is in, or the redirect from a former slug. @throws problem `not_found`. */
export async function findProduct(
  deps: EdgeDeps,
  { url, channel }: Pick<PublicCall, "url" | "channel">,
  wanted: WantedProduct,
): Promise<FoundProduct | Response> {
  const currency = await currencyIn(deps, channel, wanted.currency);
  const viewKeys = keysIn(channel, (own) => keys.product(currency, wanted.slug, own));
  const views = viewKeys.length === 1 ? [await deps.store.get(viewKeys[0] ?? "")] : await deps.store.mget(viewKeys);
  const model = views.map((text) => presentIn(text, channel, deps.clock)).find((view) => view !== null);
  if (model) return { model, currency, madeOf: [keys.shop(), ...viewKeys] };
  const [present, ready] = await deps.store.mget([keys.formerSlug(wanted.slug), keys.ready()]);
  if (present) return redirect(url, present);
  // A Redis that has just been emptied knows no product; to call it "not found" would be a lie that caches keep.
  if (!ready) throw problem("service_unavailable", { detail: "The catalog is being made ready." });
  throw problem("not_found");
}

/** Of a path `/v1/products/{slug}…`. */
function redirect(url: URL, present: string): Response {
  const location = url.pathname.split("/").with(3, encodeURIComponent(present));
  return new Response(null, {
    status: 301,
    headers: { location: location.join("/") + url.search, "cache-control": cacheControl(redirectFreshness) },
  });
}

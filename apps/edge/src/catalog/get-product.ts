import { endpointById } from "@stoa/contract";
import { type Currency, problem } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import { cacheControl, publicAnswer } from "../http/answers.ts";
import { type Call, route } from "../http/call.ts";
import { catalogFreshness, redirectFreshness } from "./freshness.ts";
import type { ReadModel } from "./read-cache.ts";
import { currencyOf } from "./shop.ts";

export const getProduct = route(endpointById("products.get"), async (deps, call) => {
  const { slug } = call.params;
  const found = await findProduct(deps, call, { slug, currency: call.query.currency });
  if (found instanceof Response) return found;
  return publicAnswer(call.request, { ...found.model, freshness: catalogFreshness });
});

export interface WantedProduct {
  readonly slug: string;
  readonly currency: Currency | undefined;
}

/** The product's read model and the currency it is in, or the redirect from a former slug. @throws problem `not_found`. */
export async function findProduct(
  deps: EdgeDeps,
  { url }: Pick<Call, "url">,
  wanted: WantedProduct,
): Promise<{ readonly model: ReadModel; readonly currency: Currency } | Response> {
  const currency = await currencyOf(deps, wanted.currency);
  const model = await deps.readModel(keys.product(currency, wanted.slug));
  if (model) return { model, currency };
  const [present, ready] = await deps.store.mget([keys.formerSlug(wanted.slug), keys.ready()]);
  if (present) return redirect(url, wanted.slug, present);
  // A Redis that has just been emptied knows no product; to call it "not found" would be a lie that caches keep.
  if (!ready) throw problem("service_unavailable", { detail: "The catalog is being made ready." });
  throw problem("not_found");
}

function redirect(url: URL, former: string, present: string): Response {
  const parts = url.pathname.split("/");
  const location = parts.map((part) => (decodeURIComponent(part) === former ? encodeURIComponent(present) : part));
  return new Response(null, {
    status: 301,
    headers: { location: location.join("/") + url.search, "cache-control": cacheControl(redirectFreshness) },
  });
}

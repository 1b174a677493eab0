import { problem } from "@stoa/kernel";
import { readBytes } from "@stoa/runtime/portable";
import type { EdgeDeps, ServerLike } from "../deps.ts";
import { arrive, complete } from "../http/arrival.ts";

/** As much as core takes; a provider's event may be larger than what a shopper sends. */
const WEBHOOK_BYTES_MAX = 1_048_576;
const PATH = /^\/webhooks\/(?:stripe|paypal|qstash\/[\w/-]{1,100}|qstash)$/;

/** Passes a provider's call on to core with its bytes untouched, since its signature is over the bytes. Not rate-limited. */
export function forwardWebhook(
  deps: EdgeDeps,
  { request, server }: { readonly request: Request; readonly server: ServerLike | null },
): Promise<Response> | Response {
  const arrival = arrive(deps, { request, server }, "/webhooks/*");
  const pass = async () => {
    if (request.method !== "POST" || !PATH.test(arrival.url.pathname)) throw problem("not_found");
    return deps.forward({ ...arrival.forwarded(), body: await readBytes(request, WEBHOOK_BYTES_MAX) });
  };
  return complete(deps, arrival, () => deps.load.admit("buy", pass));
}

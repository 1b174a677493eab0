import { problem } from "@stoa/kernel";
import { readBytes } from "@stoa/runtime/portable";
import type { EdgeDeps, ServerLike } from "../deps.ts";
import { admitMachine, keysIn } from "../http/api-keys.ts";
import { arrive, complete } from "../http/arrival.ts";
import { BODY_BYTES_MAX } from "../http/body.ts";

const PATH = /^\/trpc\/[A-Za-z][\w.]{0,100}$/;

/**
 * Passes a machine's call of one of core's procedures on, by its secret key; core judges the key's scopes. One procedure a call: a
 * batch would count as one against the key's limit. There are no subscriptions here.
 */
export function forwardCall(
  deps: EdgeDeps,
  { request, server }: { readonly request: Request; readonly server: ServerLike | null },
): Promise<Response> | Response {
  const arrival = arrive(deps, { request, server }, "/trpc/*");
  return complete(deps, arrival, () => deps.load.admit("shop", answer));

  async function answer(): Promise<Response> {
    const secret = keysIn(request.headers)?.secret ?? null;
    if (secret === null) throw problem("unauthenticated", { detail: "Calls of machines need a secret key." });
    await admitMachine(deps, arrival, secret);
    const isCall = request.method === "GET" || request.method === "POST";
    const isStream = request.headers.get("accept")?.includes("text/event-stream") ?? false;
    if (!isCall || isStream || !PATH.test(arrival.url.pathname) || arrival.url.searchParams.has("batch")) {
      throw problem("not_found", { detail: "One procedure a call, by GET or POST." });
    }
    const forwarded = await deps.forward({ ...arrival.forwarded(), body: await readBytes(request, BODY_BYTES_MAX) });
    forwarded.headers.set("cache-control", "private, no-store");
    return forwarded;
  }
}

import { authPaths, type Endpoint } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import { readBytes } from "@stoa/runtime/portable";
import type { EdgeDeps, ServerLike } from "../deps.ts";
import { arrive, complete } from "../http/arrival.ts";
import { BODY_BYTES_MAX } from "../http/body.ts";
import { rateLimitSubject } from "../http/client-address.ts";
import { allowedMethods, preflight } from "../http/origins.ts";
import { applyVerdict } from "../http/rate-limit.ts";
import { urlOf } from "../http/url.ts";

const PREFIX = "/v1/auth";
const listed = authPaths.map(({ method, path }) => ({
  method,
  template: PREFIX + path,
  pattern: new RegExp(`^${PREFIX}${path.replaceAll(/\{\w+\}/g, "[\\w-]{1,200}")}$`),
}));
const noEndpoints: readonly Endpoint[] = [];

/** Passes better-auth's own paths on to core, which answers them; none but those that the contract lists. */
export function forwardAuth(
  deps: EdgeDeps,
  { request, server }: { readonly request: Request; readonly server: ServerLike | null },
): Promise<Response> | Response {
  const { pathname } = urlOf(request);
  const method = request.method === "HEAD" ? "GET" : request.method;
  const known = listed.find((one) => one.method === method && one.pattern.test(pathname));
  const arrival = arrive(deps, { request, server }, known?.template ?? `${PREFIX}/*`);
  return complete(deps, arrival, () => deps.load.admit("shop", answer));

  async function answer(): Promise<Response> {
    if (!known) {
      const methods = allowedMethods(noEndpoints, pathname);
      if (request.method !== "OPTIONS" || methods === null) throw problem("not_found");
      return preflight(arrival.origin, methods);
    }
    const subject = rateLimitSubject(arrival.clientAddress);
    applyVerdict(arrival, await deps.limiter.take("auth", subject, deps.settings.limits.auth));
    const forwarded = await deps.forward({ ...arrival.forwarded(), body: await readBytes(request, BODY_BYTES_MAX) });
    forwarded.headers.set("cache-control", "private, no-store");
    return forwarded;
  }
}

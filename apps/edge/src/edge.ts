import { type Endpoint, endpoints } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import type { BunRequest } from "bun";
import { Elysia } from "elysia";
import { forwardAuth } from "./account/forward-auth.ts";
import type { EdgeDeps, ServerLike } from "./deps.ts";
import { arrive, complete } from "./http/arrival.ts";
import { allowedMethods, preflight } from "./http/origins.ts";
import { serve } from "./http/serve.ts";
import { mediaAnswer } from "./media/media-answer.ts";
import { routes } from "./routes.ts";
import { forwardCall } from "./system/forward-call.ts";
import { forwardWebhook } from "./system/forward-webhook.ts";
import { publicMetrics } from "./system/metrics.ts";

/**
 * The listener refuses without a word what is larger still; below it our own check answers with a problem, at once and
 * without reading the body.
 */
const LISTENER_BODY_BYTES_MAX = 64 * 1024 * 1024;
const IDLE_SECONDS = 30;

const unparsed = { parse: "none" } as const;

/** The storefront API as one app, for Bun's server, for Workers and for tests. */
export function createEdge(deps: EdgeDeps) {
  const app = new Elysia({
    // Else DELETE /v1/me/addresses/.. of a storefront that puts any text into a path, which is sent as /v1/me/, erased the account.
    strictPath: true,
    ...(deps.adapter ? { adapter: deps.adapter } : {}),
    serve: {
      maxRequestBodySize: LISTENER_BODY_BYTES_MAX,
      reusePort: false,
      idleTimeout: IDLE_SECONDS,
      routes: publicRoutes(deps),
    },
  });
  for (const route of routes) {
    const { method, path } = route.endpoint;
    const handle = ({ request, server, params }: Context) =>
      serve(deps, route, { request, server, params: () => params });
    app.route(method, elysiaPath(path), handle, unparsed);
    if (method === "GET") app.route("HEAD", elysiaPath(path), handle, unparsed);
  }
  return app
    .all("/v1/auth/*", ({ request, server }) => forwardAuth(deps, { request, server }), unparsed)
    .all("/trpc/*", ({ request, server }) => forwardCall(deps, { request, server }), unparsed)
    .all("/webhooks/*", ({ request, server }) => forwardWebhook(deps, { request, server }), unparsed)
    .get("/media/*", ({ request, server }) => serveMedia(deps, request, server), unparsed)
    .head("/media/*", ({ request, server }) => serveMedia(deps, request, server), unparsed)
    .get("/metrics", ({ request, server }) => serveMetrics(deps, request, server), unparsed)
    .all("/*", ({ request, server }) => otherwise(deps, request, server), unparsed)
    .all("/", ({ request, server }) => otherwise(deps, request, server), unparsed);
}

export type Edge = ReturnType<typeof createEdge>;

interface Context {
  readonly request: Request;
  readonly server: ServerLike | null;
  readonly params: Readonly<Record<string, string>>;
}

type Answering = (request: BunRequest, server: ServerLike) => Promise<Response> | Response;

/**
 * What is the same for everybody, straight from Bun's router: making Elysia's context costs more than giving an answer that is held.
 * Elysia mounts the same routes, for Workers and for tests without a listener.
 */
function publicRoutes(deps: EdgeDeps): Record<string, Record<"GET" | "HEAD", Answering>> {
  const shared = routes.filter((route) => "make" in route);
  return Object.fromEntries(
    shared.map((route) => {
      const answer: Answering = (request, server) =>
        serve(deps, route, { request, server, params: () => request.params });
      return [elysiaPath(route.endpoint.path), { GET: answer, HEAD: answer }];
    }),
  );
}

function elysiaPath(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, ":$1");
}

function serveMedia(deps: EdgeDeps, request: Request, server: ServerLike | null): Promise<Response> | Response {
  const arrival = arrive(deps, { request, server }, "/media/*");
  return complete(deps, arrival, () => deps.load.admit("browse", () => mediaAnswer(deps, request, arrival.url)));
}

function serveMetrics(deps: EdgeDeps, request: Request, server: ServerLike | null): Promise<Response> | Response {
  return complete(deps, arrive(deps, { request, server }, "/metrics"), () => publicMetrics(deps, request, server));
}

/** OPTIONS of known paths, and 404 for every other path and method. */
function otherwise(deps: EdgeDeps, request: Request, server: ServerLike | null): Promise<Response> | Response {
  const arrival = arrive(deps, { request, server }, "(none)");
  return complete(deps, arrival, () => {
    const known: readonly Endpoint[] = endpoints;
    const methods = allowedMethods(known, arrival.url.pathname);
    if (request.method !== "OPTIONS" || methods === null) throw problem("not_found");
    return preflight(arrival.origin, methods);
  });
}

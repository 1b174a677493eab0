import { AsyncLocalStorage } from "node:async_hooks";
import { createConsoleLogger, Guards, noMetrics } from "@stoa/runtime/portable";
import { CloudflareAdapter } from "elysia/adapter/cloudflare-worker";
import { composeEdge, createEdgeHealth } from "./compose.ts";
import { readConfig } from "./config.ts";
import type { EdgeDeps } from "./deps.ts";
import { createEdge } from "./edge.ts";
import { HeldAnswers } from "./http/held-answers.ts";
import { cloudflareMedia } from "./media/cloudflare-media.ts";
import { redisBreaker } from "./redis/connect.ts";
import { RequestConnections } from "./redis/request-connections.ts";
import { createStore } from "./redis/store.ts";

/** The same app on Cloudflare Workers. Their sockets end with the request that opened them, so each request has its own. */
const config = readConfig();
const logger = createConsoleLogger({ name: "edge", level: config.LOG_LEVEL });
const connections = new AsyncLocalStorage<RequestConnections>();

function ofThisRequest(): RequestConnections {
  const open = connections.getStore();
  if (!open) throw new Error("there is no connection outside of a request");
  return open;
}

const guards = new Guards();
const store = createStore({ client: () => ofThisRequest().commands(), breaker: redisBreaker(guards), logger });
const deps: EdgeDeps = {
  ...composeEdge(config, {
    adapter: CloudflareAdapter,
    departure: null,
    guards,
    gzip: null,
    logger,
    metrics: noMetrics,
    media: config.MEDIA_URL?.startsWith("http") ? cloudflareMedia(config.MEDIA_URL) : null,
    store,
    // Nothing here hears of changes between requests, and a promise must not outlive its request: nothing is held or shared.
    answers: new HeldAnswers({ sizeMax: 0, keepMs: 0, isOutage: () => false }),
    subscriptions: {
      subscribe: (channel, handler) => ofThisRequest().subscribe(channel, handler),
      listen: () => {},
      onHearing: () => {},
    },
    socketAddress: (request) => request.headers.get("cf-connecting-ip") ?? "unknown",
  }),
  // A promise must not outlive its request here, so no two requests share a check.
  health: { check: () => createEdgeHealth({ coreUrl: config.CORE_URL, store, logger }).check() },
};
const app = createEdge(deps).compile();

export default {
  async fetch(request: Request): Promise<Response> {
    const open = new RequestConnections(config.REDIS_URL, logger);
    return open.closeAfter(await connections.run(open, () => app.fetch(request)));
  },
};

import type { Clock, CustomerId } from "@stoa/kernel";
import { Problem, problem, problemBody } from "@stoa/kernel";
import { type Departure, type Health, type Logger, type Metrics, readBytes } from "@stoa/runtime";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { Elysia } from "elysia";
import type { Actor } from "./platform/rpc/index.ts";
import { AWAY_SECONDS, isStoreAway } from "./platform/store-away.ts";
import { createContext } from "./rpc/context.ts";
import { createFilesDoor, IMPORT_BYTES_MAX } from "./rpc/files-door.ts";
import type { AppRouter } from "./rpc/router.ts";
import { createUploadDoor, UPLOAD_BYTES_MAX } from "./rpc/upload-door.ts";
import { CLIENT_IP_HEADER, SHOP_AUTH_PATH, STAFF_AUTH_PATH } from "./services/users/index.ts";
import { QSTASH_FAILURE_PATH, QSTASH_PATH } from "./webhooks/qstash.ts";

/** Prices of a whole catalog page fit; a file does not belong into a call, but comes by its own door. */
const BODY_MAX_BYTES = 1_048_576;

/** Beside a shopper's own Authorization, which better-auth reads, edge proves itself here. */
export const INTERNAL_TOKEN_HEADER = "x-stoa-internal";

type Handle = (request: Request) => Promise<Response>;

export interface HttpDeps {
  /** False for a process that only sweeps: it has its health to show and nothing else. */
  readonly isWeb: boolean;
  readonly router: AppRouter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** How this process leaves. */
  readonly departure: Departure;
  readonly internalTokenSecret: string;
  readonly adminOrigin: string;
  readonly isErased: (customerId: CustomerId) => Promise<boolean>;
  readonly findStaff: (headers: Headers) => Promise<Actor | null>;
  /** The machine behind a secret API key, or null. */
  readonly findMachine: (key: string) => Promise<Actor | null>;
  /** Whether the caller is edge or the dashboard's server, which alone know a client's address. */
  readonly isInternal: (headers: Headers) => Promise<boolean>;
  readonly shopAuth: Handle;
  readonly staffAuth: Handle;
  readonly webhooks: Readonly<Record<"qstash" | "qstashFailures" | "stripe" | "paypal", Handle>>;
}

/** Core's doors. It stands in a private network: edge and the dashboard call it, QStash and the payment providers reach it through edge. */
export function createHttp(deps: HttpDeps) {
  const app = createHealthDoor(deps);
  if (deps.isWeb) openDoors(app, deps);
  return app;
}

function createHealthDoor(deps: HttpDeps) {
  return new Elysia({ serve: { maxRequestBodySize: UPLOAD_BYTES_MAX, reusePort: false, idleTimeout: 60 } })
    .onError(({ error, request, code }) => {
      if (code === "NOT_FOUND") return refuse(request, problem("not_found"));
      deps.logger.error("a request failed", { path: new URL(request.url).pathname, error });
      return refuse(request, problem(isStoreAway(error) ? "service_unavailable" : "internal_error"));
    })
    .onRequest(({ set }) => {
      if (!deps.departure.hasBegun) return;
      deps.departure.noteRequest();
      set.headers.connection = "close";
    })
    .get("/healthz", () => ({ status: "ok" }))
    .get("/readyz", async ({ set }) => {
      const report = await deps.health.check();
      const isReady = report.ok && !deps.departure.hasBegun;
      set.status = isReady ? 200 : 503;
      return { status: isReady ? "ready" : "not ready", checks: report.checks };
    })
    .get("/metrics", async () => {
      const headers = { "content-type": "text/plain; version=0.0.4" };
      return new Response(await deps.metrics.metricsText(), { headers });
    });
}

function openDoors(app: ReturnType<typeof createHealthDoor>, deps: HttpDeps): void {
  const { webhooks } = deps;
  const upload = createUploadDoor(deps);
  const failed = (error: unknown) => deps.logger.error("a file could not be sent whole", { error });
  const files = createFilesDoor({ ...deps, failed });
  app
    .all(
      "/trpc/*",
      ({ request, server }) => {
        // A subscription is silent for as long as nothing happens.
        if (request.headers.get("accept")?.includes("text/event-stream")) server?.timeout(request, 0);
        return measured(deps, request, (bounded) => answerCall(deps, bounded), { refused: refuseCall(deps) });
      },
      { parse: "none" },
    )
    .all(`${SHOP_AUTH_PATH}/*`, ({ request }) => authenticate(deps, deps.shopAuth, request), { parse: "none" })
    .all(`${STAFF_AUTH_PATH}/*`, ({ request }) => authenticate(deps, deps.staffAuth, request), { parse: "none" })
    .get("/files/*", ({ request, server }) => {
      // The first piece of a CSV file comes when the catalog has been read once.
      server?.timeout(request, 0);
      return measured(deps, request, files);
    })
    .post(
      "/files/*",
      ({ request, server }) => {
        server?.timeout(request, 0);
        return measured(deps, request, files, { bytesMax: IMPORT_BYTES_MAX });
      },
      { parse: "none" },
    )
    .post("/uploads/images", ({ request }) => measured(deps, request, upload, { bytesMax: UPLOAD_BYTES_MAX }), {
      parse: "none",
    })
    .post(QSTASH_PATH, ({ request }) => measured(deps, request, webhooks.qstash), { parse: "none" })
    .post(QSTASH_FAILURE_PATH, ({ request }) => measured(deps, request, webhooks.qstashFailures), { parse: "none" })
    .post("/webhooks/stripe", ({ request }) => measured(deps, request, webhooks.stripe), {
      parse: "none",
    })
    .post("/webhooks/paypal", ({ request }) => measured(deps, request, webhooks.paypal), {
      parse: "none",
    });
}

/** Whoever calls procedures reads refusals as these tell them, that of a body which nobody has read, too. */
function refuseCall(deps: HttpDeps) {
  return ({ url, method, headers }: Request, refusal: Problem) =>
    answerCall(deps, new Request(url, { method, headers }), () => Promise.reject(refusal));
}

function answerCall(
  deps: HttpDeps,
  request: Request,
  contextOf = () => createContext(deps, request),
): Promise<Response> {
  return fetchRequestHandler({
    endpoint: "/trpc",
    req: request,
    router: deps.router,
    // Edge posts its queries too: what they ask for does not belong into a URL.
    allowMethodOverride: true,
    createContext: contextOf,
    onError: ({ error, path, ctx }) => {
      if (error.cause instanceof Problem) return;
      if (error.code !== "INTERNAL_SERVER_ERROR" && error.code !== "SERVICE_UNAVAILABLE") return;
      deps.logger.error("a call failed", { path, requestId: ctx?.requestId, error: error.cause ?? error });
    },
  });
}

/** The client's address counts rate limits, so it is believed only from those who may tell it. */
async function authenticate(deps: HttpDeps, handle: Handle, request: Request): Promise<Response> {
  return measured(deps, request, async (bounded) => {
    const trusted = await deps.isInternal(request.headers);
    const headers = new Headers(request.headers);
    headers.delete(INTERNAL_TOKEN_HEADER);
    if (!trusted) headers.delete(CLIENT_IP_HEADER);
    return handle(new Request(bounded, { headers }));
  });
}

interface MeasuredOptions {
  readonly bytesMax?: number;
  /** How a refusal is told. */
  readonly refused?: (request: Request, refusal: Problem) => Response | Promise<Response>;
}

/** Answers a request of a bearable size. A refusal before it is answered is measured as one. */
async function measured(
  deps: HttpDeps,
  request: Request,
  answer: Handle,
  { bytesMax, refused = refuse }: MeasuredOptions = {},
): Promise<Response> {
  const startedAt = performance.now();
  const response = await bounded(request, bytesMax)
    .then(answer)
    .catch((error: unknown) => {
      if (error instanceof Problem) return refused(request, error);
      throw error;
    });
  const route = routeOf(new URL(request.url).pathname, deps.router._def.procedures);
  const durationSeconds = (performance.now() - startedAt) / 1_000;
  deps.metrics.observeHttp({ route, method: request.method, status: response.status, durationSeconds });
  return response;
}

/** What declares its length is cut off by the server there; what does not is read to know it. @throws problem. */
async function bounded(request: Request, bytesMax = BODY_MAX_BYTES): Promise<Request> {
  if (request.body === null) return request;
  const declared = request.headers.get("content-length");
  if (declared === null) return new Request(request, { body: await readBytes(request, bytesMax) });
  if (Number(declared) > bytesMax) throw problem("payload_too_large");
  return request;
}

/** Calls by procedure; everything else by its first two parts, so that labels stay few. */
function routeOf(path: string, procedures: object): string {
  if (path.startsWith("/trpc/")) {
    const name = path.slice("/trpc/".length);
    return Object.hasOwn(procedures, name) ? path : `/trpc/(${name.includes(",") ? "batch" : "unknown"})`;
  }
  return path.split("/").slice(0, 3).join("/");
}

function refuse(request: Request, refusal: ReturnType<typeof problem>): Response {
  const requestId = request.headers.get("x-request-id") ?? crypto.randomUUID();
  const wait = refusal.code === "service_unavailable" ? { "retry-after": String(AWAY_SECONDS) } : {};
  return new Response(JSON.stringify(problemBody(refusal, requestId)), {
    status: refusal.status,
    headers: { "content-type": "application/problem+json", "x-request-id": requestId, ...wait },
  });
}

import { isProblemCode } from "@stoa/kernel";
import { ApiProblem, Unreachable } from "./client-errors.ts";
import type { Client, ClientOptions } from "./client-types.ts";
import type { Endpoint } from "./endpoint.ts";
import type { EndpointId } from "./endpoints.ts";
import { pause } from "./pause.ts";
import { watchOrder } from "./watch-order.ts";

const TIMEOUT_MS = 20_000;
const RETRIES = 2;
const RETRY_DELAY_MS = 200;
/** Whoever is told to come back later than this tells their shopper instead of waiting. */
const RETRY_AFTER_MS_MAX = 5_000;

/** What has to be known of an endpoint to call it. */
export interface Route extends Pick<Endpoint, "method" | "path" | "idempotency"> {
  readonly isStream: boolean;
}

/** A client of endpoints that are looked up by their ids. Nothing of the schemas is needed for it but their types. */
export function clientOf(routeOf: (id: EndpointId) => Route, options: ClientOptions): Client {
  const ask = (id: EndpointId, input: Parts) => callRoute(options, { id, route: routeOf(id) }, input);
  return {
    call: async (id, input) => {
      const answered = await ask(id, input);
      return { ...answered, body: answered.body as never };
    },
    watchOrder: (input) =>
      watchOrder(
        async (headers) => (await ask("orders.events", { ...input, headers })).body as ReadableStream<Uint8Array>,
        input,
      ),
  };
}

async function callRoute(options: ClientOptions, called: Called, input: Parts): Promise<Answered> {
  const { retries = RETRIES, random = Math.random } = options;
  const { method, idempotency } = called.route;
  const mayRepeat = method !== "POST" || idempotency !== "none";
  const keyed = withKey(called.route, input);
  for (let retry = 0; ; retry += 1) {
    const outcome = await attempt(options, called, keyed);
    if (!(outcome instanceof Error)) return outcome;
    const waitMs = mayRepeat && retry < retries ? pauseAfter(outcome, retry, random) : null;
    if (waitMs === null) throw outcome;
    await pause(waitMs, input.signal);
  }
}

interface Called {
  readonly id: string;
  readonly route: Route;
}

/** One key for a call, however often it is sent. */
function withKey({ idempotency }: Route, input: Parts): Parts {
  if (idempotency === "none" || input.idempotencyKey !== undefined) return input;
  return { ...input, idempotencyKey: crypto.randomUUID() };
}

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function attempt(
  options: ClientOptions,
  { id, route }: Called,
  input: Parts,
): Promise<Answered | ApiProblem | Unreachable> {
  const send = options.fetch ?? ((request: Request) => fetch(request));
  const late = new AbortController();
  const signal = AbortSignal.any([late.signal, ...(input.signal ? [input.signal] : [])]);
  // What cannot be sent at all is no answer that did not come.
  const request = requestOf(options, route, { ...input, signal });
  const deadline = setTimeout(() => late.abort(), options.timeoutMs ?? TIMEOUT_MS);
  try {
    const response = await send(request);
    const { status, headers } = response;
    if (status >= 400) return refusalOf(response, await bodyOf(response));
    return { status, headers, body: route.isStream ? response.body : await bodyOf(response) };
  } catch (error) {
    // Whoever gave up themselves is not told that the shop is away.
    if (input.signal?.aborted) throw error;
    return new Unreachable(id, error);
  } finally {
    // A stream has begun in time; it takes as long as it takes.
    clearTimeout(deadline);
  }
}

/** How long to wait before the same call is sent again; null when that would be of no use. */
function pauseAfter(outcome: ApiProblem | Unreachable, retry: number, random: () => number): number | null {
  const backOffMs = RETRY_DELAY_MS * 2 ** retry * (0.5 + random());
  if (outcome instanceof Unreachable) return backOffMs;
  const isBusy = outcome.status >= 502 || outcome.code === "rate_limited" || outcome.code === "request_in_progress";
  if (!isBusy) return null;
  const toldMs = (outcome.retryAfterSeconds ?? 0) * 1_000;
  return toldMs > RETRY_AFTER_MS_MAX ? null : Math.max(toldMs, backOffMs);
}

interface Parts {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

function requestOf(options: ClientOptions, route: Route, input: Parts): Request {
  const params = new Map(Object.entries(Object(input.params)));
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => segment(String(params.get(name))));
  const url = new URL(path, options.baseUrl);
  for (const [name, value] of Object.entries(Object(input.query))) appendQuery(url.searchParams, name, value);
  const token = options.token?.() ?? null;
  const headers = new Headers(input.headers);
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  if (input.idempotencyKey !== undefined) headers.set("idempotency-key", input.idempotencyKey);
  if (input.body !== undefined) headers.set("content-type", "application/json");
  return new Request(url.href, {
    method: route.method,
    headers,
    ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
    ...(input.signal ? { signal: input.signal } : {}),
  });
}

/**
 * A parameter as a part of a path. Nothing is called so that a path could not hold; a URL takes two dots, encoded or not, for the way
 * up, so that what removes an address would remove its owner.
 */
function segment(text: string): string {
  if (/^\.{0,2}$/.test(text)) {
    throw new ApiProblem({ code: "not_found", status: 404, body: {}, retryAfterSeconds: null });
  }
  return encodeURIComponent(text);
}

function appendQuery(search: URLSearchParams, name: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) for (const item of value) appendQuery(search, name, item);
  else if (typeof value === "object") {
    for (const [member, item] of Object.entries(value)) appendQuery(search, `${name}.${member}`, item);
  } else search.append(name, String(value));
}

/** JSON as what it says, text as it is, and a file as one. Nothing at all for an answer without a body. */
async function bodyOf(response: Response): Promise<unknown> {
  const type = response.headers.get("content-type") ?? "text/plain";
  if (!/^text\/|\b(?:json|xml)\b/.test(type)) return response.blob();
  const text = await response.text();
  return text === "" ? undefined : /\bjson\b/.test(type) ? JSON.parse(text) : text;
}

function refusalOf({ status, headers }: Response, body: unknown): ApiProblem {
  const after = Number(headers.get("retry-after") ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(after) ? after : null;
  if (isObject(body) && isProblemCode(body.code)) {
    return new ApiProblem({ code: body.code, status, body, retryAfterSeconds });
  }
  const code = status >= 500 ? "service_unavailable" : "internal_error";
  return new ApiProblem({ code, status, body: {}, retryAfterSeconds });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

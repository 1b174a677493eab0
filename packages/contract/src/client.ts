import { isProblemCode } from "@stoa/kernel";
import { z } from "zod";
import { ApiProblem, Unreachable } from "./client-errors.ts";
import type { Endpoint } from "./endpoint.ts";
import { type EndpointById, type EndpointId, endpointById } from "./endpoints.ts";

type InputOf<E, K extends "params" | "query" | "body"> = E extends { readonly [key in K]: infer S }
  ? S extends z.ZodType
    ? Wire<z.output<S>, K>
    : never
  : never;

/** Queries are written by what they mean (`limit: 20`), bodies and parameters as they are sent. */
type Wire<T, K> = K extends "query" ? { readonly [N in keyof T]?: T[N] | undefined } : T;

type Member<E, K extends "params" | "query" | "body"> = [InputOf<E, K>] extends [never]
  ? { readonly [key in K]?: never }
  : K extends "query"
    ? { readonly [key in K]?: InputOf<E, K> }
    : { readonly [key in K]: InputOf<E, K> };

export type CallInput<Id extends EndpointId> = Member<EndpointById<Id>, "params"> &
  Member<EndpointById<Id>, "query"> &
  Member<EndpointById<Id>, "body"> & {
    readonly idempotencyKey?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  };

type SchemasOf<E> = E extends { readonly answers: infer A }
  ? A[keyof A] extends { readonly schema: infer S }
    ? S
    : never
  : never;
export type AnswerBody<Id extends EndpointId> =
  SchemasOf<EndpointById<Id>> extends infer S ? (S extends z.ZodType ? z.output<S> : undefined) : never;

export interface Answer<Id extends EndpointId> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AnswerBody<Id>;
}

export interface ClientOptions {
  /** The shop's origin, e.g. `https://shop.example`. */
  readonly baseUrl: string;
  /** Session token or JWT; a browser on the shop's own origin uses the cookie instead. */
  readonly token?: () => string | null;
  /** For each attempt. Default 20,000: longer than the shop itself works on a checkout. */
  readonly timeoutMs?: number;
  /** Further attempts of a call that may be repeated. Default 2. */
  readonly retries?: number;
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Draws from [0, 1) how long a retry waits. */
  readonly random?: () => number;
}

export interface Client {
  /**
   * Calls an endpoint. What reads, sets or removes, and what carries an idempotency key, is asked again when no answer came or the
   * shop says that it is busy; a call that takes a key gets one when none is given, and keeps it.
   * @throws ApiProblem for a refusal, Unreachable when no answer came.
   */
  call<Id extends EndpointId>(id: Id, input: CallInput<Id>): Promise<Answer<Id>>;
}

const TIMEOUT_MS = 20_000;
const RETRIES = 2;
const RETRY_DELAY_MS = 200;
/** Whoever is told to come back later than this tells their shopper instead of waiting. */
const RETRY_AFTER_MS_MAX = 5_000;

/** A typed client: `(await client.call("products.get", { params: { slug } })).body.title`. */
export function createClient(options: ClientOptions): Client {
  const { retries = RETRIES, random = Math.random } = options;
  return {
    call: async (id, input) => {
      const definition: Endpoint = endpointById(id);
      const mayRepeat = definition.method !== "POST" || definition.idempotency !== "none";
      const keyed = withKey(definition, input);
      for (let retry = 0; ; retry += 1) {
        const outcome = await attempt(options, definition, keyed);
        if (!(outcome instanceof Error)) return { ...outcome, body: outcome.body as never };
        const waitMs = mayRepeat && retry < retries ? pauseAfter(outcome, retry, random) : null;
        if (waitMs === null) throw outcome;
        await pause(waitMs, input.signal);
      }
    },
  };
}

/** One key for a call, however often it is sent. */
function withKey({ idempotency }: Endpoint, input: Parts): Parts {
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
  definition: Endpoint,
  input: Parts,
): Promise<Answered | ApiProblem | Unreachable> {
  const send = options.fetch ?? ((request: Request) => fetch(request));
  const isStream = definition.answers[200]?.contentType === "text/event-stream";
  const deadline = isStream ? [] : [AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)];
  const signal = AbortSignal.any([...deadline, ...(input.signal ? [input.signal] : [])]);
  // What cannot be sent at all is no answer that did not come.
  const request = requestOf(options, definition, { ...input, signal });
  try {
    const response = await send(request);
    const body = await bodyOf(response);
    const { status, headers } = response;
    return status >= 400 ? refusalOf(response, body) : { status, headers, body };
  } catch (error) {
    // Whoever gave up themselves is not told that the shop is away.
    if (input.signal?.aborted) throw error;
    return new Unreachable(definition.id, error);
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

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const giveUp = () => {
    clearTimeout(timer);
    reject(signal?.reason);
  };
  const timer = setTimeout(() => {
    signal?.removeEventListener("abort", giveUp);
    resolve();
  }, ms);
  signal?.addEventListener("abort", giveUp, { once: true });
  return promise;
}

interface Parts {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

function requestOf(options: ClientOptions, definition: Endpoint, input: Parts): Request {
  const params = new Map(Object.entries(Object(input.params)));
  const path = definition.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => segment(String(params.get(name))));
  const url = new URL(path, options.baseUrl);
  for (const [name, value] of Object.entries(Object(input.query))) appendQuery(url.searchParams, name, value);
  const token = options.token?.() ?? null;
  const headers = new Headers(input.headers);
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  if (input.idempotencyKey !== undefined) headers.set("idempotency-key", input.idempotencyKey);
  if (input.body !== undefined) headers.set("content-type", "application/json");
  return new Request(url.href, {
    method: definition.method,
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

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  return text === "" ? undefined : isJson ? JSON.parse(text) : text;
}

function refusalOf({ status, headers }: Response, body: unknown): ApiProblem {
  const after = Number(headers.get("retry-after") ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(after) ? after : null;
  const known = z.looseObject({ code: z.string() }).safeParse(body);
  if (known.success && isProblemCode(known.data.code)) {
    return new ApiProblem({ code: known.data.code, status, body: known.data, retryAfterSeconds });
  }
  const code = status >= 500 ? "service_unavailable" : "internal_error";
  return new ApiProblem({ code, status, body: {}, retryAfterSeconds });
}

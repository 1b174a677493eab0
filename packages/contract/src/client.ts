import { isProblemCode, type ProblemCode } from "@stoa/kernel";
import { z } from "zod";
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

/** A refusal as the shop answered it. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";

  constructor(
    readonly code: ProblemCode,
    readonly status: number,
    /** The whole problem+json body, with its extension members. */
    readonly body: Readonly<Record<string, unknown>>,
  ) {
    super(typeof body.detail === "string" ? body.detail : code);
  }
}

export interface ClientOptions {
  /** The shop's origin, e.g. `https://shop.example`. */
  readonly baseUrl: string;
  /** Session token or JWT; a browser on the shop's own origin uses the cookie instead. */
  readonly token?: () => string | null;
  readonly fetch?: (request: Request) => Promise<Response>;
}

export interface Client {
  /** @throws ApiProblem for a refusal, TypeError when the shop cannot be reached. */
  call<Id extends EndpointId>(id: Id, input: CallInput<Id>): Promise<Answer<Id>>;
}

/** A typed client: `(await client.call("products.get", { params: { slug } })).body.title`. */
export function createClient(options: ClientOptions): Client {
  const send = options.fetch ?? ((request: Request) => fetch(request));
  return {
    call: async (id, input) => {
      const definition: Endpoint = endpointById(id);
      const response = await send(requestOf(options, definition, input));
      const body = await bodyOf(response);
      if (response.status >= 400) throw refusalOf(response.status, body);
      return { status: response.status, headers: response.headers, body: body as never };
    },
  };
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
  const path = definition.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(params.get(name))),
  );
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

function refusalOf(status: number, body: unknown): ApiProblem {
  const known = z.looseObject({ code: z.string() }).safeParse(body);
  if (known.success && isProblemCode(known.data.code)) return new ApiProblem(known.data.code, status, known.data);
  return new ApiProblem(status >= 500 ? "service_unavailable" : "internal_error", status, {});
}

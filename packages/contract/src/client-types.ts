import type { z } from "zod";
import type { EndpointById, EndpointId } from "./endpoints.ts";
import type { WatchInput } from "./watch-order.ts";

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

/** Refusals are thrown, and redirects followed: what is left has these. */
type Given = 200 | 201 | 202 | 204;

type GivenBy<E> = E extends { readonly answers: infer A } ? A[keyof A & Given] : never;

type BodyOf<D> = D extends { readonly schema: infer S extends z.ZodType }
  ? z.output<S>
  : D extends { readonly contentType: infer T }
    ? TypedBody<T>
    : undefined;

/** What has no schema of its own: other JSON, text, or a file. */
type TypedBody<T> = T extends "application/json"
  ? Readonly<Record<string, unknown>>
  : T extends "application/pdf"
    ? Blob
    : string;

export type AnswerBody<Id extends EndpointId> = BodyOf<GivenBy<EndpointById<Id>>>;

/** What is not answered once: see `watchOrder`. */
type StreamId = "orders.events";
export type CallableId = Exclude<EndpointId, StreamId>;

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
  call<Id extends CallableId>(id: Id, input: CallInput<Id>): Promise<Answer<Id>>;
  /**
   * The order as it is now and after each change, for as long as it is asked: `for await (const order of client.watchOrder({ params: { orderId } }))`.
   * A connection that is lost, silent or turned away for now is made anew, where it stopped. It ends by `break` or by the signal.
   * @throws ApiProblem for a refusal, such as of an order that is not the caller's; the signal's reason.
   */
  watchOrder(input: WatchInput): AsyncGenerator<AnswerBody<"orders.get">, never>;
}

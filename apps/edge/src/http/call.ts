import type { Endpoint } from "@stoa/contract";
import type { Logger } from "@stoa/runtime/portable";
import type { z } from "zod";
import type { CoreCall, ShopActor } from "../core-port.ts";
import type { EdgeDeps } from "../deps.ts";
import type { PublicContent, PublicPolicy } from "./public-read.ts";

type Parsed<E, K extends "params" | "query" | "body"> = E extends { readonly [key in K]: infer S }
  ? S extends z.ZodType
    ? z.output<S>
    : undefined
  : undefined;

/** One request, parsed and judged: everything a handler may rely on. */
export interface Call<E = Endpoint> {
  readonly request: Request;
  readonly url: URL;
  readonly params: Parsed<E, "params">;
  readonly query: Parsed<E, "query">;
  readonly body: Parsed<E, "body">;
  /** Code of the sales channel that the caller's publishable key belongs to; the default one without a key. */
  readonly channel: string;
  /** A guest wherever the endpoint's auth is `none`. */
  readonly actor: ShopActor;
  readonly clientAddress: string;
  readonly requestId: string;
  /** What to hand to core. */
  readonly core: CoreCall;
  readonly logger: Logger;
  /** Lifts the server's idle time-out for an answer that is silent for long. */
  readonly keepOpen: () => void;
}

/** An endpoint of the contract with the function that answers it: each caller alone, or everybody alike. */
export type Route = PrivateRoute | PublicRoute;

export interface PrivateRoute {
  readonly endpoint: Endpoint;
  readonly handle: (deps: EdgeDeps, call: Call) => Promise<Response> | Response;
}

export interface PublicRoute {
  readonly endpoint: Endpoint;
  readonly policy: PublicPolicy;
  readonly make: (deps: EdgeDeps, call: PublicCall) => Promise<PublicContent | Response>;
}

/** All that an answer for everybody may rest on. */
export interface PublicCall<E = Endpoint> extends Pick<Call<E>, "url" | "params" | "query" | "channel"> {
  /** The channel's language that is nearest to what the caller asks for; null where all is told in the shop's own. */
  readonly language: string | null;
}

/** Ties a handler to its endpoint, whose schemas give it its types. */
export function route<E extends Endpoint>(
  endpoint: E,
  handle: (deps: EdgeDeps, call: Call<E>) => Promise<Response> | Response,
): Route {
  // The server parses by this very endpoint before it calls, so the parsed members have these types.
  return { endpoint, handle: handle as PrivateRoute["handle"] };
}

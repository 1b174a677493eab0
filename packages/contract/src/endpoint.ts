import type { ProblemCode } from "@stoa/kernel";
import type { z } from "zod";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/**
 * Who may call: `none` ignores who asks, `optional` answers guests and customers alike (each what is theirs),
 * `customer` refuses whoever is not signed in.
 */
export type Auth = "none" | "optional" | "customer";

/** What limit a call counts against; health checks against none. */
export type RateClass = "read" | "write" | "checkout" | "lookup" | "none";

export interface AnswerDefinition {
  readonly description: string;
  /** Null for an answer without a body. */
  readonly schema: z.ZodType | null;
  readonly contentType?: string;
}

/** One endpoint of the storefront API as data: edge mounts it, OpenAPI documents it, the client calls it. */
export interface Endpoint {
  /** `noun.verb`; the operation id. */
  readonly id: string;
  readonly tag: "catalog" | "account" | "carts" | "checkout" | "orders" | "system";
  readonly method: Method;
  /** Path template, `{name}` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly auth: Auth;
  readonly rateClass: RateClass;
  /** `public` answers may stand in shared caches and carry an ETag; all others are `private, no-store`. */
  readonly cache: "public" | "private";
  /** `accepted` and `required` speak of the Idempotency-Key header. */
  readonly idempotency: "none" | "accepted" | "required";
  readonly params?: z.ZodType;
  /** Of the query string: one string a name, an array of strings for repeated names, `attr.x` gathered under `attr`. */
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, AnswerDefinition>>;
  /** Refusals of its own; those that any endpoint may give are added by `problemsOf`. */
  readonly problems: readonly ProblemCode[];
  /** Request headers of its own, by name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Keeps the literal types of one endpoint while checking its shape. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

/** Every code that an endpoint may answer, those of the rules that hold everywhere included. */
export function problemsOf(definition: Endpoint): ProblemCode[] {
  const { method, tag, auth, rateClass, idempotency } = definition;
  // Of a URL or headers that are too long, at least.
  const codes = new Set<ProblemCode>([...definition.problems, "validation_failed"]);
  if (method !== "GET") codes.add("malformed_json").add("payload_too_large");
  if (idempotency === "required") codes.add("idempotency_key_required");
  if (idempotency !== "none") codes.add("request_in_progress");
  if (idempotency !== "none" && definition.body) codes.add("idempotency_key_reused");
  if (rateClass !== "none") codes.add("rate_limited");
  // What stands in no other process than the one that answers.
  if (tag === "system") return [...codes];
  // An API key that goes along may be none; one that reads the catalog may lack the scope.
  codes.add("unauthenticated");
  if (auth !== "none" || tag === "catalog") codes.add("forbidden");
  return [...codes, "internal_error", "service_unavailable"];
}

/** The names in a path template, in order. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
}

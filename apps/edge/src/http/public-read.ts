import type { Endpoint } from "@stoa/contract";
import type { EdgeDeps } from "../deps.ts";
import type { Freshness } from "./answers.ts";
import type { PublicCall, PublicRoute } from "./call.ts";
import type { Hold } from "./held-answers.ts";

/** An answer that is the same for everybody who asks for the same URL. */
export interface PublicContent {
  readonly body: string;
  readonly etag: string;
  /** Keys of the read models it was made of: a change of any makes it outdated. */
  readonly madeOf: readonly string[];
  /** When the newest of them was written, in milliseconds since the epoch; null when they do not say. */
  readonly writtenAt: number | null;
  /** When it ceases to be true by itself, in milliseconds since the epoch; absent while nothing is known to change. */
  readonly until?: number;
  /** Language of its texts; absent where there are none, or where all callers get the same. */
  readonly language?: string;
}

/** How a public answer may be kept: by shared caches, and by this process. */
export interface PublicPolicy {
  readonly freshness: Freshness;
  readonly hold: Hold;
}

/** Ties a public answer to its endpoint. It may rest on nothing but path, query and language; a redirect is answered as a Response. */
export function publicRoute<E extends Endpoint>(
  endpoint: E,
  policy: PublicPolicy,
  make: (deps: EdgeDeps, call: PublicCall<E>) => Promise<PublicContent | Response>,
): PublicRoute {
  // The server parses by this very endpoint before it calls, so the parsed members have these types.
  return { endpoint, policy, make: make as PublicRoute["make"] };
}

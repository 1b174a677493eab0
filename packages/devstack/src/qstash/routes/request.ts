import type { Broker } from "../broker.ts";
import type { KeyRing } from "../keys.ts";
import type { Scheduler } from "../scheduler.ts";
import type { Settings } from "../settings.ts";
import type { Store } from "../store.ts";
import type { Topics } from "../topics.ts";

/** A request past the door: authorised, its body read. */
export interface ApiRequest {
  readonly method: string;
  /** Everything after `/v2/` exactly as it came: a destination brings its own slashes and query. */
  readonly target: string;
  /** The decoded segments after `/v2`. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface ApiResponse {
  readonly status: number;
  /** Sent as JSON; undefined sends an empty body. */
  readonly body?: unknown;
}

/** What the routes work on. */
export interface Services {
  readonly store: Store;
  readonly broker: Broker;
  readonly settings: Settings;
  readonly scheduler: Scheduler;
  readonly topics: Topics;
  readonly keys: KeyRing;
}

/** Answers null when the family knows no such path. */
export type Route = (request: ApiRequest, services: Services) => ApiResponse | null;

export const EMPTY: ApiResponse = { status: 200 };

const PAGE_DEFAULT = 100;
const PAGE_MAX = 1_000;

/** `count` items from the offset in `cursor`, and the cursor of the next page while there is one. */
export function page<T>(
  items: readonly T[],
  query: URLSearchParams,
): { readonly items: T[]; readonly cursor?: string } {
  const offset = Math.max(0, Number(query.get("cursor") ?? 0) || 0);
  const count = Math.min(PAGE_MAX, Math.max(1, Number(query.get("count") ?? PAGE_DEFAULT) || PAGE_DEFAULT));
  const next = offset + count;
  return { items: items.slice(offset, next), ...(next < items.length ? { cursor: String(next) } : {}) };
}

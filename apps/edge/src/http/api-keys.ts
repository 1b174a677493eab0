import type { Endpoint } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import type { RingKey } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import type { Arrival } from "./arrival.ts";
import { rateLimitSubject } from "./client-address.ts";
import { applyVerdict } from "./rate-limit.ts";

export const PUBLISHABLE_KEY_HEADER = "x-publishable-key";
const SECRET = /^Bearer\s+(sk_\S+)$/i;

interface Presented {
  readonly publishable: string | null;
  readonly secret: string | null;
}

/** The API keys that came with a request; null for none, as with nearly every shopper's. */
export function keysIn(headers: Headers): Presented | null {
  const publishable = headers.get(PUBLISHABLE_KEY_HEADER);
  const authorization = headers.get("authorization");
  if (publishable === null && authorization === null) return null;
  const secret = authorization === null ? null : (SECRET.exec(authorization)?.[1] ?? null);
  return publishable === null && secret === null ? null : { publishable, secret };
}

/** Finds the secret key and counts the call against its own limit. @throws problem `unauthenticated`, `rate_limited`. */
export async function admitMachine(deps: EdgeDeps, arrival: Arrival, secret: string): Promise<RingKey> {
  const key = await findKey(deps, arrival, { text: secret, kind: "secret" });
  await spendKey(deps, arrival, key);
  return key;
}

/**
 * Judges the keys of a call to the storefront API, counts it and answers the key: a machine's against its key alone, a storefront's against its key
 * and its client's address. A machine may read the catalog with `catalog:read`; it never acts for a shopper.
 */
export async function admitKeys(
  deps: EdgeDeps,
  arrival: Arrival,
  { endpoint, presented }: { readonly endpoint: Endpoint; readonly presented: Presented },
): Promise<RingKey> {
  if (presented.secret !== null) {
    const key = await admitMachine(deps, arrival, presented.secret);
    assertMachineMay(endpoint, key);
    return key;
  }
  const key = await findKey(deps, arrival, { text: presented.publishable ?? "", kind: "publishable" });
  await spendKey(deps, arrival, key);
  return key;
}

/** Tries of keys that are none are counted by address, so that nobody tries many. */
async function findKey(
  deps: EdgeDeps,
  arrival: Arrival,
  { text, kind }: { readonly text: string; readonly kind: RingKey["kind"] },
): Promise<RingKey> {
  try {
    const key = await deps.keyRing.find(text);
    if (key.kind === kind) return key;
  } catch (error) {
    await spendTry(deps, arrival);
    throw error;
  }
  await spendTry(deps, arrival);
  throw problem("unauthenticated", { detail: `This takes a ${kind} key.` });
}

async function spendTry(deps: EdgeDeps, arrival: Arrival): Promise<void> {
  const subject = rateLimitSubject(arrival.clientAddress);
  applyVerdict(arrival, await deps.limiter.take("auth", subject, deps.settings.limits.auth));
}

async function spendKey(deps: EdgeDeps, arrival: Arrival, { id, ratePerMinute }: RingKey): Promise<void> {
  const lease = Math.max(1, Math.floor(ratePerMinute / 1_200));
  applyVerdict(arrival, await deps.limiter.take("key", id, { perMinute: ratePerMinute, lease }));
}

function assertMachineMay(endpoint: Endpoint, { scopes }: RingKey): void {
  if (endpoint.auth !== "none") {
    throw problem("forbidden", { detail: "A secret key does not act for a shopper. Its calls go to /trpc." });
  }
  if (endpoint.tag === "catalog" && !scopes.includes("catalog:read")) {
    throw problem("forbidden", { detail: "The key needs the scope catalog:read.", scope: "catalog:read" });
  }
}

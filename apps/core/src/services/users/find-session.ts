import { type CustomerId, isId } from "@stoa/kernel";
import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import type { Redis } from "ioredis";
import { writeCopy } from "./auth-storage.ts";
import type { ShopAuth } from "./shop-auth.ts";

export interface FindSessionDeps {
  readonly shopAuth: ShopAuth;
  readonly redis: Redis;
}

export interface FoundSession {
  readonly userId: string;
  readonly customerId: CustomerId;
  readonly email: string;
  readonly emailVerified: boolean;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * A shopper's session by its token, from the truth in Postgres when Redis has lost it; then the copy in Redis is written again.
 * Null when there is none, or when it is over.
 */
export async function findSession({ shopAuth, redis }: FindSessionDeps, token: string): Promise<FoundSession | null> {
  const { internalAdapter } = await shopAuth.$context;
  const found = await internalAdapter.findSession(token);
  if (!found) return null;
  const { session, user } = found;
  const expiresAt = new Date(session.expiresAt).getTime();
  const leftMs = expiresAt - Date.now();
  const customerId = user.customerId;
  if (leftMs <= 0 || !isId("cus", customerId)) return null;
  const text = JSON.stringify({ session, user });
  await writeCopy(redis, SESSION_KEY_PREFIX + token, { text, lifetimeMs: leftMs, isOlder: true });
  return { userId: user.id, customerId, email: user.email, emailVerified: user.emailVerified, expiresAt };
}

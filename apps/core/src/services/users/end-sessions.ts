import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import type { Redis } from "ioredis";
import type { Transaction } from "../../platform/db/index.ts";
import { STAFF_SESSIONS } from "./auth-storage.ts";
import { session } from "./tables.ts";

/** Sessions that are over in Postgres and have copies in Redis. */
export interface EndedSessions {
  readonly userId: string;
  readonly tokens: readonly string[];
}

/** Ends every session of a person at both doors. Their copies go by `forgetSessions`, after the commit. */
export async function endSessions(tx: Transaction, userId: string): Promise<EndedSessions> {
  const ended = await tx.delete(session).where(eq(session.userId, userId)).returning({ token: session.token });
  return { userId, tokens: ended.map((row) => row.token) };
}

/** Takes the copies of ended sessions out of Redis. */
export async function forgetSessions(redis: Redis, { userId, tokens }: EndedSessions): Promise<void> {
  const names = [...tokens, `active-sessions-${userId}`];
  const keys = [SESSION_KEY_PREFIX, STAFF_SESSIONS].flatMap((prefix) => names.map((name) => prefix + name));
  await Promise.all(keys.map((key) => redis.del(key)));
}

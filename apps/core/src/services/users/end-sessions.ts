import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { Transaction } from "../../platform/db/index.ts";
import { dropCopy, STAFF_SESSIONS } from "./auth-storage.ts";
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

const listSchema = z.array(z.object({ token: z.string() }));

/** Takes the copies of ended sessions out of Redis, and those that Redis alone still knows of. */
export async function forgetSessions(redis: Redis, { userId, tokens }: EndedSessions): Promise<void> {
  for (const prefix of [SESSION_KEY_PREFIX, STAFF_SESSIONS]) {
    const list = `${prefix}active-sessions-${userId}`;
    const listed = listSchema.safeParse(JSON.parse((await redis.get(list)) ?? "[]")).data ?? [];
    const names = new Set([...tokens, ...listed.map((one) => one.token)]);
    await Promise.all([redis.del(list), ...[...names].map((name) => dropCopy(redis, prefix + name))]);
  }
}

import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import { APIError } from "better-auth/api";
import { and, eq, ne } from "drizzle-orm";
import type { Redis } from "ioredis";
import { z } from "zod";
import { type Database, type Transaction, transact } from "../../platform/db/index.ts";
import type { HookContext } from "./auth-hooks.ts";
import { dropCopy, STAFF_SESSIONS } from "./auth-storage.ts";
import { session } from "./tables.ts";

const doors = [SESSION_KEY_PREFIX, STAFF_SESSIONS];

/** Sessions that are over in Postgres and have copies in Redis. */
export interface EndedSessions {
  readonly userId: string;
  readonly tokens: readonly string[];
  /** Token of the one that goes on. */
  readonly kept?: string | undefined;
}

/** Ends every session of a person at both doors, but for the one that is kept. Their copies go by `forgetSessions`, after the commit. */
export async function endSessions(tx: Transaction, userId: string, kept?: string): Promise<EndedSessions> {
  const isOver = and(eq(session.userId, userId), kept === undefined ? undefined : ne(session.token, kept));
  const ended = await tx.delete(session).where(isOver).returning({ token: session.token });
  return { userId, tokens: ended.map((row) => row.token), kept };
}

const listSchema = z.array(z.looseObject({ token: z.string() }));

/** Takes the copies of ended sessions out of Redis, and those that Redis alone still knows of. */
export async function forgetSessions(redis: Redis, { userId, tokens, kept }: EndedSessions): Promise<void> {
  for (const prefix of doors) {
    const list = `${prefix}active-sessions-${userId}`;
    const listed = listSchema.safeParse(JSON.parse((await redis.get(list)) ?? "[]")).data ?? [];
    const left = listed.filter(({ token }) => token === kept);
    const over = new Set([...tokens, ...listed.map(({ token }) => token)].filter((token) => token !== kept));
    await Promise.all([
      left.length > 0 ? redis.set(list, JSON.stringify(left), "KEEPTTL") : redis.del(list),
      ...[...over].map((token) => dropCopy(redis, prefix + token)),
    ]);
  }
}

/** For better-auth, which ends sessions of both doors and knows the copies of one. */
export function forgetAtBothDoors(redis: Redis) {
  return async ({ token }: { readonly token: string }): Promise<void> => {
    await Promise.all(doors.map((prefix) => dropCopy(redis, prefix + token)));
  };
}

/** Once a new password was chosen by the present one, whoever knew that one is out. The session in which it was chosen goes on. */
export function endOthers({ db, redis }: { readonly db: Database; readonly redis: Redis }) {
  return async ({ path, context }: Pick<HookContext, "path" | "context">): Promise<void> => {
    if (path !== "/change-password" || context.returned instanceof APIError) return;
    const own = context.newSession ?? context.session;
    if (!own) return;
    await forgetSessions(redis, await transact(db, (tx) => endSessions(tx, own.user.id, own.session.token)));
  };
}

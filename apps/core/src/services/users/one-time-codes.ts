import { APIError } from "better-auth/api";
import type { Redis } from "ioredis";
import { isFirstUse } from "./first-use.ts";

/** An app's code is good for half a minute, and taken half a minute early and late. */
const CODE_SECONDS = 120;

interface SessionContext {
  readonly path?: string;
  readonly body?: { readonly code?: unknown };
}

/**
 * Makes a code of an authenticator app good for one session: better-auth takes it as often as it comes while its time lasts, so whoever
 * has looked on could follow. Asked before a session is made, the one of who has just set the app up too. (RFC 6238, 5.2.)
 */
export function createOneTimeCodes(redis: Redis, door: "shop" | "staff") {
  return async (userId: string, ctx: unknown): Promise<void> => {
    const context = ctx as SessionContext | null;
    if (context?.path !== "/two-factor/verify-totp") return;
    if (!(await isFirstUse(redis, `code:${door}:${userId}`, String(context.body?.code), CODE_SECONDS)))
      throw new APIError("UNAUTHORIZED", { code: "INVALID_CODE", message: "This code was used before." });
  };
}

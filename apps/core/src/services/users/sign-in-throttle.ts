import { createHash } from "node:crypto";
import { APIError, getIP, getSessionFromCtx } from "better-auth/api";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { HookContext } from "./auth-hooks.ts";

const WINDOW_SECONDS = 15 * 60;
/** Wrong passwords for one account from one address. */
const TRIES_PER_ADDRESS = 10;
/** Wrong passwords for one account from all devices on which its owner has never signed in. */
const TRIES_BY_STRANGERS = 50;
const DEVICE_COOKIE = "known_device";
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Where whoever is signed in shows their password once more: a stolen session must not be a way to guess it. */
const ASKED_AGAIN = /^\/(?:change-password|two-factor\/(?:enable|disable|generate-backup-codes|get-totp-uri))$/;

/** KEYS[1] = counter, ARGV = most, window (s). Counts a try; answers how many there are by now, and 0 or the seconds until one is allowed again. */
const TAKE_LUA = `
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
if n <= tonumber(ARGV[1]) then return {n, 0} end
return {n, math.max(1, redis.call('TTL', KEYS[1]))}`;
const takenSchema = z.tuple([z.int(), z.int()]);

/** KEYS[1] = counter. Takes back a try that was none. */
const GIVE_BACK_LUA = `
local n = tonumber(redis.call('GET', KEYS[1]) or '0')
if n > 0 then redis.call('DECR', KEYS[1]) end
return 0`;

/** A sign-in that has to wait. It names nobody. */
export interface Throttled {
  readonly door: "shop" | "staff";
  /** What has had too many tries: an account from one address, or from all devices that its owner never used. */
  readonly limit: "address" | "strangers";
  readonly waitSeconds: number;
  /** Whether it is the first within these fifteen minutes. */
  readonly isFirst: boolean;
}

export type OnThrottled = (throttled: Throttled) => void;

export type SignInThrottle = ReturnType<typeof createSignInThrottle>;

/**
 * Slows down who guesses passwords, by account and address, whether there is such an account or not. A try is counted before the
 * password is looked at, so that a thousand at once are no way round it, and taken back when it was right. Strangers cannot lock
 * anybody out for long: a device on which the owner has signed in before is not counted among the strangers, and a new password by mail
 * opens the door to every device.
 */
export function createSignInThrottle(redis: Redis, door: Throttled["door"], onThrottled: OnThrottled) {
  const byStrangers = (account: string) => `sign-in:${door}:${account}`;
  const byAddress = (account: string, address: string) => `${byStrangers(account)}:${address}`;
  const take = async (key: string, limit: Throttled["limit"]): Promise<Throttled> => {
    const most = limit === "address" ? TRIES_PER_ADDRESS : TRIES_BY_STRANGERS;
    const [tries, waitSeconds] = takenSchema.parse(await redis.eval(TAKE_LUA, 1, key, most, WINDOW_SECONDS));
    return { door, limit, waitSeconds, isFirst: tries === most + 1 };
  };
  return {
    async before(ctx: HookContext): Promise<void> {
      const attempt = await attemptOf(ctx);
      if (!attempt) return;
      const { account, address } = attempt;
      const device = await ctx.getSignedCookie(ctx.context.createAuthCookie(DEVICE_COOKIE).name, ctx.context.secret);
      const taken = [await take(byAddress(account, address), "address")];
      if (device !== account) taken.push(await take(byStrangers(account), "strangers"));
      const throttled = taken.filter((one) => one.waitSeconds > 0);
      if (throttled.length === 0) return;
      for (const one of throttled) onThrottled(one);
      const waitSeconds = Math.max(...throttled.map((one) => one.waitSeconds));
      const body = {
        code: "TOO_MANY_TRIES",
        message: "Too many tries. Wait a while, or choose a new password by mail.",
      };
      throw new APIError("TOO_MANY_REQUESTS", body, { "retry-after": String(waitSeconds) });
    },
    async after(ctx: HookContext): Promise<void> {
      const attempt = await attemptOf(ctx);
      if (!attempt || isRefusal(ctx.context.returned)) return;
      const { account, address } = attempt;
      await redis.del(byAddress(account, address));
      await redis.eval(GIVE_BACK_LUA, 1, byStrangers(account));
      const cookie = ctx.context.createAuthCookie(DEVICE_COOKIE, { maxAge: YEAR_SECONDS });
      await ctx.setSignedCookie(cookie.name, account, ctx.context.secret, cookie.attributes);
    },
    /** After a new password was chosen by mail: whoever did so reads the account's mails. */
    async forgive(email: string): Promise<void> {
      await redis.del(byStrangers(accountOf(email)));
    },
  };
}

async function attemptOf(ctx: HookContext) {
  const email = await emailOf(ctx);
  if (email === null) return null;
  const { headers, context } = ctx;
  const address = (headers && getIP(headers, context.options)) || "unknown";
  return { account: accountOf(email), address };
}

/** Whose password is tried; null where none is. */
async function emailOf(ctx: HookContext): Promise<string | null> {
  const { path, body } = ctx;
  if (ASKED_AGAIN.test(path)) return (await getSessionFromCtx(ctx))?.user.email ?? null;
  if (path !== "/sign-in/email") return null;
  return body instanceof Object && "email" in body && typeof body.email === "string" ? body.email : "";
}

/** No address stands in Redis or in a cookie. */
function accountOf(email: string): string {
  return createHash("sha256").update(email.trim().toLowerCase()).digest("base64url").slice(0, 32);
}

/** Whether the password was wrong, or the door did not get as far as to look at it. */
function isRefusal(returned: unknown): boolean {
  return returned instanceof APIError;
}

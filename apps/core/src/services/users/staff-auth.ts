import { createHmac } from "node:crypto";
import { passkey as passkeys } from "@better-auth/passkey";
import type { Logger } from "@stoa/runtime";
import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { createAuthMiddleware } from "better-auth/api";
import { twoFactor } from "better-auth/plugins";
import type { Redis } from "ioredis";
import type { Database } from "../../platform/db/index.ts";
import { authLog } from "./auth-answers.ts";
import { authStorage, STAFF_SESSIONS } from "./auth-storage.ts";
import { backupCodesLeft } from "./backup-codes.ts";
import { endOthers, forgetAtBothDoors } from "./end-sessions.ts";
import { createOneTimeCodes } from "./one-time-codes.ts";
import { judgeRegistration } from "./registration.ts";
import { factorHooks, requireVerifiedUser } from "./second-factor.ts";
import { CLIENT_IP_HEADER, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "./shop-auth.ts";
import { createSignInThrottle, type OnThrottled } from "./sign-in-throttle.ts";
import { account, passkey, session, staffTwoFactor, user, verification } from "./tables.ts";

export const STAFF_AUTH_PATH = "/auth";
const HALF_DAY_SECONDS = 12 * 60 * 60;
const HOUR_SECONDS = 60 * 60;

export interface StaffAuthDeps {
  readonly db: Database;
  readonly redis: Redis;
  readonly secret: string;
  /** The dashboard's own origin. */
  readonly adminUrl: string;
  readonly throttled: OnThrottled;
  readonly logger: Logger;
}

export type StaffAuth = ReturnType<typeof createStaffAuth>;

/**
 * The staff's door. It shares the people with the shop's door and nothing else: cookies, their secret, second factors and the session
 * store are its own, nobody can register, and bearer tokens are not taken. A shopper's session opens nothing here.
 */
export function createStaffAuth(deps: StaffAuthDeps) {
  const { hostname, origin } = new URL(deps.adminUrl);
  const { before, createSession } = factorHooks(deps.db, createOneTimeCodes(deps.redis, "staff"));
  const othersEnd = endOthers(deps);
  const throttle = createSignInThrottle(deps.redis, "staff", deps.throttled);
  return betterAuth({
    appName: "Stoa dashboard",
    baseURL: deps.adminUrl,
    basePath: STAFF_AUTH_PATH,
    secret: createHmac("sha256", deps.secret).update("staff").digest("hex"),
    trustedOrigins: [deps.adminUrl],
    database: drizzleAdapter(deps.db, {
      provider: "pg",
      schema: { user, session, account, verification, passkey, twoFactor: staffTwoFactor },
    }),
    secondaryStorage: authStorage(deps.redis, STAFF_SESSIONS),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
    },
    session: {
      expiresIn: HALF_DAY_SECONDS,
      updateAge: HOUR_SECONDS,
      storeSessionInDatabase: true,
      additionalFields: { secondFactor: { type: "string", required: false, input: false } },
    },
    logger: authLog(deps.logger),
    rateLimit: {
      enabled: true,
      storage: "secondary-storage",
      window: 60,
      max: 300,
      // Codes are limited by themselves: five tries a sign-in, ten in a row a person.
      customRules: { "/sign-in/email": { window: 60, max: 10 }, "/two-factor/*": { window: 60, max: 30 } },
    },
    advanced: {
      disableOriginCheck: false,
      cookiePrefix: "stoa-staff",
      ipAddress: { ipAddressHeaders: [CLIENT_IP_HEADER] },
      defaultCookieAttributes: { sameSite: "lax", httpOnly: true },
    },
    plugins: [
      twoFactor({ issuer: "Stoa", schema: { user: { fields: { twoFactorEnabled: "staffTwoFactorEnabled" } } } }),
      backupCodesLeft(),
      passkeys({
        rpID: hostname,
        rpName: "Stoa",
        origin,
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        registration: { afterVerification: requireVerifiedUser },
        authentication: { afterVerification: requireVerifiedUser },
      }),
    ],
    hooks: {
      before: createAuthMiddleware(async (ctx) => {
        await judgeRegistration(ctx);
        await before(ctx);
        await throttle.before(ctx);
      }),
      after: createAuthMiddleware(async (ctx) => {
        await throttle.after(ctx);
        await othersEnd(ctx);
      }),
    },
    databaseHooks: {
      session: { create: { before: createSession }, delete: { after: forgetAtBothDoors(deps.redis) } },
    },
    telemetry: { enabled: false },
  });
}

import { createHmac } from "node:crypto";
import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import type { Redis } from "ioredis";
import type { Database } from "../../platform/db/index.ts";
import { authStorage } from "./auth-storage.ts";
import { CLIENT_IP_HEADER, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "./shop-auth.ts";
import { account, session, user, verification } from "./tables.ts";

export const STAFF_AUTH_PATH = "/auth";
const HALF_DAY_SECONDS = 12 * 60 * 60;
const HOUR_SECONDS = 60 * 60;

export interface StaffAuthDeps {
  readonly db: Database;
  readonly redis: Redis;
  readonly secret: string;
  /** The dashboard's own origin. */
  readonly adminUrl: string;
}

export type StaffAuth = ReturnType<typeof createStaffAuth>;

/**
 * The staff's door. It shares the people with the shop's door and nothing else: cookies, their secret and the session store
 * are its own, nobody can register, and bearer tokens are not taken. A shopper's session opens nothing here.
 */
export function createStaffAuth(deps: StaffAuthDeps) {
  return betterAuth({
    appName: "Stoa dashboard",
    baseURL: deps.adminUrl,
    basePath: STAFF_AUTH_PATH,
    secret: createHmac("sha256", deps.secret).update("staff").digest("hex"),
    trustedOrigins: [deps.adminUrl],
    database: drizzleAdapter(deps.db, { provider: "pg", schema: { user, session, account, verification } }),
    secondaryStorage: authStorage(deps.redis, "staff-auth:"),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
    },
    session: { expiresIn: HALF_DAY_SECONDS, updateAge: HOUR_SECONDS, storeSessionInDatabase: true },
    rateLimit: {
      enabled: true,
      storage: "secondary-storage",
      window: 60,
      max: 300,
      customRules: { "/sign-in/email": { window: 60, max: 10 } },
    },
    advanced: {
      disableOriginCheck: false,
      cookiePrefix: "stoa-staff",
      ipAddress: { ipAddressHeaders: [CLIENT_IP_HEADER] },
      defaultCookieAttributes: { sameSite: "lax", httpOnly: true },
    },
    telemetry: { enabled: false },
  });
}

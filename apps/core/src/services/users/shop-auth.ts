import { type CustomerId, isId, newId, systemClock } from "@stoa/kernel";
import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import type { Logger } from "@stoa/runtime";
import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { createAuthMiddleware } from "better-auth/api";
import { bearer, jwt, twoFactor as twoFactorSignIn } from "better-auth/plugins";
import type { Redis } from "ioredis";
import { type Database, transact } from "../../platform/db/index.ts";
import { authLog } from "./auth-answers.ts";
import { authStorage } from "./auth-storage.ts";
import { backupCodesLeft } from "./backup-codes.ts";
import { confirmedOnly } from "./confirmed-only.ts";
import { ensureCustomer, ensureShopper } from "./customers.ts";
import { endOthers, forgetAtBothDoors, forgetSessions } from "./end-sessions.ts";
import { comeBackWithError, googleOptions, type IdentityProviders, oidcSignIn } from "./identity-providers.ts";
import { createOneTimeCodes } from "./one-time-codes.ts";
import { judgeRegistration, withinProfile } from "./registration.ts";
import { JWT_KEY_GRACE_SECONDS, JWT_KEY_LIFETIME_SECONDS } from "./rotate-jwt-keys.ts";
import { createSignInThrottle, type OnThrottled } from "./sign-in-throttle.ts";
import { createSingleUseLinks } from "./single-use-links.ts";
import { account, jwks, session, twoFactor, user, verification } from "./tables.ts";
import { takeAccountBack } from "./take-account-back.ts";

export const CLIENT_IP_HEADER = "x-stoa-client-ip";
export const PASSWORD_LENGTH_MIN = 8;
export const PASSWORD_LENGTH_MAX = 128;
export const SHOP_AUTH_PATH = "/v1/auth";

const WEEK_SECONDS = 7 * 24 * 60 * 60;
const DAY_SECONDS = 24 * 60 * 60;
/** How long a link in a mail is good; the mails say so. */
const LINK_SECONDS = 60 * 60;

export interface ShopAuthDeps {
  readonly db: Database;
  readonly redis: Redis;
  readonly secret: string;
  /** The shop's public origin: what cookies and tokens are made for. */
  readonly publicUrl: string;
  /** Origins beside the shop's own whose pages may sign people in. */
  readonly trustedOrigins: () => Promise<readonly string[]>;
  readonly sendMail: SendAccountMail;
  readonly identityProviders: IdentityProviders;
  /** Whether nobody is let in before they have confirmed their address; then no answer tells whether there is an account. */
  readonly confirmFirst: boolean;
  readonly throttled: OnThrottled;
  readonly logger: Logger;
}

export interface AccountLink {
  readonly kind: "verify_email" | "reset_password";
  readonly userId: string;
  readonly customerId: CustomerId | null;
  readonly url: string;
  readonly token: string;
}

/** Owes somebody a mail with a link; it need not have left when this resolves. */
export type SendAccountMail = (link: AccountLink) => Promise<void>;

export type ShopAuth = ReturnType<typeof createShopAuth>;

/** The shoppers' door: registration, sign-in, sessions (Postgres, with copies in Redis) and short-lived JWTs. */
export function createShopAuth(deps: ShopAuthDeps) {
  const throttle = createSignInThrottle(deps.redis, "shop", deps.throttled);
  const useOnce = createSingleUseLinks(deps.redis, LINK_SECONDS);
  const useCodeOnce = createOneTimeCodes(deps.redis, "shop");
  const mustBeConfirmed = confirmedOnly(deps.db);
  const othersEnd = endOthers(deps);
  return betterAuth({
    appName: "Stoa",
    baseURL: deps.publicUrl,
    basePath: SHOP_AUTH_PATH,
    secret: deps.secret,
    // Asked once without a request while it is being made, when the database may not stand yet.
    trustedOrigins: async (request) => [deps.publicUrl, ...(request ? await deps.trustedOrigins() : [])],
    database: drizzleAdapter(deps.db, {
      provider: "pg",
      schema: { user, session, account, verification, jwks, twoFactor },
    }),
    secondaryStorage: authStorage(deps.redis, SESSION_KEY_PREFIX),
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
      // Without a session to give, signing up answers alike whether there was an account or not.
      autoSignIn: !deps.confirmFirst,
      resetPasswordTokenExpiresIn: LINK_SECONDS,
      // Whoever chooses a new password may be taking the account back: nobody stays signed in.
      revokeSessionsOnPasswordReset: true,
      onPasswordReset: async ({ user: person }) => {
        await throttle.forgive(person.email);
        await forgetSessions(deps.redis, await transact(deps.db, (tx) => takeAccountBack(tx, person.id)));
      },
      sendResetPassword: (link) => deps.sendMail({ kind: "reset_password", ...ownerOf(link.user), ...linkOf(link) }),
    },
    emailVerification: {
      sendOnSignUp: true,
      expiresIn: LINK_SECONDS,
      sendVerificationEmail: (link) => deps.sendMail({ kind: "verify_email", ...ownerOf(link.user), ...linkOf(link) }),
    },
    user: { additionalFields: { customerId: { type: "string", required: false, input: false } } },
    session: { expiresIn: WEEK_SECONDS, updateAge: DAY_SECONDS, storeSessionInDatabase: true },
    // By a confirmed address alone: the provider has to vouch for it, and its owner must have confirmed it here.
    account: {
      encryptOAuthTokens: true,
      accountLinking: { enabled: true, trustedProviders: [], requireLocalEmailVerified: true },
    },
    socialProviders: googleOptions(deps.identityProviders),
    logger: authLog(deps.logger),
    // Where nobody knows any more which page it was.
    onAPIError: { errorURL: new URL("/", deps.publicUrl).href },
    rateLimit: {
      enabled: true,
      storage: "secondary-storage",
      window: 60,
      max: 300,
      customRules: {
        "/sign-in/email": { window: 60, max: 20 },
        "/sign-up/email": { window: 60, max: 20 },
        // Three in ten seconds otherwise, for all who share an address; the provider judges passwords.
        "/sign-in/social": { window: 60, max: 60 },
        "/two-factor/*": { window: 60, max: 30 },
        // Read by every page of a storefront, and cheap.
        "/get-session": { window: 60, max: 1_200 },
      },
    },
    advanced: {
      // Said aloud, because the library turns the check off by itself when it believes to be under test.
      disableOriginCheck: false,
      cookiePrefix: "stoa",
      ipAddress: { ipAddressHeaders: [CLIENT_IP_HEADER] },
      defaultCookieAttributes: { sameSite: "lax", httpOnly: true },
    },
    hooks: {
      before: createAuthMiddleware(async (ctx) => {
        await judgeRegistration(ctx);
        await throttle.before(ctx);
        await useOnce(ctx);
        return comeBackWithError(ctx);
      }),
      after: createAuthMiddleware(async (ctx) => {
        await throttle.after(ctx);
        await othersEnd(ctx);
      }),
    },
    plugins: [
      bearer(),
      twoFactorSignIn({ issuer: "Stoa" }),
      backupCodesLeft(),
      oidcSignIn(deps.identityProviders, deps.logger),
      jwt({
        jwks: {
          keyPairConfig: { alg: "EdDSA" },
          rotationInterval: JWT_KEY_LIFETIME_SECONDS,
          gracePeriod: JWT_KEY_GRACE_SECONDS,
        },
        jwt: {
          issuer: deps.publicUrl,
          audience: "stoa-storefront",
          expirationTime: "5m",
          definePayload: ({ user: person, session: current }) => ({
            email: person.email,
            emailVerified: person.emailVerified,
            customerId: "customerId" in person ? person.customerId : null,
            sid: current.id,
          }),
        },
      }),
    ],
    databaseHooks: {
      user: { create: customerHooks(deps.db) },
      session: {
        create: {
          before: async (session, ctx) => {
            if (deps.confirmFirst) await mustBeConfirmed(session, ctx);
            await useCodeOnce(session.userId, ctx);
            await ensureShopper(deps.db, systemClock.now(), session.userId);
          },
        },
        delete: { after: forgetAtBothDoors(deps.redis) },
      },
    },
    telemetry: { enabled: false },
  });
}

function ownerOf(user: { readonly id: string }): Pick<AccountLink, "userId" | "customerId"> {
  const customerId = "customerId" in user && isId("cus", user.customerId) ? user.customerId : null;
  return { userId: user.id, customerId };
}

function linkOf({ url, token }: Pick<AccountLink, "url" | "token">): Pick<AccountLink, "url" | "token"> {
  return { url, token };
}

/**
 * Who signs up becomes a customer: the id is part of the person from the first moment, so the first session knows it.
 * Should the process die before the customer is written, the first look at the profile writes it.
 */
function customerHooks(db: Database) {
  return {
    before: async <T extends { readonly name: string; readonly image?: string | null | undefined }>(person: T) => ({
      data: { ...person, ...withinProfile(person), customerId: newId("cus") },
    }),
    after: async (person: { readonly name: string; readonly email: string }) => {
      if (!("customerId" in person) || !isId("cus", person.customerId)) return;
      const { customerId, email, name } = person;
      await ensureCustomer(db, systemClock.now(), { customerId, email, name });
    },
  };
}

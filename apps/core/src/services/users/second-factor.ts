import type { Clock } from "@stoa/kernel";
import { APIError, getSessionFromCtx } from "better-auth/api";
import { count, eq } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "../../platform/db/index.ts";
import { defineSetting, readSetting } from "../../platform/settings/index.ts";
import type { HookContext } from "./auth-hooks.ts";
import { passkey, user } from "./tables.ts";

/** Whether staff may do without a second factor. */
export const staffSecuritySetting = defineSetting(
  "staff-security",
  z.strictObject({ secondFactor: z.enum(["optional", "required"]) }),
  { secondFactor: "optional" },
);

export interface Factors {
  readonly totp: boolean;
  readonly passkeys: number;
}

/** The second factors of a person at the staff's door. */
export async function findFactors(db: Database, userId: string): Promise<Factors> {
  const [row] = await db
    .select({ totp: user.staffTwoFactorEnabled, passkeys: count(passkey.id) })
    .from(user)
    .leftJoin(passkey, eq(passkey.userId, user.id))
    .where(eq(user.id, userId))
    .groupBy(user.id);
  return row ?? { totp: false, passkeys: 0 };
}

/**
 * Whether a session that rests on a password alone is too weak: where the shop asks for a second factor, and for everybody who has
 * one, since whoever holds only their password must not get in beside it.
 */
export async function isTooWeak(
  { db }: { readonly db: Database; readonly clock: Clock },
  { userId, secondFactor }: { readonly userId: string; readonly secondFactor: string | null },
): Promise<boolean> {
  if (secondFactor !== null) return false;
  const { secondFactor: rule } = await readSetting(db, staffSecuritySetting);
  return rule === "required" || hasFactor(await findFactors(db, userId));
}

function hasFactor({ totp, passkeys }: Factors): boolean {
  return totp || passkeys > 0;
}

/** What a session is born of, by the path that makes it. All others rest on the password. */
const FACTOR_BY_PATH: Readonly<Record<string, string>> = {
  "/two-factor/verify-totp": "totp",
  "/two-factor/verify-backup-code": "backup_code",
  "/passkey/verify-authentication": "passkey",
};

/** What changes how somebody signs in. */
const GUARDED =
  /^\/(?:two-factor\/(?:enable|disable|generate-backup-codes|get-totp-uri)|passkey\/(?:generate-register-options|verify-registration|delete-passkey|update-passkey)|change-password|change-email|update-user|delete-user)/;

/** How better-auth is kept to our rules about factors. */
export function factorHooks(db: Database, useOnce: (userId: string, ctx: unknown) => Promise<void>) {
  const before = async (ctx: HookContext): Promise<void> => {
    // A device that is trusted for a month would be a second factor that nobody sees.
    if (ctx.body?.trustDevice) throw new APIError("BAD_REQUEST", { code: "TRUSTED_DEVICES_ARE_OFF" });
    if (!GUARDED.test(ctx.path)) return;
    const found = await getSessionFromCtx(ctx);
    if (!found || secondFactorOf(found.session) !== null) return;
    if (hasFactor(await findFactors(db, found.user.id)))
      throw new APIError("FORBIDDEN", { code: "SECOND_FACTOR_REQUIRED" });
  };
  const createSession = async <T extends { readonly userId: string }>(
    session: T,
    ctx: { readonly path?: string } | null,
  ) => {
    const path = ctx?.path ?? "";
    if (path === "/sign-in/email") await refuseWithoutPasskey(db, session.userId);
    await useOnce(session.userId, ctx);
    return { data: { ...session, secondFactor: FACTOR_BY_PATH[path] ?? null } };
  };
  return { before, createSession };
}

/** Who has passkeys and nothing else signs in by one: a password has no second step that could follow. */
async function refuseWithoutPasskey(db: Database, userId: string): Promise<void> {
  const { totp, passkeys } = await findFactors(db, userId);
  if (!totp && passkeys > 0) throw new APIError("FORBIDDEN", { code: "PASSKEY_REQUIRED" });
}

export function secondFactorOf(session: object): string | null {
  return "secondFactor" in session && typeof session.secondFactor === "string" ? session.secondFactor : null;
}

interface Verified {
  readonly verification: {
    readonly registrationInfo?: { readonly userVerified: boolean };
    readonly authenticationInfo?: { readonly userVerified: boolean };
  };
}

/** A passkey counts as two factors only if its device has made sure who holds it, by a finger or a code. */
export async function requireVerifiedUser({ verification }: Verified): Promise<void> {
  const { registrationInfo, authenticationInfo } = verification;
  if (registrationInfo?.userVerified || authenticationInfo?.userVerified) return;
  throw new APIError("FORBIDDEN", { code: "USER_VERIFICATION_REQUIRED" });
}

import { z } from "zod";
import { creationOptions, requestOptions } from "./passkeys.ts";

const refusalSchema = z.object({ message: z.string().optional(), code: z.string().optional() });

interface Refused {
  readonly kind: "refused";
  /** In plain words. */
  readonly reason: string;
}

/** What came of asking the staff's door for something. */
export type Answer<T = unknown> = { readonly kind: "ok"; readonly data: T } | Refused;

/** `second_step`: the password was right, and a code has to follow. */
export type SignIn = { readonly kind: "ok" } | { readonly kind: "second_step" } | Refused;

/** The part of fetch that the door needs. */
export type AskDoor = (input: string, init?: RequestInit) => Promise<Response>;

const words: Readonly<Record<string, string>> = {
  INVALID_EMAIL_OR_PASSWORD: "E-mail or password is wrong.",
  INVALID_CODE: "This code is wrong or over. Codes change every 30 seconds.",
  INVALID_BACKUP_CODE: "This back-up code is wrong, or was used before.",
  INVALID_PASSWORD: "The password is wrong.",
  INVALID_TWO_FACTOR_COOKIE: "This took too long. Sign in again.",
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: "Too many tries. Sign in again.",
  ACCOUNT_TEMPORARILY_LOCKED: "Too many wrong codes. Try again in a quarter of an hour.",
  PASSKEY_REQUIRED: "You sign in with a passkey. Use the button below.",
  PASSKEY_NOT_FOUND: "The shop does not know this passkey.",
  AUTHENTICATION_FAILED: "The passkey was not accepted.",
  USER_VERIFICATION_REQUIRED:
    "Your device has not made sure that it is you. Use one with a finger print, a face or a code.",
  SECOND_FACTOR_REQUIRED: "Sign in again with your second factor first.",
  INVALID_ORIGIN: "This is not the dashboard's own address. Open it at the one that the shop has set as ADMIN_URL.",
  SESSION_NOT_FRESH: "You signed in too long ago for this. Sign out and in again.",
};

/** Asks the staff's door. The cookie is the server's business; nothing is kept here. */
async function ask<T>(path: string, schema: z.ZodType<T>, body?: object, door: AskDoor = fetch): Promise<Answer<T>> {
  try {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await door(`/auth${path}`, body === undefined ? {} : init);
    if (response.ok) return { kind: "ok", data: schema.parse(await response.json()) };
    if (response.status === 429) return { kind: "refused", reason: "Too many tries. Wait a minute, then try again." };
    if (response.status >= 500)
      return { kind: "refused", reason: "The shop's core does not answer. Try again in a moment." };
    const refusal = refusalSchema.safeParse(await response.json()).data ?? {};
    const { code = response.status === 401 ? "INVALID_EMAIL_OR_PASSWORD" : "", message = "Refused." } = refusal;
    return { kind: "refused", reason: words[code] ?? message };
  } catch {
    return { kind: "refused", reason: "The dashboard's server cannot be reached. Check your connection." };
  }
}

const signedInSchema = z.looseObject({ twoFactorRedirect: z.boolean().optional() });

/** Opens a session of the dashboard, or its first half. */
export async function signIn(email: string, password: string, door?: AskDoor): Promise<SignIn> {
  const answer = await ask("/sign-in/email", signedInSchema, { email, password, rememberMe: true }, door);
  if (answer.kind === "refused") return answer;
  return { kind: answer.data.twoFactorRedirect ? "second_step" : "ok" };
}

/** The second half: a code of the authenticator app, or one of the back-up codes. */
export function enterCode(kind: "totp" | "backup-code", code: string, door?: AskDoor): Promise<Answer> {
  return ask(`/two-factor/verify-${kind}`, z.unknown(), { code: code.replaceAll(" ", "") }, door);
}

export async function signInWithPasskey(): Promise<Answer> {
  const options = await ask("/passkey/generate-authenticate-options", z.record(z.string(), z.unknown()));
  if (options.kind === "refused") return options;
  const response = await byDevice(() => navigator.credentials.get({ publicKey: requestOptions(options.data) }));
  return response.kind === "ok"
    ? ask("/passkey/verify-authentication", z.unknown(), { response: response.data })
    : response;
}

/** Answers whether the session has ended. */
export async function signOut(door: AskDoor = fetch): Promise<boolean> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
  return door("/auth/sign-out", init).then(
    (response) => response.ok || response.status === 401,
    () => false,
  );
}

/** Sets another password by the present one; every other session of the person ends. */
export function changePassword(currentPassword: string, newPassword: string): Promise<Answer> {
  return ask("/change-password", z.unknown(), { currentPassword, newPassword });
}

const sessionSchema = z
  .object({
    user: z.object({ email: z.string(), twoFactorEnabled: z.boolean().nullish() }),
    session: z.object({ secondFactor: z.string().nullish() }),
  })
  .nullable();
const passkeysSchema = z.array(
  z.object({ id: z.string(), name: z.string().nullish(), createdAt: z.string().nullish() }),
);

const codesLeftSchema = z.object({ left: z.int() });
/** So few that it is time for new ones. */
const FEW_CODES = 2;

/** What to say to whoever has so few back-up codes left that it is time for new ones; null for others. */
export function fewCodesLeft(left: number): string | null {
  if (left > FEW_CODES) return null;
  if (left === 0) return "You have no back-up code left: without the app you could not sign in. Make new ones.";
  return `You have only ${left === 1 ? "one back-up code" : `${left} back-up codes`} left. Make new ones.`;
}

/** The same of whoever has just used one; null also where it cannot be known now. */
export async function warnOfFewCodes(door?: AskDoor): Promise<string | null> {
  const answer = await ask("/two-factor/backup-codes", codesLeftSchema, undefined, door);
  return answer.kind === "ok" ? fewCodesLeft(answer.data.left) : null;
}

export interface Security {
  readonly email: string;
  readonly hasTotp: boolean;
  /** Of the authenticator app; null where it cannot be known now. */
  readonly backupCodesLeft: number | null;
  readonly passkeys: z.infer<typeof passkeysSchema>;
  /** By what this session was opened beside the password; null for none. */
  readonly secondFactor: string | null;
}

/** How whoever is signed in does so; null for nobody. @throws Error in plain words. */
export async function readSecurity(): Promise<Security | null> {
  const session = await ask("/get-session", sessionSchema);
  if (session.kind === "refused") throw new Error(session.reason);
  if (session.data === null) return null;
  const passkeys = await ask("/passkey/list-user-passkeys", passkeysSchema);
  if (passkeys.kind === "refused") throw new Error(passkeys.reason);
  const codes = await ask("/two-factor/backup-codes", codesLeftSchema);
  const { user, session: own } = session.data;
  return {
    email: user.email,
    hasTotp: user.twoFactorEnabled ?? false,
    backupCodesLeft: codes.kind === "ok" ? codes.data.left : null,
    passkeys: passkeys.data,
    secondFactor: own.secondFactor ?? null,
  };
}

const enrolmentSchema = z.object({ totpURI: z.string(), backupCodes: z.array(z.string()) });
export type Enrolment = z.infer<typeof enrolmentSchema>;

/** A new secret for an authenticator app; it counts from the first right code on. */
export function beginTotp(password: string): Promise<Answer<Enrolment>> {
  return ask("/two-factor/enable", enrolmentSchema, { password });
}

export function endTotp(password: string): Promise<Answer> {
  return ask("/two-factor/disable", z.unknown(), { password });
}

const codesSchema = z.object({ backupCodes: z.array(z.string()) });

/** Ten new back-up codes; the old ones are over. */
export function renewBackupCodes(password: string): Promise<Answer<z.infer<typeof codesSchema>>> {
  return ask("/two-factor/generate-backup-codes", codesSchema, { password });
}

/** Registers a passkey of this device, and signs in by it at once, so that this session counts as one with two factors. */
export async function addPasskey(name: string): Promise<Answer> {
  const options = await ask("/passkey/generate-register-options", z.record(z.string(), z.unknown()));
  if (options.kind === "refused") return options;
  const made = await byDevice(() => navigator.credentials.create({ publicKey: creationOptions(options.data) }));
  if (made.kind === "refused") return made;
  const kept = await ask("/passkey/verify-registration", z.unknown(), { response: made.data, name });
  return kept.kind === "ok" ? signInWithPasskey() : kept;
}

export function removePasskey(id: string): Promise<Answer> {
  return ask("/passkey/delete-passkey", z.unknown(), { id });
}

async function byDevice(act: () => Promise<Credential | null>): Promise<Answer<object>> {
  try {
    const credential = await act();
    if (credential instanceof PublicKeyCredential) return { kind: "ok", data: credential.toJSON() };
    return { kind: "refused", reason: "This device has no passkey to offer." };
  } catch (error) {
    const isTaken = error instanceof DOMException && error.name === "InvalidStateError";
    return {
      kind: "refused",
      reason: isTaken
        ? "This device has a passkey here already."
        : "No passkey was used. Try again, or use another way.",
    };
  }
}

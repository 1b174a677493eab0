import { type ApiKeyId, channelCodeSchema, DEFAULT_CHANNEL, fromUuid, type StaffId, toUuid } from "@stoa/kernel";
import { z } from "zod";
import { type Right, rights, type StaffActor } from "../../platform/rpc/index.ts";

/** What a key may never do: whoever holds one could make others, or people, and stay in for good. */
const NEVER: ReadonlySet<Right> = new Set(["settings:write", "staff:read", "staff:write"]);

/** What a secret key can be allowed: the rights of staff, but for those that give access to others. */
export const keyScopes: readonly Right[] = rights.filter((right) => !NEVER.has(right));

const prefixes = { publishable: "pk", secret: "sk" } as const;
export type ApiKeyKind = keyof typeof prefixes;

/** Enough to tell a shop's keys apart, far too little to guess one. */
const SHOWN_LENGTH = 9;
const FORM = /^(?:pk|sk)_[A-Za-z0-9_-]{43}$/;

export interface FreshKey {
  /** The whole key; it is never stored. */
  readonly key: string;
  readonly prefix: string;
  readonly hash: string;
}

/** @param random 32 random bytes. */
export function freshKey(kind: ApiKeyKind, random: Uint8Array): FreshKey {
  const key = `${prefixes[kind]}_${random.toBase64({ alphabet: "base64url", omitPadding: true })}`;
  return { key, prefix: key.slice(0, SHOWN_LENGTH), hash: hashKey(key) };
}

export function isKey(text: string): boolean {
  return FORM.test(text);
}

/** SHA-256 (hex) of the whole key. */
export function hashKey(key: string): string {
  return new Bun.CryptoHasher("sha256").update(key).digest("hex");
}

/** How a machine stands in the audit log and in timelines: among staff, under an id that tells its key. */
export function staffIdOf(id: ApiKeyId): StaffId {
  return fromUuid("stf", toUuid(id));
}

/** A machine that calls with a secret key: staff whose rights are the key's scopes, and who is nobody's account. */
export function machineActor(key: {
  readonly id: ApiKeyId;
  readonly name: string;
  readonly scopes: readonly Right[];
}): StaffActor {
  return {
    kind: "staff",
    staffId: staffIdOf(key.id),
    userId: key.id,
    name: `${key.name} (API key)`,
    email: "",
    roles: [],
    rights: new Set(key.scopes),
    apiKeyId: key.id,
  };
}

const origin = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL" })
  .transform((url) => new URL(url).origin)
  .pipe(z.string().max(253));

const common = {
  name: z.string().trim().min(1).max(100),
  /** RFC 3339; absent: until it is revoked. */
  expiresAt: z.iso.datetime({ offset: true }).optional(),
};
const rate = (perMinute: number) => z.int().min(1).max(1_000_000).default(perMinute);

export const newApiKeySchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...common,
    kind: z.literal("publishable"),
    /** Of the storefront's pages; none for an app. */
    origins: z.array(origin).max(20).default([]),
    /** The sales channel that it leads to. */
    channel: channelCodeSchema.default(DEFAULT_CHANNEL),
    ratePerMinute: rate(60_000),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("secret"),
    scopes: z.array(z.enum(keyScopes)).min(1).max(keyScopes.length),
    ratePerMinute: rate(600),
  }),
]);
export type NewApiKey = z.output<typeof newApiKeySchema>;

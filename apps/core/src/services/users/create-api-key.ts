import { type ApiKeyId, DEFAULT_CHANNEL, type Instant, newId, problem } from "@stoa/kernel";
import { isNull, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import type { StaffActor } from "../../platform/rpc/index.ts";
import { assertChannel } from "../../platform/settings/index.ts";
import { type FreshKey, freshKey, type NewApiKey } from "./api-key.ts";
import { apiKeysChanged } from "./messages.ts";
import { apiKey } from "./tables.ts";

/** Each edge holds all of them in memory. */
export const API_KEYS_MAX = 500;
/** Changes of keys follow each other, so that the revisions they take are committed in their order. */
const KEYS_LOCK = 7_205_031;

export interface ApiKeysContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

export interface CreatedApiKey {
  readonly id: ApiKeyId;
  /** To be shown now: it cannot be shown again. */
  readonly key: string;
  readonly prefix: string;
}

/**
 * Makes a key.
 * @throws problem `forbidden` for a scope that whoever makes it does not hold, `state_conflict` when there are too many keys,
 * `validation_failed` for an end in the past, or a channel that is none.
 */
export async function createApiKey(
  { tx, now }: ApiKeysContext,
  actor: StaffActor,
  input: NewApiKey,
): Promise<CreatedApiKey> {
  const scopes = input.kind === "secret" ? [...new Set(input.scopes)] : [];
  const missing = scopes.find((scope) => !actor.rights.has(scope));
  if (missing) throw problem("forbidden", { detail: `needs the right ${missing} to give it to a key` });
  const expiresAt = input.expiresAt === undefined ? null : (Date.parse(input.expiresAt) as Instant);
  if (expiresAt !== null && expiresAt <= now) {
    throw problem("validation_failed", { errors: [{ path: "expiresAt", message: "is in the past" }] });
  }
  if (input.kind === "publishable") await assertChannel(tx, input.channel);
  await lockKeys(tx);
  const [counted] = await tx.select({ total: sql<number>`count(*)::int` }).from(apiKey).where(isNull(apiKey.revokedAt));
  if ((counted?.total ?? 0) >= API_KEYS_MAX) {
    throw problem("state_conflict", { detail: `A shop has at most ${API_KEYS_MAX} keys in force. Revoke some first.` });
  }
  const id = newId("api");
  const fresh = freshKey(input.kind, crypto.getRandomValues(new Uint8Array(32)));
  await write(tx, { id, fresh, input, scopes, expiresAt, createdBy: actor.staffId, createdAt: now });
  await enqueue(tx, now, [apiKeysChanged.of(id, {})]);
  return { id, key: fresh.key, prefix: fresh.prefix };
}

interface Row {
  readonly id: ApiKeyId;
  readonly fresh: FreshKey;
  readonly input: NewApiKey;
  readonly scopes: string[];
  readonly expiresAt: Instant | null;
  readonly createdBy: string;
  readonly createdAt: Instant;
}

async function write(tx: Transaction, { fresh, input, ...row }: Row): Promise<void> {
  await tx.insert(apiKey).values({
    ...row,
    kind: input.kind,
    name: input.name,
    prefix: fresh.prefix,
    hash: fresh.hash,
    channel: input.kind === "publishable" ? input.channel : DEFAULT_CHANNEL,
    origins: input.kind === "publishable" ? [...new Set(input.origins)] : [],
    ratePerMinute: input.ratePerMinute,
    revision: nextRevision,
  });
}

export const nextRevision = sql<number>`nextval('users.api_key_revision')`;

export async function lockKeys(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${KEYS_LOCK})`);
}

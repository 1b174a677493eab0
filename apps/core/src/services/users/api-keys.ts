import { type ApiKeyId, type Clock, type Instant, toTimestamp } from "@stoa/kernel";
import type { KeyRingView } from "@stoa/read-models";
import { and, asc, desc, eq, gt, isNull, max, or, sql } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import type { Right, StaffActor } from "../../platform/rpc/index.ts";
import { type ApiKeyKind, hashKey, isKey, keyScopes, machineActor } from "./api-key.ts";
import { API_KEYS_MAX } from "./create-api-key.ts";
import { apiKey } from "./tables.ts";

const LISTED_MAX = 2 * API_KEYS_MAX;

export interface ApiKeyView {
  readonly id: ApiKeyId;
  readonly kind: ApiKeyKind;
  readonly name: string;
  /** How the key begins. */
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly origins: readonly string[];
  readonly ratePerMinute: number;
  readonly channel: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
}

/** The shop's keys, those in force first, then the newest. */
export async function listApiKeys(db: Database): Promise<ApiKeyView[]> {
  const rows = await db
    .select()
    .from(apiKey)
    .orderBy(asc(sql`${apiKey.revokedAt} is not null`), desc(apiKey.createdAt))
    .limit(LISTED_MAX);
  return rows.map(({ hash: _hash, revision: _revision, ...row }) => ({
    ...row,
    createdAt: toTimestamp(row.createdAt),
    expiresAt: timestampOrNull(row.expiresAt),
    revokedAt: timestampOrNull(row.revokedAt),
    lastUsedAt: timestampOrNull(row.lastUsedAt),
  }));
}

export interface KeyRing {
  readonly view: KeyRingView;
  /** Grows with every change of a key. */
  readonly version: number;
}

/** What edge has to know of the keys in force. The version is read first: keys may be newer than it says, and are then written again. */
export async function readKeyRing(db: Database): Promise<KeyRing> {
  const [last] = await db.select({ revision: max(apiKey.revision) }).from(apiKey);
  const keys = await db
    .select({
      hash: apiKey.hash,
      id: apiKey.id,
      kind: apiKey.kind,
      scopes: apiKey.scopes,
      origins: apiKey.origins,
      ratePerMinute: apiKey.ratePerMinute,
      channel: apiKey.channel,
      expiresAt: apiKey.expiresAt,
    })
    .from(apiKey)
    .where(isNull(apiKey.revokedAt))
    .orderBy(asc(apiKey.createdAt), asc(apiKey.id))
    .limit(API_KEYS_MAX);
  return { view: { keys }, version: last?.revision ?? 0 };
}

const ORIGINS_KNOWN_FOR_MS = 5_000;

/** The origins of storefronts with a key in force: their pages may call as the shop's own do. Some seconds old at most. */
export function createStorefrontOrigins({ db, clock }: { readonly db: Database; readonly clock: Clock }) {
  let known: { readonly origins: readonly string[]; readonly until: Instant } | null = null;
  return async (): Promise<readonly string[]> => {
    const now = clock.now();
    if (known && now < known.until) return known.origins;
    const rows = await db
      .selectDistinct({ origin: sql<string>`unnest(${apiKey.origins})` })
      .from(apiKey)
      .where(inForce(now));
    known = { origins: rows.map((row) => row.origin), until: (now + ORIGINS_KNOWN_FOR_MS) as Instant };
    return known.origins;
  };
}

/** The machine behind a secret key; null for a key that is none, is over or has been revoked. */
export async function findMachine(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  key: string,
): Promise<StaffActor | null> {
  if (!isKey(key)) return null;
  const [row] = await db
    .select({ id: apiKey.id, name: apiKey.name, scopes: apiKey.scopes })
    .from(apiKey)
    .where(and(eq(apiKey.hash, hashKey(key)), eq(apiKey.kind, "secret"), inForce(clock.now())));
  return row ? machineActor({ ...row, scopes: row.scopes.filter(isScope) }) : null;
}

function inForce(now: Instant) {
  return and(isNull(apiKey.revokedAt), or(isNull(apiKey.expiresAt), gt(apiKey.expiresAt, now)));
}

const scopes: ReadonlySet<string> = new Set(keyScopes);
function isScope(stored: string): stored is Right {
  return scopes.has(stored);
}

function timestampOrNull(at: Instant | null): string | null {
  return at === null ? null : toTimestamp(at);
}

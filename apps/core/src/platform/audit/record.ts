import { canonicalJson, type Instant } from "@stoa/kernel";
import { desc, sql } from "drizzle-orm";
import type { Transaction } from "../db/index.ts";
import { type Actor, describeActor } from "../rpc/index.ts";
import { auditLog } from "../tables.ts";

/** Serialises writers of the chain: each hash needs the one before it. Held until the caller's commit. */
const AUDIT_LOCK = 7_205_012;

export const GENESIS_HASH = "0".repeat(64);

export interface AuditEntry {
  readonly at: Instant;
  readonly actor: Actor;
  /** Verb in the past, e.g. "stock.adjusted". */
  readonly action: string;
  readonly entity: string;
  readonly entityId: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly requestId?: string | null;
}

/** Writes one link of the audit chain in the caller's transaction. Call it last: it serialises with every other staff write. */
export async function recordAudit(tx: Transaction, entry: AuditEntry): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${AUDIT_LOCK})`);
  const [last] = await tx.select({ hash: auditLog.hash }).from(auditLog).orderBy(desc(auditLog.seq)).limit(1);
  const actor = describeActor(entry.actor);
  const row = {
    at: entry.at,
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    action: entry.action,
    entity: entry.entity,
    entityId: entry.entityId,
    before: entry.before ?? null,
    after: entry.after ?? null,
    requestId: entry.requestId ?? null,
    previousHash: last?.hash ?? GENESIS_HASH,
  };
  await tx.insert(auditLog).values({ ...row, hash: auditHash(row) });
}

/** SHA-256 (hex) over the row without its sequence number and its own hash, members sorted. */
export function auditHash(row: Readonly<Record<string, unknown>>): string {
  return new Bun.CryptoHasher("sha256").update(canonicalJson(row)).digest("hex");
}

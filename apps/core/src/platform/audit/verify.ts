import { asc, gt } from "drizzle-orm";
import type { Database } from "../db/index.ts";
import { auditLog } from "../tables.ts";
import { auditHash, GENESIS_HASH } from "./record.ts";

export interface AuditVerdict {
  readonly rows: number;
  /** Sequence number of the first row that does not follow from the one before it, or null when the chain is whole. */
  readonly brokenAt: number | null;
}

const BATCH = 1_000;

/** Walks the whole chain. */
export async function verifyAuditChain(db: Database): Promise<AuditVerdict> {
  let previousHash = GENESIS_HASH;
  let rows = 0;
  let after = 0;
  for (;;) {
    const batch = await db
      .select()
      .from(auditLog)
      .where(gt(auditLog.seq, after))
      .orderBy(asc(auditLog.seq))
      .limit(BATCH);
    for (const { seq, hash, ...row } of batch) {
      if (row.previousHash !== previousHash || auditHash(row) !== hash) return { rows, brokenAt: seq };
      previousHash = hash;
      after = seq;
      rows += 1;
    }
    if (batch.length < BATCH) return { rows, brokenAt: null };
  }
}

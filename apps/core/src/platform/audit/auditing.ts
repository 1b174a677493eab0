import type { Clock, Instant } from "@stoa/kernel";
import { type Database, type Transaction, transact } from "../db/index.ts";
import { replayable } from "../idempotency/index.ts";
import type { RpcContext, StaffActor } from "../rpc/index.ts";
import { type AuditEntry, recordAudit } from "./record.ts";

export interface AuditingDeps {
  readonly db: Database;
  readonly clock: Clock;
}

export interface AuditedContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

/** What a verb did, as the audit log tells it, and what its caller hears. */
export interface Audited<T> extends Pick<AuditEntry, "action" | "entity" | "entityId" | "before" | "after"> {
  readonly answer: T;
}

/** What makes a repeated call the same one: the caller's key, with what was asked. */
export interface OnceByKey {
  readonly name: string;
  readonly request: unknown;
}

/**
 * Runs a staff member's change and writes its link of the audit chain in the same transaction. With `once`, the same idempotency key
 * acts once and gets the same answer again.
 */
export function auditing({ db, clock }: AuditingDeps) {
  return function audited<T>(
    { actor, requestId, idempotencyKey }: RpcContext & { readonly actor: StaffActor },
    work: (context: AuditedContext) => Promise<Audited<T>>,
    once?: OnceByKey,
  ): Promise<T> {
    const now = clock.now();
    return transact(db, async (tx) => {
      const act = async () => {
        const { answer, ...entry } = await work({ tx, now });
        await recordAudit(tx, { ...entry, at: now, actor, requestId });
        return answer;
      };
      if (!once) return act();
      const keyed = { tx, now, scope: `${actor.staffId}:${once.name}`, key: idempotencyKey, request: once.request };
      return (await replayable(keyed, act)).value;
    });
  };
}

import {
  cursorKeys,
  cutPage,
  instantSchema,
  type Money,
  money,
  type OrderId,
  type Page,
  type PaymentId,
  problem,
  toTimestamp,
} from "@stoa/kernel";
import { and, desc, eq, inArray, lt, or, sql } from "drizzle-orm";
import { z } from "zod";
import { type Database, transact } from "../../platform/db/index.ts";
import type { PaymentEventDeps, VerbContext } from "./attempt.ts";
import { type DisputeState, isDecided } from "./dispute-facts.ts";
import type { ProviderName } from "./payment.ts";
import { EvidenceRefused } from "./providers/provider.ts";
import { dispute, payment } from "./tables.ts";

export interface DisputeView {
  readonly provider: ProviderName;
  readonly reference: string;
  readonly state: DisputeState;
  readonly paymentId: PaymentId;
  readonly orderId: OrderId;
  readonly amount: Money;
  readonly reason: string | null;
  readonly evidence: string | null;
  /** Until when the provider takes evidence. */
  readonly dueAt: string | null;
  readonly openedAt: string;
}

export interface DisputeFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly states?: readonly DisputeState[] | undefined;
}

/** Disputes, newest first. @throws problem `validation_failed` for a strange cursor. */
export async function listDisputes(db: Database, { limit, cursor, states }: DisputeFilter): Promise<Page<DisputeView>> {
  const matching = states && states.length > 0 ? inArray(dispute.state, [...states]) : undefined;
  const [rows, [counted]] = await Promise.all([
    db
      .select({ row: dispute, orderId: payment.orderId })
      .from(dispute)
      .innerJoin(payment, eq(payment.id, dispute.paymentId))
      .where(and(matching, before(cursor)))
      .orderBy(desc(dispute.openedAt), desc(dispute.reference))
      .limit(limit + 1),
    db.select({ total: sql<string>`count(*)` }).from(dispute).where(matching),
  ]);
  const { shown, nextCursor } = cutPage(rows, limit, ({ row }) => [row.openedAt, row.reference]);
  const items = shown.map(({ row, orderId }) => viewOf(row, orderId));
  return { items, nextCursor, total: Number(counted?.total ?? 0) };
}

function before(cursor: string | undefined) {
  if (cursor === undefined) return undefined;
  const [at, reference] = cursorKeys(cursor, z.tuple([instantSchema, z.string()]));
  return or(lt(dispute.openedAt, at), and(eq(dispute.openedAt, at), lt(dispute.reference, reference)));
}

export function viewOf(row: typeof dispute.$inferSelect, orderId: OrderId): DisputeView {
  const { provider, reference, state, paymentId, amount, currency, reason, evidence } = row;
  return {
    ...{ provider, reference, state, paymentId, orderId, amount: money(amount, currency), reason, evidence },
    dueAt: row.dueAt && toTimestamp(row.dueAt),
    openedAt: toTimestamp(row.openedAt),
  };
}

export interface DisputeEvidence {
  readonly provider: ProviderName;
  readonly reference: string;
  /** What the shop has to say, in words. */
  readonly text: string;
  /** Runs in a transaction of its own, before the provider hears of it. */
  readonly begun: (context: VerbContext, paymentId: PaymentId) => Promise<void>;
  /** Runs in the transaction that writes it down. */
  readonly settled: (context: VerbContext, paymentId: PaymentId) => Promise<void>;
}

/**
 * Sends the shop's evidence to the provider, which takes it once; the state follows. Sent again after a lost answer, the provider
 * gets the same words once more.
 * @throws problem `not_found`; `state_conflict` when the dispute is decided, or its provider takes none now;
 * `validation_failed` for more words than the provider takes.
 */
export async function submitEvidence(deps: PaymentEventDeps, input: DisputeEvidence): Promise<DisputeView> {
  const { provider: name, reference, text, begun, settled } = input;
  const isIt = and(eq(dispute.provider, name), eq(dispute.reference, reference));
  const [found] = await deps.db
    .select({ row: dispute, orderId: payment.orderId })
    .from(dispute)
    .innerJoin(payment, eq(payment.id, dispute.paymentId))
    .where(isIt);
  if (!found) throw problem("not_found");
  if (isDecided(found.row.state)) {
    throw problem("state_conflict", { detail: `The dispute is ${found.row.state}.` });
  }
  const { submitEvidence: send, evidenceLengthMax = Number.POSITIVE_INFINITY } = deps.providers.get(name) ?? {};
  if (!send) throw problem("state_conflict", { detail: `${name} takes no evidence.` });
  if (text.length > evidenceLengthMax) {
    throw problem("validation_failed", {
      errors: [{ path: "text", message: `at most ${evidenceLengthMax} characters` }],
    });
  }
  await transact(deps.db, (tx) => begun({ tx, now: deps.clock.now() }, found.row.paymentId));
  try {
    await send({ reference, paymentId: found.row.paymentId, text });
  } catch (error) {
    if (error instanceof EvidenceRefused) throw problem("state_conflict", { detail: `${name}: ${error.reason}` });
    throw error;
  }
  return transact(deps.db, async (tx) => {
    const now = deps.clock.now();
    // The provider's news of its having the answer come at the same moment, and lock the order before the dispute.
    await deps.lockOrder(tx, found.orderId);
    const [row] = await tx
      .update(dispute)
      // It may have been decided meanwhile; what was sent is on record all the same.
      .set({
        state: sql`case when ${dispute.state} = 'opened' then 'evidence_sent' else ${dispute.state} end`,
        evidence: text,
        updatedAt: now,
      })
      .where(isIt)
      .returning();
    await settled({ tx, now }, found.row.paymentId);
    await deps.onPaymentEvent({ tx, now, orderId: found.orderId, paymentId: found.row.paymentId, told: [], ended: [] });
    return viewOf(row ?? found.row, found.orderId);
  });
}

import type { Instant, OrderId } from "@stoa/kernel";
import { and, asc, eq, gt, inArray, isNotNull, isNull, lt, lte, or, sql } from "drizzle-orm";
import { type Database, type Transaction, transact } from "../../platform/db/index.ts";
import { announceNews } from "./announce-news.ts";
import { attemptOf, type PaymentEventDeps, providerOf } from "./attempt.ts";
import { openStates } from "./payment.ts";
import { perform } from "./perform.ts";
import { readFacts } from "./read-facts.ts";
import { type PaymentRow, recordNews } from "./record-news.ts";
import { payment } from "./tables.ts";
import { createVoidAuthorization, type VoidAuthorization } from "./void-authorization.ts";

const SWEEP_BATCH = 20;
/** The order's own saga comes first; the sweep is for what it has left behind. */
const GRACE_MS = 5 * 60 * 1_000;
const ASK_AGAIN_MS = 60 * 60 * 1_000;

/** What a sweep did: how many payments it dealt with, and which ones have to wait for the next time. */
export interface PaymentSweep {
  readonly done: number;
  readonly failed: readonly { readonly orderId: OrderId; readonly error: unknown }[];
}

/**
 * Closes payments that nobody finished by their deadline, lets go of money that nobody wants, takes up what somebody had begun to let go
 * of by hand, and notices authorizations that have lapsed. Each is closed at the provider first; any number of processes may sweep at once.
 */
export async function expirePayments(deps: PaymentEventDeps): Promise<PaymentSweep> {
  const now = deps.clock.now();
  const before = (now - GRACE_MS) as Instant;
  const isLeft = lte(payment.updatedAt, before);
  const mayHoldMoney = or(
    isNull(payment.closedAt),
    and(eq(payment.state, "captured"), lt(payment.refunded, payment.captured), isOwed),
  );
  const [unfinished, unwanted, lapsed, begun] = await Promise.all([
    dueBy(deps, and(inArray(payment.state, [...openStates]), lte(payment.expiresAt, before), isLeft)),
    dueBy(deps, and(mayHoldMoney, lte(payment.releaseRequestedAt, before), isLeft)),
    dueBy(deps, and(gt(payment.held, 0), lte(payment.authorizedUntil, now))),
    dueBy(deps, and(isNotNull(payment.letGoBy), isNull(payment.releaseRequestedAt), isLeft)),
  ]);
  const releases = new Map([...unfinished, ...unwanted].map((row) => [row.id, row]));
  return collect([
    ...[...releases.values()].map((row) => ({ orderId: row.orderId, work: () => release(deps, row) })),
    ...begun.map((row) => ({ orderId: row.orderId, work: () => release(deps, row, { keepsCaptured: true }) })),
    ...lapsed.map((row) => ({ orderId: row.orderId, work: () => noticeLapse(deps, row) })),
  ]);
}

/** Money that no refund has promised and nobody got as credit or by the shop's own hand; or whose refund is still out. */
const isOwed = sql`(${payment.refundHeld} + ${payment.credited} < ${payment.captured} or exists (
  select from payments.refund r where r.payment_id = ${payment.id} and r.state in ('requested', 'pending')))`;

function dueBy(deps: PaymentEventDeps, condition: ReturnType<typeof and>): Promise<PaymentRow[]> {
  return deps.db.select().from(payment).where(condition).orderBy(asc(payment.updatedAt)).limit(SWEEP_BATCH);
}

async function collect(
  works: readonly { readonly orderId: OrderId; readonly work: () => Promise<void> }[],
): Promise<PaymentSweep> {
  const failed: { orderId: OrderId; error: unknown }[] = [];
  for (const { orderId, work } of works) {
    try {
      await work();
    } catch (error) {
      failed.push({ orderId, error });
    }
  }
  return { done: works.length - failed.length, failed };
}

/** One attempt only: others of its order may hold money that is wanted. */
async function release(
  deps: PaymentEventDeps,
  row: PaymentRow,
  how: Pick<VoidAuthorization, "keepsCaptured"> = {},
): Promise<void> {
  await perform(deps, {
    verb: createVoidAuthorization(deps),
    context: (base) => base,
    input: { orderId: row.orderId, keys: [row.key], ...how },
    settled: (context, { ended }) => announceNews(deps, context, row, { ended }),
  });
}

/** The hold should be over by now. The provider's word decides; while it still holds, or does not answer, it is asked again later. */
async function noticeLapse(deps: PaymentEventDeps, row: PaymentRow): Promise<void> {
  await askLater(deps.db, row, deps.clock.now());
  const facts = await readFacts(deps.db, row.id);
  const report = await providerOf(deps, row).lookup(attemptOf(row, facts));
  const now = deps.clock.now();
  await transact(deps.db, async (tx) => {
    const { facts: told = [], reference = null, isClosed = false } = report ?? {};
    await deps.lockOrder(tx, row.orderId);
    const recorded = await recordNews({ tx, now }, row.id, { facts: told, reference, isClosed });
    const { ended } = recorded;
    if (recorded.isChanged) await announceNews(deps, { tx, now }, recorded.payment, { ended });
    if (recorded.payment.held > 0) await askLater(tx, row, now);
  });
}

/** Until then it keeps no other from being looked at. */
async function askLater(db: Database | Transaction, { id }: PaymentRow, now: Instant): Promise<void> {
  const authorizedUntil = (now + ASK_AGAIN_MS) as Instant;
  await db
    .update(payment)
    .set({ authorizedUntil })
    .where(and(eq(payment.id, id), gt(payment.held, 0)));
}

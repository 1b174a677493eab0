import type { Instant } from "@stoa/kernel";
import { errorMessage } from "@stoa/runtime";
import { and, asc, eq, isNull, lte } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { announceNews } from "./announce-news.ts";
import type { PaymentEventDeps, VerbContext } from "./attempt.ts";
import { askersOf, findPayment } from "./find-payment.ts";
import { isAboutRefund, type ProviderName } from "./payment.ts";
import type { ParsedEvent } from "./providers/provider-event.ts";
import { recordNews } from "./record-news.ts";
import { dropMethod, keepReported } from "./saved/saved-methods.ts";
import { type EventResult, providerEvent } from "./tables.ts";
import { type ProviderEventId, readerOf } from "./take-event.ts";

const RETRY_MAX_MS = 60 * 60 * 1_000;
const RETRY_FIRST_MS = 5_000;
/** Providers repeat their own events for three days; what nobody could place by then stays as it is. */
const GIVE_UP_MS = 3 * 24 * 60 * 60 * 1_000;
const SWEEP_BATCH = 50;
const ERROR_LENGTH_MAX = 500;

/**
 * Applies a stored event in a transaction of its own. Doing so again, or in another order than others, ends alike.
 * Answers null when somebody else has dealt with it or does so right now. `also` belongs to the transaction that applies it.
 */
export async function applyProviderEvent(
  deps: PaymentEventDeps,
  id: ProviderEventId,
  also?: (context: VerbContext) => Promise<void>,
): Promise<EventResult | null> {
  try {
    return await transact(deps.db, async (tx) => {
      const [row] = await tx
        .select()
        .from(providerEvent)
        .where(and(eq(providerEvent.id, id), isNull(providerEvent.appliedAt)))
        .for("update", { skipLocked: true });
      if (!row) return null;
      const context = { tx, now: deps.clock.now() };
      const applied = await apply(deps, context, row.provider, readerOf(deps, row.provider).parseEvent(row.rawBody));
      await markEvent(context, row, { ...applied, error: null });
      if (applied.result === "applied") await also?.(context);
      return applied.result;
    });
  } catch (error) {
    await transact(deps.db, async (tx) => {
      const [row] = await tx.select().from(providerEvent).where(eq(providerEvent.id, id)).for("update");
      const text = errorMessage(error, ERROR_LENGTH_MAX);
      if (row) await markEvent({ tx, now: deps.clock.now() }, row, { result: "failed", paymentId: null, error: text });
    });
    return "failed";
  }
}

/** The sweep: applies what nobody has applied, and tries again what could not be placed. Answers how many it looked at. */
export async function applyProviderEvents(deps: PaymentEventDeps): Promise<number> {
  const due = await deps.db
    .select({ id: providerEvent.id })
    .from(providerEvent)
    .where(and(isNull(providerEvent.appliedAt), lte(providerEvent.retryAt, deps.clock.now())))
    .orderBy(asc(providerEvent.retryAt))
    .limit(SWEEP_BATCH);
  for (const { id } of due) await applyProviderEvent(deps, id);
  return due.length;
}

type EventRow = typeof providerEvent.$inferSelect;
type Applied = Pick<EventRow, "paymentId"> & { readonly result: EventResult };

async function apply(
  deps: PaymentEventDeps,
  context: VerbContext,
  provider: ProviderName,
  event: ParsedEvent,
): Promise<Applied> {
  if (event.removedMethod) {
    await dropMethod(context, { provider, reference: event.removedMethod });
    return { result: "applied", paymentId: null };
  }
  if (!event.about) return { result: "ignored", paymentId: null };
  const match = await findPayment(context.tx, provider, event.about);
  if (!match) return { result: "unmatched", paymentId: null };
  const { facts, about } = event;
  const askers = await askersOf(context.tx, match, facts);
  for (const orderId of [...askers, match.orderId]) await deps.lockOrder(context.tx, orderId);
  const recorded = await recordNews(context, match.id, { facts, reference: about.reference });
  const { id: paymentId, state } = recorded.payment;
  if (event.method) await keepReported(context, recorded.payment, event.method);
  // An event without facts may still be what a waiting order waits for, such as a shopper's approval.
  const isAwaited = facts.length === 0 && (state === "requires_action" || state === "processing");
  if (recorded.isChanged || isAwaited) await announceNews(deps, context, recorded.payment, recorded);
  const refunds = recorded.told.filter((type) => isAboutRefund({ type }));
  for (const orderId of refunds.length > 0 ? askers : []) {
    await announceNews(deps, context, { ...recorded.payment, orderId }, { told: refunds });
  }
  return { result: recorded.mismatched.length > 0 ? "mismatch" : "applied", paymentId };
}

async function markEvent(
  { tx, now }: VerbContext,
  row: EventRow,
  { result, paymentId, error }: Applied & { readonly error: string | null },
): Promise<void> {
  const mayHelp = result === "unmatched" || result === "failed";
  const isOver = !mayHelp || now - row.receivedAt > GIVE_UP_MS;
  const delayMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(row.attempts, 20));
  await tx
    .update(providerEvent)
    .set({
      result,
      paymentId,
      error,
      attempts: row.attempts + 1,
      retryAt: (now + delayMs) as Instant,
      appliedAt: isOver ? now : null,
    })
    .where(eq(providerEvent.id, row.id));
}

import {
  type CustomerId,
  type Instant,
  type Money,
  money,
  newId,
  type OrderId,
  type PaymentRequestId,
  problem,
  type SagaId,
} from "@stoa/kernel";
import { and, asc, eq, inArray, lte, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { abortSaga, type SagaType, startSaga, wakeSaga } from "../../platform/saga/index.ts";
import { checkPaymentChoice, type PaymentsDeps, type VerbContext } from "./attempt.ts";
import type { PaymentMethodChoice } from "./providers/provider.ts";
import { type PaymentRequestState, paymentRequest } from "./tables.ts";

export interface RequestPayment {
  readonly orderId: OrderId;
  readonly amount: Money;
  /** What it is asked for; the same cause is the same request. Such as `edit/<id>`. */
  readonly cause: string;
  /** Until when it can be paid; left out, a week. */
  readonly expiresAt?: Instant | undefined;
}

/** Money that was asked for an order beside what its checkout paid. */
export interface PaymentRequest {
  readonly requestId: PaymentRequestId;
  readonly orderId: OrderId;
  readonly cause: string;
  readonly state: PaymentRequestState;
  readonly amount: Money;
  readonly expiresAt: Instant;
}

const REQUEST_MS = 7 * 24 * 60 * 60 * 1_000;
const EXPIRE_BATCH = 50;

/**
 * Asks for a further payment of an order. Whoever announces it does so in the same transaction; paying it is `payRequest`.
 * @throws problem `state_conflict` when the cause has asked for another amount.
 */
export async function requestPayment({ tx, now }: VerbContext, input: RequestPayment): Promise<PaymentRequest> {
  const { orderId, amount, cause, expiresAt = (now + REQUEST_MS) as Instant } = input;
  if (amount.amount <= 0) throw problem("validation_failed", { detail: "a request is for more than nothing" });
  const [row] = await tx
    .insert(paymentRequest)
    .values({
      id: newId("prq"),
      orderId,
      cause,
      state: "open",
      amount: amount.amount,
      currency: amount.currency,
      expiresAt,
      createdAt: now,
      updatedAt: now,
    })
    .onConflictDoUpdate({ target: paymentRequest.cause, set: { cause } })
    .returning();
  if (!row) throw new Error(`no payment request for ${cause}`);
  if (row.orderId !== orderId || row.amount !== amount.amount || row.currency !== amount.currency) {
    throw problem("state_conflict", { detail: "another amount was asked for by this cause" });
  }
  return viewOf(row);
}

export interface PayRequest {
  readonly requestId: PaymentRequestId;
  readonly method: PaymentMethodChoice;
  readonly customer?: { readonly customerId: CustomerId } | undefined;
}

/** What the saga that pays a request works with. */
export interface PayRequestInput extends PayRequest {
  readonly orderId: OrderId;
  readonly amount: Money;
}

export const PAY_REQUEST = "pay-request";
const PAY_REQUEST_SAGA: SagaType<PayRequestInput> = { type: PAY_REQUEST };

/**
 * Begins to pay a request: one attempt at a time, each a saga of its own. Answers the saga's id; how the attempt stands is
 * `paymentOfRequest`.
 * @throws problem `state_conflict` when the request is paid, cancelled or over;
 * `validation_failed` when the choice cannot be taken.
 */
export async function payRequest(deps: PaymentsDeps, { tx, now }: VerbContext, input: PayRequest): Promise<SagaId> {
  const { requestId, method } = input;
  const [row] = await tx
    .update(paymentRequest)
    .set({ attempts: sql`${paymentRequest.attempts} + 1`, updatedAt: now })
    .where(
      and(
        eq(paymentRequest.id, requestId),
        eq(paymentRequest.state, "open"),
        sql`${paymentRequest.expiresAt} > ${new Date(now).toISOString()}::timestamptz`,
      ),
    )
    .returning();
  if (!row) throw problem("state_conflict", { detail: "this payment is not asked for any more" });
  const amount = money(row.amount, row.currency);
  await checkPaymentChoice(deps, tx, method, amount);
  // Whoever tries again has given the attempt before up; should its money be held by now, it is let go of.
  if (row.attempts > 1) await abortAttempt({ tx, now }, { ...row, attempts: row.attempts - 1 });
  const key = `${requestId}/${row.attempts}`;
  const saga = { ...input, orderId: row.orderId, amount };
  return startSaga(tx, now, { saga: PAY_REQUEST_SAGA, key, input: saga, deadlineAt: deadlineOf(row, now) });
}

const ATTEMPT_MS = 30 * 60 * 1_000;

const deadlineOf = (row: typeof paymentRequest.$inferSelect, now: Instant) =>
  Math.min(row.expiresAt, now + ATTEMPT_MS) as Instant;

/**
 * Takes a request back. An attempt that is under way is unwound; one that has been authorised wins, and the answer is false.
 */
export async function cancelPaymentRequest({ tx, now }: VerbContext, requestId: PaymentRequestId): Promise<boolean> {
  const [row] = await tx
    .update(paymentRequest)
    .set({ state: "cancelled", updatedAt: now })
    .where(and(eq(paymentRequest.id, requestId), inArray(paymentRequest.state, ["open", "cancelled", "expired"])))
    .returning();
  if (!row) return false;
  await abortAttempt({ tx, now }, row);
  return true;
}

async function abortAttempt({ tx, now }: VerbContext, row: typeof paymentRequest.$inferSelect): Promise<void> {
  const failure = { code: "state_conflict", members: { detail: "This payment is not asked for any more." } } as const;
  await abortSaga(tx, now, { type: PAY_REQUEST, key: attemptKeyOf(row), failure });
}

const attemptKeyOf = (row: { readonly id: PaymentRequestId; readonly attempts: number }) => `${row.id}/${row.attempts}`;

/** A request is paid once, and only while it is open; else whoever asks has to let its money go. */
export async function markRequestPaid(
  { tx, now }: VerbContext,
  requestId: PaymentRequestId,
): Promise<PaymentRequest | null> {
  const [row] = await tx
    .update(paymentRequest)
    .set({ state: "paid", updatedAt: now })
    .where(and(eq(paymentRequest.id, requestId), eq(paymentRequest.state, "open")))
    .returning();
  return row ? viewOf(row) : null;
}

/** Closes requests that nobody paid in time. Answers how many. */
export async function expirePaymentRequests(deps: { readonly db: Database }, now: Instant): Promise<number> {
  return deps.db.transaction(async (tx) => {
    const due = tx
      .select({ id: paymentRequest.id })
      .from(paymentRequest)
      .where(and(eq(paymentRequest.state, "open"), lte(paymentRequest.expiresAt, now)))
      .orderBy(asc(paymentRequest.expiresAt))
      .limit(EXPIRE_BATCH)
      .for("update", { skipLocked: true });
    const rows = await tx
      .update(paymentRequest)
      .set({ state: "expired", updatedAt: now })
      .where(inArray(paymentRequest.id, due))
      .returning();
    return rows.length;
  });
}

/** The saga that pays for a request waits for news of its payment. */
export async function wakePayRequest({ tx, now }: VerbContext, requestId: PaymentRequestId): Promise<void> {
  const [row] = await tx.select().from(paymentRequest).where(eq(paymentRequest.id, requestId));
  if (row) await wakeSaga(tx, now, PAY_REQUEST, attemptKeyOf(row));
}

/** What was asked for an order beside its checkout, oldest first. */
export async function paymentRequestsOf(db: Database | Transaction, orderId: OrderId): Promise<PaymentRequest[]> {
  const rows = await db
    .select()
    .from(paymentRequest)
    .where(eq(paymentRequest.orderId, orderId))
    .orderBy(asc(paymentRequest.createdAt));
  return rows.map(viewOf);
}

export async function findPaymentRequest(
  db: Database | Transaction,
  requestId: PaymentRequestId,
): Promise<PaymentRequest | null> {
  const [row] = await db.select().from(paymentRequest).where(eq(paymentRequest.id, requestId));
  return row ? viewOf(row) : null;
}

function viewOf(row: typeof paymentRequest.$inferSelect): PaymentRequest {
  const { id: requestId, orderId, cause, state, amount, currency, expiresAt } = row;
  return { requestId, orderId, cause, state, amount: money(amount, currency), expiresAt };
}

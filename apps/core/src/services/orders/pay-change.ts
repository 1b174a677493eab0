import { type OrderChangeId, type OrderId, type PaymentRequestId, problem, type SagaId } from "@stoa/kernel";
import type { StoredOrder } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import { type Database, type Transaction, transact } from "../../platform/db/index.ts";
import { type Replayable, replayable } from "../../platform/idempotency/index.ts";
import { stateOfSaga } from "../../platform/saga/index.ts";
import {
  declinedWith,
  findPaymentRequest,
  type PaymentMethodChoice,
  type PaymentView,
  paymentOfRequest,
  payRequest,
} from "../payments/index.ts";
import type { OrderChangeRow } from "./apply-change.ts";
import type { ActContext, OrdersDeps } from "./deps.ts";
import { hashAccessToken } from "./order-token.ts";
import type { PayLink } from "./pay-draft.ts";
import { readOrder } from "./queries.ts";
import { orderChange } from "./tables.ts";

/** The edit behind a link's token, in whatever state; null for a token that is none. */
export async function findChange(db: Database | Transaction, token: string): Promise<OrderChangeRow | null> {
  const [row] = await db
    .select()
    .from(orderChange)
    .where(eq(orderChange.tokenHash, hashAccessToken(token)));
  return row ?? null;
}

/**
 * Begins to pay what an edit costs more. An attempt that is under way is given up for it; however many come to pay, one is paid.
 * @throws problem `state_conflict` when it is paid, cancelled or over, `validation_failed`.
 */
export async function payChange(
  deps: OrdersDeps,
  context: Pick<ActContext, "tx" | "now">,
  { requestId }: Pick<OrderChangeRow, "requestId">,
  method: PaymentMethodChoice,
): Promise<SagaId> {
  if (requestId === null) throw problem("state_conflict", { detail: "Nothing is to be paid for this." });
  return payRequest(deps.payments, context, { requestId, method });
}

/** @throws problem `not_found`, and as `payChange`. */
export async function acceptManually(deps: OrdersDeps, context: ActContext, id: OrderChangeId): Promise<OrderId> {
  const [change] = await context.tx.select().from(orderChange).where(eq(orderChange.id, id));
  if (!change) throw problem("not_found");
  await payChange(deps, context, change, { provider: "manual", byStaff: true });
  return change.orderId;
}

export interface PaidChange {
  readonly orderId: OrderId;
  readonly requestId: PaymentRequestId;
  /** The attempt. */
  readonly sagaId: SagaId;
}

/**
 * Begins to pay an edit by its link, once for each idempotency key.
 * @throws problem `not_found` for a token that is none or whose edit was cancelled, `idempotency_key_reused`, and as `payChange`.
 */
export async function payChangeByLink(
  deps: OrdersDeps,
  { token, payment, idempotencyKey: key }: PayLink,
): Promise<Replayable<PaidChange>> {
  const change = await findChange(deps.db, token);
  if (!change || change.state === "cancelled" || change.requestId === null) throw problem("not_found");
  const { id, orderId, requestId } = change;
  const now = deps.clock.now();
  return transact(deps.db, (tx) =>
    replayable({ tx, now, scope: `payment-link:${id}`, key, request: { payment } }, async () => {
      return { orderId, requestId, sagaId: await payChange(deps, { tx, now }, change, payment) };
    }),
  );
}

const LOOK_AGAIN_MS = 50;

/**
 * The order once the attempt has come to something, or when the time is over. `isDue`: it is not paid, and the order's payment says
 * what the shopper must do, if anything.
 * @throws problem `payment_declined` with `declineCode` and `orderId`.
 */
export async function awaitChange(
  { db }: Pick<OrdersDeps, "db">,
  { orderId, requestId, sagaId }: PaidChange,
  waitMs: number,
): Promise<{ readonly order: StoredOrder; readonly isDue: boolean }> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const [request, state] = await Promise.all([findPaymentRequest(db, requestId), stateOfSaga(db, sagaId)]);
    const isOver = performance.now() >= deadline;
    if (request?.state === "paid") return { order: await readOrder(db, orderId), isDue: false };
    const payment = await paymentOfRequest(db, requestId);
    if (state === "unwinding" || state === "unwound") {
      const declineCode = payment?.declineCode ?? "generic_decline";
      throw problem("payment_declined", { ...declinedWith(declineCode), orderId });
    }
    if (state !== "running" || isOver) return { order: asking(await readOrder(db, orderId), payment), isDue: true };
    await Bun.sleep(LOOK_AGAIN_MS);
  }
}

/** The order's own payment is done; what is shown is the one that is asked for. */
function asking({ view, ...stored }: StoredOrder, payment: PaymentView | null): StoredOrder {
  const nextAction = payment?.nextAction;
  const shown = nextAction ? { ...view.payment, nextAction } : view.payment;
  return { ...stored, view: { ...view, payment: shown } };
}

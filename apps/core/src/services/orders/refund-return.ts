import {
  assertChargeable,
  assertCurrency,
  type Currency,
  type CustomerId,
  type Instant,
  type Money,
  money,
  type OrderId,
  problem,
} from "@stoa/kernel";
import { and, eq, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { startSaga } from "../../platform/saga/index.ts";
import { leftToRefund, refundToStoreCredit } from "../payments/index.ts";
import type { ActContext } from "./deps.ts";
import { lockOrder } from "./lock-order.ts";
import { orderRefunded } from "./messages.ts";
import { isIdle, type ReturnAct, returnableStates } from "./move-return.ts";
import { causeOf, REFUND_RETURN_SAGA, type RefundReturnInput, refundKey, writeRefunded } from "./refund-return.saga.ts";
import type { ReturnRefundTo } from "./return.ts";
import { moveReturn, noteReturn, orderOfReturn, type ReturnRow } from "./return-record.ts";
import { orderReturn, returnLine } from "./tables.ts";
import { noteInTimeline } from "./timeline.ts";

export interface RefundReturn extends ReturnAct {
  /** Left out, all that was paid for what came, less the fee. */
  readonly amount?: Money | undefined;
  /** What the shop keeps for its trouble. */
  readonly restockingFee?: Money | undefined;
  /** Needed where less goes back than was paid. */
  readonly reason?: string | undefined;
  /** Left out, what paid is given back; store credit needs a customer. */
  readonly refundTo?: ReturnRefundTo | undefined;
}

/**
 * Sends back what was paid for a return that has come. Decided once: of two who press at once, one is told that it is under way.
 * Money follows in a saga, which is retried until the provider has done it; store credit is there at once.
 * @throws problem `not_found`, `validation_failed` for more than was paid, for less without a reason or for store credit of nobody,
 * `currency_mismatch`, or `state_conflict`: it has not come, its refund is under way, or the order's money has not been taken.
 */
export async function refundReturn(context: ActContext, input: RefundReturn): Promise<void> {
  const { tx, now } = context;
  const { returnId, reason = null, refundTo = "original" } = input;
  const orderId = await orderOfReturn(tx, returnId);
  const { order } = await lockOrder(tx, now, { orderId, states: returnableStates });
  const paid = await paidForReturn(tx, returnId);
  const restockingFee = namedAmount(input, "restockingFee", order.currency) ?? 0;
  const amount = namedAmount(input, "amount", order.currency) ?? Math.max(0, paid - restockingFee);
  if (amount + restockingFee > paid) refuse("amount", `At most ${paid} can go back, the fee included.`);
  if (amount < paid && reason === null) refuse("reason", "Say why less goes back than was paid.");
  await refuseUntaken(tx, orderId, amount);
  const isCredit = refundTo === "store_credit";
  if (isCredit && order.customerId === null) refuse("refundTo", "Store credit needs a customer's account.");
  const row = await decideRefund(tx, now, { returnId, amount, restockingFee, reason, refundTo });
  const saga = { orderId, returnId, amount: money(amount, order.currency), reason };
  if (amount > 0 && isCredit && order.customerId !== null) return giveCredit(context, saga, order.customerId);
  if (amount > 0) {
    await startSaga(tx, now, { saga: REFUND_RETURN_SAGA, key: refundKey(orderId, returnId), input: saga });
    return;
  }
  await moveReturn(tx, now, { id: row.id, to: "refunded" });
  await noteReturn(context, { row: { ...row, state: "refunded" }, type: "return_refunded", detail: reason });
}

/** Minor units of an amount that staff name. @throws problem `currency_mismatch`, `validation_failed` for one that cannot be charged. */
export function namedAmount<Name extends string>(
  input: { readonly [name in Name]?: Money | undefined },
  name: Name,
  currency: Currency,
): number | undefined {
  const named = input[name];
  if (named === undefined) return undefined;
  assertCurrency(named, currency);
  assertChargeable(named, name);
  return named.amount;
}

/** Store credit in place of the money. @throws problem `state_conflict` when less than that is left of what was paid for the order. */
export async function giveCredit(
  context: ActContext,
  refund: RefundReturnInput,
  customerId: CustomerId,
): Promise<void> {
  const { tx, now, actor } = context;
  const { orderId, returnId, amount, reason } = refund;
  const given = { orderId, customerId, amount, cause: causeOf(returnId), reason: reason ?? "returned", actor };
  const refundId = await refundToStoreCredit({ tx, now }, given);
  await writeRefunded(context, refund);
  await noteInTimeline(tx, now, {
    orderId,
    actor,
    entries: [{ type: "payment_refunded", detail: "as store credit" }],
    announce: [orderRefunded.of(orderId, { orderId, refundId })],
  });
}

/** The most that can be sent back for a return, in minor units; 0 before it has come. */
export async function paidForReturn(tx: Transaction, returnId: ReturnRow["id"]): Promise<number> {
  const [row] = await tx
    .select({ paid: sql<string>`coalesce(sum(${returnLine.paid}), 0)` })
    .from(returnLine)
    .where(eq(returnLine.returnId, returnId));
  return Number(row?.paid ?? 0);
}

/** A saga would try for ever to give back what never came. */
async function refuseUntaken(tx: Transaction, orderId: OrderId, amount: number): Promise<void> {
  const left = await leftToRefund(tx, orderId);
  if (amount <= left) return;
  const detail = `Only ${left} of what was paid can go back: record or capture the payment first, or close the return.`;
  throw problem("state_conflict", { detail });
}

interface Decision {
  readonly returnId: ReturnRow["id"];
  readonly amount: number;
  readonly restockingFee: number;
  readonly reason: string | null;
  readonly refundTo: ReturnRefundTo;
}

async function decideRefund(tx: Transaction, now: Instant, decision: Decision): Promise<ReturnRow> {
  const { returnId, amount, restockingFee, reason, refundTo } = decision;
  const [row] = await tx
    .update(orderReturn)
    .set({ refundAmount: amount, restockingFee, refundReason: reason, refundTo, updatedAt: now })
    .where(and(eq(orderReturn.id, returnId), eq(orderReturn.state, "received"), isIdle))
    .returning();
  if (!row) throw problem("state_conflict", { detail: "The return has not come, or its refund is under way." });
  return row;
}

function refuse(path: string, message: string): never {
  throw problem("validation_failed", { detail: message, errors: [{ path, message }] });
}

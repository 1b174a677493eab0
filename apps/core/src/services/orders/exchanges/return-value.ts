import { type DraftId, money, type OrderId, problem, type ReturnId } from "@stoa/kernel";
import { and, eq, isNull } from "drizzle-orm";
import type { Transaction } from "../../../platform/db/index.ts";
import type { FrozenCart } from "../../carts/index.ts";
import { closeExchange, openExchange } from "../../payments/index.ts";
import type { ActContext } from "../deps.ts";
import type { DraftRow } from "../find-draft.ts";
import { holdOrder } from "../lock-order.ts";
import type { PlaceOrder } from "../place-order.saga.ts";
import { paidForReturn } from "../refund-return.ts";
import { orderOfReturn, type ReturnRow } from "../return-record.ts";
import { order, orderReturn } from "../tables.ts";
import { checkoutActor, noteInTimeline } from "../timeline.ts";
import { exchangeMoney } from "./exchange.ts";

/** What goods that came back count for in an exchange, in minor units. */
export async function valueOfReturn(tx: Transaction, row: Pick<ReturnRow, "id" | "restockingFee">): Promise<number> {
  return (await paidForReturn(tx, row.id)) - row.restockingFee;
}

/** What is asked of the shopper for a draft: all it costs, or what goods that came back leave of it. */
export async function dueForDraft(tx: Transaction, { returnId }: DraftRow, total: number): Promise<number> {
  if (returnId === null) return total;
  const [row] = await tx.select().from(orderReturn).where(eq(orderReturn.id, returnId));
  if (!row) throw new Error(`no return ${returnId}`);
  return exchangeMoney(await valueOfReturn(tx, row), total).due;
}

export interface PayByReturn {
  readonly draft: DraftRow;
  /** The order that is being made of it. */
  readonly orderId: OrderId;
  readonly cart: FrozenCart;
}

/**
 * Where goods are exchanged, what they are worth pays for the order first, and can no longer be refunded. A draft of anything else is
 * left as it is.
 * @throws problem `state_conflict` when the return is no longer this draft's, or its money has gone back in another way.
 */
export async function payByReturn(context: ActContext, { draft, orderId, cart }: PayByReturn): Promise<FrozenCart> {
  const { tx, now, actor } = context;
  if (draft.returnId === null) return cart;
  await holdOrder(tx, await orderOfReturn(tx, draft.returnId));
  const [bound] = await tx
    .update(orderReturn)
    .set({ replacementId: orderId, updatedAt: now })
    .where(
      and(
        eq(orderReturn.id, draft.returnId),
        eq(orderReturn.exchangeDraftId, draft.id),
        eq(orderReturn.state, "received"),
        isNull(orderReturn.replacementId),
      ),
    )
    .returning();
  if (!bound) throw problem("state_conflict", { detail: "The return is no longer to be exchanged for this." });
  const { covered, due } = exchangeMoney(await valueOfReturn(tx, bound), cart.totals.total.amount);
  if (covered === 0) return cart;
  const amount = money(covered, cart.currency);
  const opened = { orderId: bound.orderId, amount, customerId: draft.customerId, replacementId: orderId, actor };
  const id = await openExchange({ tx, now }, opened);
  return { ...cart, credits: [{ credit: { id }, amount }], amountDue: money(due, cart.currency) };
}

/** Writes down in the new order what it replaces. Call it once the order is written. */
export async function linkReplacement(context: ActContext, orderId: OrderId, returnId: ReturnId): Promise<void> {
  const { tx, now, actor } = context;
  await tx.update(order).set({ replacesReturnId: returnId }).where(eq(order.id, orderId));
  const [first] = await tx
    .select({ number: order.number })
    .from(orderReturn)
    .innerJoin(order, eq(order.id, orderReturn.orderId))
    .where(eq(orderReturn.id, returnId));
  const entries = [{ type: "exchange_placed", detail: `for goods of order ${first?.number}` }] as const;
  await noteInTimeline(tx, now, { orderId, actor, entries });
}

/** The replacement was refused and has let go of what it held: the goods' value is what was paid for the first order again. Idempotent. */
export async function takeBackValue(
  { tx, now }: Pick<ActContext, "tx" | "now">,
  { orderId, credits = [] }: PlaceOrder,
): Promise<void> {
  const isTaken = and(eq(orderReturn.replacementId, orderId), eq(orderReturn.state, "received"));
  for (const { first } of await tx.select({ first: orderReturn.orderId }).from(orderReturn).where(isTaken)) {
    await holdOrder(tx, first);
  }
  const freed = await tx
    .update(orderReturn)
    .set({ replacementId: null, updatedAt: now })
    .where(isTaken)
    .returning({ id: orderReturn.id });
  if (freed.length === 0) return;
  for (const { giftCardId, amount } of credits) {
    const close = { giftCardId, amount, cause: orderId, reason: "exchange", actor: checkoutActor };
    await closeExchange({ tx, now }, close);
  }
}

/** The return may be refunded, or exchanged for something else; what staff said about this exchange is forgotten. */
export async function unbindReturn(tx: Transaction, draftId: DraftId): Promise<ReturnRow | null> {
  const [row] = await tx
    .update(orderReturn)
    .set({ exchangeDraftId: null, restockingFee: 0, refundReason: null, refundTo: "original" })
    .where(
      and(
        eq(orderReturn.exchangeDraftId, draftId),
        eq(orderReturn.state, "received"),
        isNull(orderReturn.replacementId),
      ),
    )
    .returning();
  return row ?? null;
}

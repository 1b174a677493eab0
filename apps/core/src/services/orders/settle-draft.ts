import type { DraftId, Instant, OrderId } from "@stoa/kernel";
import { and, eq, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { completeCart, reopenCart } from "../carts/index.ts";
import { takeBackHold } from "./draft-stock.ts";
import { takeBackValue } from "./exchanges/return-value.ts";
import { settleExchange } from "./exchanges/settle-exchange.ts";
import { holdOrder } from "./lock-order.ts";
import type { PlaceOrder } from "./place-order.saga.ts";
import { draft, orderReturn, paymentRequest } from "./tables.ts";

interface SettleContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

/** Goods of another order may have paid for this one: that order is locked behind this one, and before this one's payments. */
export async function lockOrigin(tx: Transaction, { orderId, draftId }: PlaceOrder): Promise<void> {
  if (draftId === undefined) return;
  const [row] = await tx
    .select({ first: orderReturn.orderId })
    .from(draft)
    .innerJoin(orderReturn, eq(orderReturn.id, draft.returnId))
    .where(eq(draft.id, draftId));
  if (!row) return;
  await holdOrder(tx, orderId);
  await holdOrder(tx, row.first);
}

/** The order stands: what it was made of is closed for good, a draft's link is paid. Idempotent. */
export async function completeOrigin({ tx, now }: SettleContext, order: PlaceOrder): Promise<void> {
  const { draftId } = order;
  if (draftId === undefined) return completeCart({ tx, now }, order);
  const completed = await moveDraft(tx, now, { draftId, orderId: order.orderId, to: "completed" });
  await tx
    .update(paymentRequest)
    .set({ state: "paid", updatedAt: now })
    .where(and(eq(paymentRequest.draftId, draftId), eq(paymentRequest.state, "open")));
  const returnId = completed?.returnId ?? null;
  if (returnId !== null) await settleExchange({ tx, now }, { orderId: order.orderId, returnId });
}

/** The order was refused: what it was made of is as it was, and may be paid for again. Idempotent. */
export async function reopenOrigin({ tx, now }: SettleContext, order: PlaceOrder): Promise<void> {
  const { draftId } = order;
  if (draftId === undefined) return reopenCart({ tx, now }, order);
  const reopened = await moveDraft(tx, now, { draftId, orderId: order.orderId, to: "open" });
  if (!reopened) return;
  if (reopened.returnId !== null) await takeBackValue({ tx, now }, order);
  await takeBackHold({ tx, now }, reopened, order.lines);
}

interface DraftMove {
  readonly draftId: DraftId;
  readonly orderId: OrderId;
  readonly to: "open" | "completed";
}

async function moveDraft(tx: Transaction, now: Instant, move: DraftMove) {
  const { draftId, orderId, to } = move;
  const [row] = await tx
    .update(draft)
    .set({ state: to, ...(to === "open" ? { orderId: null } : {}), updatedAt: now, version: sql`${draft.version} + 1` })
    .where(and(eq(draft.id, draftId), eq(draft.orderId, orderId), eq(draft.state, "completing")))
    .returning();
  return row ?? null;
}

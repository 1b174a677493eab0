import { type CartId, type CustomerId, type Instant, type OrderId, problem } from "@stoa/kernel";
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import { forgetReasons } from "../../platform/saga/index.ts";
import { forgetRefundReasons } from "../payments/index.ts";
import { letGoOfHold } from "./draft-stock.ts";
import { unbindReturn } from "./exchanges/return-value.ts";
import type { DraftRow } from "./find-draft.ts";
import { orderChanged } from "./messages.ts";
import type { OrderEventType } from "./order.ts";
import { impersonalFields } from "./order-fields.ts";
import { refundKey } from "./refund-return.saga.ts";
import {
  draft,
  fulfilment,
  invoice,
  note,
  order,
  orderChange,
  orderEvent,
  orderLine,
  orderReturn,
  paymentRequest,
  returnLine,
} from "./tables.ts";

/** Entries whose detail holds what people have written, or leads to a parcel at its carrier. */
const WORDED: readonly OrderEventType[] = [
  ...(["cancelled", "lines_cancelled", "changed", "return_rejected", "return_refunded"] as const),
  ...(["shipped", "delivered"] as const),
];
/** Stands for a reason that must not be empty. */
const ERASED = "erased";

export interface ErasedOrders {
  readonly orderIds: readonly OrderId[];
  /** That the orders came from. */
  readonly cartIds: readonly CartId[];
}

/**
 * Takes a person out of their orders: names, addresses, e-mail, phone and whatever anybody has written about them are blanked, lines
 * and totals stay. Answers which orders and carts they were.
 * @throws problem `state_conflict` while an order is on its way, because its address is still needed.
 */
export async function eraseFromOrders(tx: Transaction, now: Instant, customerId: CustomerId): Promise<ErasedOrders> {
  // Drafts first: whoever pays one at this moment has made its order before, or finds it cancelled.
  const drafts = await eraseFromDrafts(tx, now, customerId);
  const open = await tx
    .select({ id: order.id })
    .from(order)
    .where(and(eq(order.customerId, customerId), inArray(order.state, ["pending", "on_hold"])))
    .limit(1);
  if (open.length > 0) throw problem("state_conflict", { detail: "An order is still being placed; try again later." });
  const blank = (column: typeof order.shippingAddress | typeof order.billingAddress) =>
    sql`case when ${column} is null then null else jsonb_build_object('name', '', 'line1', '', 'city', '',
      'postalCode', '', 'country', ${column}->>'country') end`;
  const changed = await tx
    .update(order)
    .set({
      email: "",
      shippingAddress: blank(order.shippingAddress),
      billingAddress: blank(order.billingAddress),
      customFields: await impersonalFields({ tx }, "order", order.customFields),
      version: sql`${order.version} + 1`,
      updatedAt: now,
    })
    .where(eq(order.customerId, customerId))
    .returning({ id: order.id, cartId: order.cartId });
  await letGoOfDrafts(tx, now, drafts);
  await tx
    .update(orderEvent)
    .set({ actorName: "" })
    .where(and(eq(orderEvent.actorKind, "customer"), eq(orderEvent.actorId, customerId)));
  const ids = changed.map(({ id }) => id);
  if (ids.length > 0) {
    await erasePapers(tx, ids);
    await eraseWords(tx, ids);
    await forgetRefundReasons(tx, ids);
  }
  await enqueue(
    tx,
    now,
    changed.map(({ id }) => orderChanged.of(id, { orderId: id })),
  );
  return { orderIds: ids, cartIds: changed.flatMap(({ cartId }) => cartId ?? []) };
}

/** What is still open for them is cancelled, and nothing of them stands in any. */
function eraseFromDrafts(tx: Transaction, now: Instant, customerId: CustomerId): Promise<DraftRow[]> {
  return tx
    .update(draft)
    .set({
      ...{ email: null, shippingAddress: null, billingAddress: null, note: null },
      ...{ lines: withoutReason(draft.lines), discount: withoutReason(draft.discount) },
      shipping: withoutReason(draft.shipping),
      state: sql`case when ${draft.state} = 'open' then 'cancelled' else ${draft.state} end`,
      version: sql`${draft.version} + 1`,
      updatedAt: now,
    })
    .where(eq(draft.customerId, customerId))
    .returning();
}

/** Nobody can pay for them any more, and the goods they were for are free. Their orders are locked. */
async function letGoOfDrafts(tx: Transaction, now: Instant, drafts: readonly DraftRow[]): Promise<void> {
  for (const row of drafts) {
    if (row.returnId !== null) await unbindReturn(tx, row.id);
    if (row.reservedUntil !== null) await letGoOfHold({ tx, now }, row);
  }
  const ids = drafts.map((row) => row.id);
  await tx
    .update(paymentRequest)
    .set({ state: "revoked", updatedAt: now })
    .where(and(inArray(paymentRequest.draftId, ids), eq(paymentRequest.state, "open")));
}

/** Invoices keep their numbers and figures without whom they were for; what staff wrote about the orders goes. */
async function erasePapers(tx: Transaction, ids: readonly OrderId[]): Promise<void> {
  const nobody = JSON.stringify({ buyer: [], shipTo: [] });
  await tx
    .update(invoice)
    .set({ document: sql`${invoice.document} || ${nobody}::jsonb` })
    .where(inArray(invoice.orderId, [...ids]));
  await tx.delete(note).where(inArray(note.orderId, [...ids]));
}

/** Why something was cancelled, changed, sent back or refused, and where the parcels went. */
async function eraseWords(tx: Transaction, ids: readonly OrderId[]): Promise<void> {
  const orders = [...ids];
  await tx
    .update(orderEvent)
    .set({ detail: null })
    .where(and(inArray(orderEvent.orderId, orders), inArray(orderEvent.type, [...WORDED])));
  await tx.update(orderChange).set({ reason: ERASED }).where(inArray(orderChange.orderId, orders));
  await tx
    .update(orderLine)
    .set({ customFields: await impersonalFields({ tx }, "order_line", orderLine.customFields) })
    .where(inArray(orderLine.orderId, orders));
  await tx.update(returnLine).set({ reason: ERASED }).where(inArray(returnLine.orderId, orders));
  const returns = await tx
    .update(orderReturn)
    .set({
      rejection: sql`case when ${orderReturn.rejection} is not null then ${ERASED} end`,
      customFields: await impersonalFields({ tx }, "return", orderReturn.customFields),
      refundReason: sql`case when ${orderReturn.refundReason} is not null then ${ERASED} end`,
    })
    .where(inArray(orderReturn.orderId, orders))
    .returning({ id: orderReturn.id, orderId: orderReturn.orderId });
  await forgetReasons(
    tx,
    returns.map(({ id, orderId }) => refundKey(orderId, id)),
  );
  await tx
    .update(fulfilment)
    .set({ trackingNumber: null, trackingUrl: null })
    .where(inArray(fulfilment.orderId, orders));
}

/** Every reason in what was priced by hand, however deep it stands. */
function withoutReason(column: AnyPgColumn): SQL {
  return sql`regexp_replace(${column}::text, ${'"reason": "(?:[^"\\\\]|\\\\.)*"'}, ${`"reason": "${ERASED}"`}, 'g')::jsonb`;
}

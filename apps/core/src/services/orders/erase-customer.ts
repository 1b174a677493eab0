import { type CustomerId, type Instant, type OrderId, problem } from "@stoa/kernel";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import { unbindReturn } from "./exchanges/return-value.ts";
import { orderChanged } from "./messages.ts";
import { draft, invoice, note, order, orderEvent, paymentRequest } from "./tables.ts";

/**
 * Takes a person out of their orders: names, addresses, e-mail and phone are blanked, lines and totals stay.
 * @throws problem `state_conflict` while an order is on its way, because its address is still needed.
 */
export async function eraseFromOrders(tx: Transaction, now: Instant, customerId: CustomerId): Promise<void> {
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
      version: sql`${order.version} + 1`,
      updatedAt: now,
    })
    .where(eq(order.customerId, customerId))
    .returning({ id: order.id });
  await eraseFromDrafts(tx, now, customerId);
  await tx
    .update(orderEvent)
    .set({ actorName: "" })
    .where(and(eq(orderEvent.actorKind, "customer"), eq(orderEvent.actorId, customerId)));
  const ids = changed.map(({ id }) => id);
  if (ids.length > 0) await erasePapers(tx, ids);
  await enqueue(
    tx,
    now,
    changed.map(({ id }) => orderChanged.of(id, { orderId: id })),
  );
}

/** What is still open for them is cancelled, and nobody can pay for it any more. */
async function eraseFromDrafts(tx: Transaction, now: Instant, customerId: CustomerId): Promise<void> {
  const blanked = await tx
    .update(draft)
    .set({
      ...{ email: null, shippingAddress: null, billingAddress: null, note: null },
      state: sql`case when ${draft.state} = 'open' then 'cancelled' else ${draft.state} end`,
      version: sql`${draft.version} + 1`,
      updatedAt: now,
    })
    .where(eq(draft.customerId, customerId))
    .returning({ id: draft.id, returnId: draft.returnId });
  for (const { id, returnId } of blanked) if (returnId !== null) await unbindReturn(tx, id);
  const ids = blanked.map((row) => row.id);
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

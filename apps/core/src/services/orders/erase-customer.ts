import { type CustomerId, type Instant, problem } from "@stoa/kernel";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import { orderChanged } from "./messages.ts";
import { order, orderEvent } from "./tables.ts";

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
  await tx
    .update(orderEvent)
    .set({ actorName: "" })
    .where(and(eq(orderEvent.actorKind, "customer"), eq(orderEvent.actorId, customerId)));
  await enqueue(
    tx,
    now,
    changed.map(({ id }) => orderChanged.of(id, { orderId: id })),
  );
}

import type { Instant, OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import type { Actor, DescribedActor } from "../../platform/rpc/index.ts";
import { order } from "./tables.ts";
import { noteInTimeline, touchOrder } from "./timeline.ts";

export interface RefundedBesides {
  /** What was given back. */
  readonly orderId: OrderId;
  /** Orders whose goods were exchanged for it: part of the money came from their payments. Their rows are locked. */
  readonly besides: readonly OrderId[];
  readonly actor: Actor | DescribedActor;
}

/** The orders that have paid for another one, by exchanged goods, show what of their money went back for it. */
export async function noteBesides(tx: Transaction, now: Instant, { orderId, besides, actor }: RefundedBesides) {
  if (besides.length === 0) return;
  const [row] = await tx.select({ number: order.number }).from(order).where(eq(order.id, orderId));
  for (const beside of besides) {
    await touchOrder(tx, now, beside);
    const entries = [{ type: "payment_refunded", detail: `for order ${row?.number}` }] as const;
    await noteInTimeline(tx, now, { orderId: beside, actor, entries });
  }
}

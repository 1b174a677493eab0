import type { CartId, Instant, OrderId } from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { touched } from "./edit-cart.ts";
import { cart } from "./tables.ts";

interface SettleContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

interface BoundCart {
  readonly cartId: CartId;
  readonly orderId: OrderId;
}

/** The order stands: its cart is closed for good. Idempotent; leaves a cart that is bound to another order alone. */
export async function completeCart({ tx, now }: SettleContext, bound: BoundCart): Promise<void> {
  await tx
    .update(cart)
    .set({ ...touched(now), state: "completed" })
    .where(isBound(bound));
}

/** The order was refused: its cart is as it was. Idempotent; leaves a cart that is bound to another order alone. */
export async function reopenCart({ tx, now }: SettleContext, bound: BoundCart): Promise<void> {
  await tx
    .update(cart)
    .set({ ...touched(now), state: "open", orderId: null })
    .where(isBound(bound));
}

function isBound({ cartId, orderId }: BoundCart) {
  return and(eq(cart.id, cartId), eq(cart.orderId, orderId), eq(cart.state, "completing"));
}

import type { CartId, Instant, OrderId } from "@stoa/kernel";
import { and, eq, type SQL, sql } from "drizzle-orm";
import { prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import { touched } from "./edit-cart.ts";
import type { CartRow } from "./find-cart.ts";
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
  const { updatedAt, expiresAt } = touched(now);
  await complete(tx, { ...bound, updatedAt, expiresAt });
}

const complete = prepared((db, value: ValueOf<BoundCart & Pick<CartRow, "updatedAt" | "expiresAt">>) =>
  db
    .update(cart)
    .set({
      version: sql`${cart.version} + 1`,
      updatedAt: value("updatedAt", cart.updatedAt),
      expiresAt: value("expiresAt", cart.expiresAt),
      state: "completed",
    })
    .where(isBound({ cartId: value("cartId", cart.id), orderId: value("orderId", cart.orderId) })),
);

/** The order was refused: its cart is as it was. Idempotent; leaves a cart that is bound to another order alone. */
export async function reopenCart({ tx, now }: SettleContext, bound: BoundCart): Promise<void> {
  await tx
    .update(cart)
    .set({ ...touched(now), state: "open", orderId: null })
    .where(isBound(bound));
}

function isBound({ cartId, orderId }: { readonly [Name in keyof BoundCart]: BoundCart[Name] | SQL }) {
  return and(eq(cart.id, cartId), eq(cart.orderId, orderId), eq(cart.state, "completing"));
}

import { type CartId, type Instant, problem } from "@stoa/kernel";
import { and, eq, type SQL, sql } from "drizzle-orm";
import { CART_TTL_MS } from "./cart.ts";
import type { CartContext } from "./context.ts";
import { type CartRow, findCart, mayUse } from "./find-cart.ts";
import { cart } from "./tables.ts";

export type CartChange = { readonly [Column in keyof Partial<CartRow>]: CartRow[Column] | SQL };

/**
 * The first statement of every change: one guarded UPDATE that raises the version. It holds the cart until the transaction
 * ends, so what follows sees every change before it.
 * @throws problem `not_found`, or `cart_completed` when an order has been or is being made of the cart.
 */
export async function editCart(context: CartContext, cartId: CartId, change: CartChange = {}): Promise<CartRow> {
  const { tx, now, actor } = context;
  const [edited] = await tx
    .update(cart)
    .set({ ...change, ...touched(now) })
    .where(and(eq(cart.id, cartId), eq(cart.state, "open"), mayUse(actor)))
    .returning();
  if (edited) return edited;
  const present = await findCart({ db: tx, now, actor }, cartId);
  if (present.state === "completing") {
    throw problem("cart_completed", { detail: "This cart is being checked out." });
  }
  if (present.state === "completed") throw problem("cart_completed");
  // It was closed when the UPDATE looked and is open again by now: an order of it has just been refused.
  throw problem("version_conflict");
}

/** The columns that every change of a cart changes: it is newer by one, and lives its whole life again. */
export function touched(now: Instant) {
  return { version: sql`${cart.version} + 1`, updatedAt: now, expiresAt: (now + CART_TTL_MS) as Instant };
}

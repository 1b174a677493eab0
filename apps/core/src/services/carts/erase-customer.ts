import type { CartId, CustomerId } from "@stoa/kernel";
import { eq, inArray, or } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { cart, cartLine } from "./tables.ts";

/**
 * Takes a person out of their carts, open and closed ones alike; what lay in them stays, without what they said of it.
 * @param besides carts of orders that were placed as a guest, and became theirs
 */
export async function eraseFromCarts(
  tx: Transaction,
  customerId: CustomerId,
  besides: readonly CartId[] = [],
): Promise<void> {
  const theirs = or(eq(cart.customerId, customerId), inArray(cart.id, [...besides]));
  await tx
    .update(cartLine)
    .set({ customFields: {} })
    .where(inArray(cartLine.cartId, tx.select({ id: cart.id }).from(cart).where(theirs)));
  await tx
    .update(cart)
    .set({ email: null, shippingAddress: null, billingAddress: null, customFields: {} })
    .where(theirs);
}

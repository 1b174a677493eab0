import type { CartId, CustomerId } from "@stoa/kernel";
import { inArray, or, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { isOfCustomer } from "./list-carts.ts";
import { cart, cartLine } from "./tables.ts";

/**
 * Takes a person out of their carts, open and closed ones alike, and out of those that joined theirs at sign-in; what lay in them stays,
 * without what they said of it. A cart that is being priced for an order is priced again.
 * @param besides carts of orders that were placed as a guest, and became theirs
 */
export async function eraseFromCarts(
  tx: Transaction,
  customerId: CustomerId,
  besides: readonly CartId[] = [],
): Promise<void> {
  const theirs = or(isOfCustomer(customerId), inArray(cart.id, [...besides]));
  await tx
    .update(cart)
    .set({
      email: null,
      shippingAddress: null,
      billingAddress: null,
      customFields: {},
      version: sql`${cart.version} + 1`,
    })
    .where(theirs);
  await tx
    .update(cartLine)
    .set({ customFields: {} })
    .where(inArray(cartLine.cartId, tx.select({ id: cart.id }).from(cart).where(theirs)));
}

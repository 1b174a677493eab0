import type { CartId, CustomerId } from "@stoa/kernel";
import { and, inArray, isNull, or, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { isOfCustomer } from "./list-carts.ts";
import { cart, cartLine } from "./tables.ts";

export interface CartsOfPerson {
  readonly customerId: CustomerId;
  /** Carts of orders that were placed as a guest, and became theirs. */
  readonly besides?: readonly CartId[];
  /** An address of which they have proven that it is theirs: a guest's cart that names it is of nobody else. */
  readonly provenEmail?: string | null;
}

/**
 * Takes a person out of their carts, open and closed ones alike, out of those that joined theirs at sign-in, and out of guests' carts with
 * their address; what lay in them stays, without what they said of it. A cart that is being priced for an order is priced again. Answers
 * the carts.
 */
export async function eraseFromCarts(tx: Transaction, person: CartsOfPerson): Promise<CartId[]> {
  const { customerId, besides = [], provenEmail = null } = person;
  const asGuest = and(isNull(cart.customerId), sql`lower(${cart.email}) = lower(${provenEmail})`);
  const theirs = or(
    isOfCustomer(customerId),
    inArray(cart.id, [...besides]),
    provenEmail === null ? undefined : asGuest,
  );
  const erased = await tx
    .update(cart)
    .set({
      email: null,
      shippingAddress: null,
      billingAddress: null,
      customFields: {},
      version: sql`${cart.version} + 1`,
    })
    .where(theirs)
    .returning({ id: cart.id });
  const ids = erased.map(({ id }) => id);
  await tx.update(cartLine).set({ customFields: {} }).where(inArray(cartLine.cartId, ids));
  return ids;
}

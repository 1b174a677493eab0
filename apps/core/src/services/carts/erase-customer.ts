import type { CustomerId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { cart } from "./tables.ts";

/** Takes a person out of their carts, open and closed ones alike; what lay in them stays. */
export async function eraseFromCarts(tx: Transaction, customerId: CustomerId): Promise<void> {
  await tx
    .update(cart)
    .set({ email: null, shippingAddress: null, billingAddress: null })
    .where(eq(cart.customerId, customerId));
}

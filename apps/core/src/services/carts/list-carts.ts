import { type CustomerId, toTimestamp } from "@stoa/kernel";
import { asc, desc, eq, inArray } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import { cart, cartLine } from "./tables.ts";

/** What the shop holds of a customer's carts, newest first: what lies in them, and whom they were for. */
export async function cartsOf(db: Database, customerId: CustomerId, limit: number) {
  const carts = await db
    .select()
    .from(cart)
    .where(eq(cart.customerId, customerId))
    .orderBy(desc(cart.createdAt))
    .limit(limit);
  if (carts.length === 0) return [];
  const lines = await db
    .select()
    .from(cartLine)
    .where(
      inArray(
        cartLine.cartId,
        carts.map((one) => one.id),
      ),
    )
    .orderBy(asc(cartLine.seq));
  const linesOf = Map.groupBy(lines, (line) => line.cartId);
  return carts.map(({ id, state, email, shippingAddress, billingAddress, customFields, createdAt }) => ({
    ...{ id, state, email, shippingAddress, billingAddress, customFields, createdAt: toTimestamp(createdAt) },
    items: (linesOf.get(id) ?? []).map((line) => ({
      sku: line.sku,
      quantity: line.quantity,
      customFields: line.customFields,
    })),
  }));
}

import { type CustomerId, toTimestamp, toUuid } from "@stoa/kernel";
import { asc, desc, eq, inArray, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import { cart, cartLine } from "./tables.ts";

/** The customer's own carts, and a guest's that joined one of them at sign-in: it keeps what was said in it. */
export function isOfCustomer(customerId: CustomerId): SQL | undefined {
  const own = sql`select o.id from carts.cart o where o.customer_id = ${toUuid(customerId)}::uuid`;
  return or(eq(cart.customerId, customerId), sql`${cart.mergedInto} in (${own})`);
}

/** What the shop holds of a customer's carts, newest first: what lies in them, and whom they were for. */
export async function cartsOf(db: Database, customerId: CustomerId, limit: number) {
  const carts = await db.select().from(cart).where(isOfCustomer(customerId)).orderBy(desc(cart.createdAt)).limit(limit);
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

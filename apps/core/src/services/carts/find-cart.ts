import { type CartId, problem } from "@stoa/kernel";
import { and, asc, eq, isNull, or, type SQL } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import type { CartReading } from "./context.ts";
import { cart, cartLine } from "./tables.ts";

export type CartRow = typeof cart.$inferSelect;
export interface CartLineRow {
  readonly sku: string;
  readonly quantity: number;
  /** Minor units for one when the shopper last set the line; null when that is not known. */
  readonly seenAmount: number | null;
}

/** A guest's cart answers to whoever holds its id, a customer's only to that customer. */
export function mayUse(actor: Actor): SQL | undefined {
  switch (actor.kind) {
    case "guest":
      return isNull(cart.customerId);
    case "customer":
      return or(isNull(cart.customerId), eq(cart.customerId, actor.customerId));
    case "staff":
    case "system":
      return undefined;
  }
}

/** @throws problem `not_found` for a stranger's cart as for none at all, and for one that was merged away. */
export async function findCart({ db, actor }: CartReading, cartId: CartId): Promise<CartRow> {
  const [row] = await db
    .select()
    .from(cart)
    .where(and(eq(cart.id, cartId), mayUse(actor)));
  if (!row || row.state === "merged") throw problem("not_found");
  return row;
}

export function findLines(db: Database | Transaction, cartId: CartId): Promise<CartLineRow[]> {
  return db
    .select({ sku: cartLine.sku, quantity: cartLine.quantity, seenAmount: cartLine.seenAmount })
    .from(cartLine)
    .where(eq(cartLine.cartId, cartId))
    .orderBy(asc(cartLine.seq));
}

import { type CartId, type CustomerId, problem } from "@stoa/kernel";
import { and, eq, getTableColumns, isNull, or, type SQL, sql } from "drizzle-orm";
import type { FieldValues } from "../../platform/custom-fields/index.ts";
import { prepared, type ValueOf } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import type { CartReading } from "./context.ts";
import { cart } from "./tables.ts";

export type CartRow = typeof cart.$inferSelect;
export interface CartLineRow {
  readonly sku: string;
  readonly quantity: number;
  /** Minor units for one when the shopper last set the line; null when that is not known. */
  readonly seenAmount: number | null;
  /** What the shopper says in the shop's own fields of order lines. */
  readonly customFields: FieldValues;
}

export interface CartWithLines {
  readonly cart: CartRow;
  readonly lines: readonly CartLineRow[];
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

/**
 * A cart with its lines, in the order in which they came: one statement, so they belong to each other.
 * @throws problem as `findCart`.
 */
export async function findCartWithLines({ db, actor }: CartReading, cartId: CartId): Promise<CartWithLines> {
  const customerId = actor.kind === "customer" ? actor.customerId : null;
  const seesAll = actor.kind === "staff" || actor.kind === "system";
  const [row] = await cartWithLines(db, { id: cartId, customerId, seesAll });
  if (!row || row.cart.state === "merged") throw problem("not_found");
  return row;
}

interface CartSeenBy {
  readonly id: CartId;
  readonly customerId: CustomerId | null;
  readonly seesAll: boolean;
}

const cartWithLines = prepared((db, value: ValueOf<CartSeenBy>) => {
  const lines = sql<CartLineRow[]>`(select coalesce(jsonb_agg(jsonb_build_object(
      'sku', l.sku, 'quantity', l.quantity, 'seenAmount', l.seen_amount,
      'customFields', l.custom_fields) order by l.seq), '[]')
    from carts.cart_line l where l.cart_id = cart.id)`;
  const isTheirs = eq(cart.customerId, value("customerId", cart.customerId));
  return db
    .select({ cart: getTableColumns(cart), lines })
    .from(cart)
    .where(
      and(eq(cart.id, value("id", cart.id)), or(isNull(cart.customerId), isTheirs, sql`${value("seesAll")}::boolean`)),
    );
});

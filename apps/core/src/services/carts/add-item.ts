import { AMOUNT_MAX, type CartId, problem, toUuid } from "@stoa/kernel";
import { and, eq, sql } from "drizzle-orm";
import type { FieldPatch } from "../../platform/custom-fields/index.ts";
import { prepared, type ValueOf } from "../../platform/db/index.ts";
import { unitPriceOf } from "../catalog/index.ts";
import { LINE_AMOUNT_MAX, LINES_PER_CART_MAX, QUANTITY_MAX } from "./cart.ts";
import type { CartContext, CartReading, CartsDeps } from "./context.ts";
import { editCart } from "./edit-cart.ts";
import { type CartRow, findCart } from "./find-cart.ts";
import { patchLineFields } from "./line-fields.ts";
import { groupsFor } from "./shopper.ts";
import { cartLine } from "./tables.ts";

export interface AddItem {
  readonly cartId: CartId;
  readonly items: readonly {
    readonly sku: string;
    readonly quantity: number;
    /** Values of the shop's own fields of order lines; null takes one away. */
    readonly customFields?: FieldPatch | undefined;
  }[];
}

/**
 * Adds to what is there. Changes at the same time all count, and the same SKU sums.
 * @throws problem `not_found`, `cart_completed`, `sku_unknown`, `currency_mismatch`, and `validation_failed` for more than
 * 999 units of a SKU, more than 100 lines, a line too dear to count, or values that do not keep to their fields.
 */
export async function addItem(deps: CartsDeps, context: CartContext, input: AddItem): Promise<void> {
  const { cartId, items } = input;
  const { tx, now, actor } = context;
  const wanted = sumItems(items);
  // Prices are asked for before the cart is held: nothing waits for the catalog.
  const present = await findCart({ db: tx, now, actor }, cartId);
  const amountOf = await askPrices(deps, { db: tx, now }, { cart: present, skus: [...wanted.keys()] });
  const rows = [...wanted].map(([sku, quantity], place) => {
    return { sku, quantity: Math.min(quantity, AMOUNT_MAX), place, amount: amountOf(sku, quantity) };
  });
  await editCart(context, cartId);
  const written = await addLines(tx, { cartId: toUuid(cartId), rows: JSON.stringify(rows) });
  if (written.length < wanted.size) throw limitReached();
  for (const { sku, quantity } of written) {
    const amount = amountOf(sku, quantity);
    refuseTooDear(quantity, amount);
    // More units than were added may stand in another tier.
    if (amount !== amountOf(sku, wanted.get(sku) ?? quantity)) await noteSeen(tx, { cartId, sku, amount });
  }
  for (const { sku, customFields } of items) {
    if (customFields) await patchLineFields(tx, { cartId, sku, patch: customFields });
  }
}

/** Units by SKU. */
export function sumItems(items: AddItem["items"]): Map<string, number> {
  const wanted = new Map<string, number>();
  for (const { sku, quantity } of items) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
  return wanted;
}

const addLines = prepared(
  (_, value: ValueOf<{ readonly cartId: string; readonly rows: string }>) =>
    sql<{ sku: string; quantity: number }>`
    with wanted as (
      select * from jsonb_to_recordset(${value("rows")}::jsonb) as w(sku text, quantity bigint, place int, amount bigint)
    )
    insert into carts.cart_line as l (cart_id, sku, quantity, seen_amount)
    select ${value("cartId")}::uuid, w.sku, w.quantity, w.amount from wanted w
    where w.quantity <= ${QUANTITY_MAX}
      and (select count(*) from (select sku from carts.cart_line where cart_id = ${value("cartId")}::uuid
        union select sku from wanted) skus) <= ${LINES_PER_CART_MAX}
    order by w.place
    on conflict (cart_id, sku) do update set quantity = l.quantity + excluded.quantity, seen_amount = excluded.seen_amount
      where l.quantity + excluded.quantity <= ${QUANTITY_MAX}
    returning l.sku, l.quantity`,
);

async function noteSeen(
  tx: CartContext["tx"],
  { cartId, sku, amount }: { readonly cartId: CartId; readonly sku: string; readonly amount: number },
): Promise<void> {
  await tx
    .update(cartLine)
    .set({ seenAmount: amount })
    .where(and(eq(cartLine.cartId, cartId), eq(cartLine.sku, sku)));
}

/** What one unit of a SKU costs this buyer, in minor units, when so many are bought. */
export type AmountOf = (sku: string, quantity: number) => number;

/**
 * Asks the catalog for what a cart's buyer pays.
 * @throws problem `sku_unknown`, or `currency_mismatch` when it is not sold to this buyer in the cart's currency.
 */
export async function askPrices(
  deps: CartsDeps,
  { db, now }: Pick<CartReading, "db" | "now">,
  { cart, skus }: { readonly cart: CartRow; readonly skus: readonly string[] },
): Promise<AmountOf> {
  const { currency, channel, customerId } = cart;
  const offers = await deps.findOffers({ skus, currency, channel, now });
  const customerGroups = await groupsFor(deps.shoppers, db, { customerId, offers: offers.values(), promotions: [] });
  return (sku, quantity) => {
    const offer = offers.get(sku);
    if (!offer) throw problem("sku_unknown", { detail: `${sku} is not for sale.`, sku });
    const unitPrice = unitPriceOf(offer, { currency, now, quantity, customerGroups });
    if (!unitPrice) throw problem("currency_mismatch", { detail: `${sku} is not sold in ${currency}.`, sku });
    return unitPrice.amount;
  };
}

/** @throws problem `validation_failed`. */
export function refuseTooDear(quantity: number, unitAmount: number): void {
  if (quantity * unitAmount <= LINE_AMOUNT_MAX) return;
  const message = "is more than one line may cost";
  throw problem("validation_failed", { detail: `The line ${message}.`, errors: [{ path: "quantity", message }] });
}

/** The refusal of more lines, or more units of one, than a cart may hold. */
export function limitReached() {
  const detail = `A cart holds at most ${LINES_PER_CART_MAX} lines of at most ${QUANTITY_MAX} units each.`;
  return problem("validation_failed", { detail, errors: [{ path: "quantity", message: "goes past a cart's limits" }] });
}

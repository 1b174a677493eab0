import { AMOUNT_MAX, type CartId, problem, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { unitPriceOf } from "../catalog/index.ts";
import { LINE_AMOUNT_MAX, LINES_PER_CART_MAX, QUANTITY_MAX } from "./cart.ts";
import type { CartContext, CartsDeps } from "./context.ts";
import { editCart } from "./edit-cart.ts";
import { type CartRow, findCart } from "./find-cart.ts";
import { groupsFor } from "./shopper.ts";

export interface AddItem {
  readonly cartId: CartId;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
}

/**
 * Adds to what is there. Changes at the same time all count, and the same SKU sums.
 * @throws problem `not_found`, `cart_completed`, `sku_unknown`, `currency_mismatch`, and `validation_failed` for more than
 * 999 units of a SKU, more than 100 lines, or a line too dear to count.
 */
export async function addItem(deps: CartsDeps, context: CartContext, { cartId, items }: AddItem): Promise<void> {
  const { tx, now, actor } = context;
  const wanted = new Map<string, number>();
  for (const { sku, quantity } of items) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
  // Prices are asked for before the cart is held: nothing waits for the catalog.
  const present = await findCart({ db: tx, now, actor }, cartId);
  const unitAmounts = await unitAmountsOf(deps, { tx, now }, { cart: present, wanted });
  await editCart(context, cartId);
  const rows = JSON.stringify(
    [...wanted].map(([sku, quantity], place) => ({ sku, quantity: Math.min(quantity, AMOUNT_MAX), place })),
  );
  const written = await tx.execute<{ sku: string; quantity: number }>(sql`
    with wanted as (select * from jsonb_to_recordset(${rows}::jsonb) as w(sku text, quantity bigint, place int))
    insert into carts.cart_line as l (cart_id, sku, quantity)
    select ${toUuid(cartId)}::uuid, w.sku, w.quantity from wanted w
    where w.quantity <= ${QUANTITY_MAX}
      and (select count(*) from (select sku from carts.cart_line where cart_id = ${toUuid(cartId)}::uuid
        union select sku from wanted) skus) <= ${LINES_PER_CART_MAX}
    order by w.place
    on conflict (cart_id, sku) do update set quantity = l.quantity + excluded.quantity
      where l.quantity + excluded.quantity <= ${QUANTITY_MAX}
    returning l.sku, l.quantity`);
  if (written.length < wanted.size) throw limitReached();
  for (const line of written) refuseTooDear(line.quantity, unitAmounts.get(line.sku) ?? 0);
}

/**
 * Minor units for one of each SKU, at the quantity wanted of it.
 * @throws problem `sku_unknown`, or `currency_mismatch` when it is not sold to this buyer in the cart's currency.
 */
export async function unitAmountsOf(
  deps: CartsDeps,
  { tx, now }: Pick<CartContext, "tx" | "now">,
  { cart, wanted }: { readonly cart: CartRow; readonly wanted: ReadonlyMap<string, number> },
): Promise<Map<string, number>> {
  const { currency, customerId } = cart;
  const offers = await deps.findOffers({ skus: [...wanted.keys()], currency, now });
  const customerGroups = await groupsFor(deps.shoppers, tx, { customerId, offers: offers.values(), promotions: [] });
  const amounts = new Map<string, number>();
  for (const [sku, quantity] of wanted) {
    const offer = offers.get(sku);
    if (!offer) throw problem("sku_unknown", { detail: `${sku} is not for sale.`, sku });
    const unitPrice = unitPriceOf(offer, { currency, now, quantity, customerGroups });
    if (!unitPrice) throw problem("currency_mismatch", { detail: `${sku} is not sold in ${currency}.`, sku });
    amounts.set(sku, unitPrice.amount);
  }
  return amounts;
}

/** @throws problem `validation_failed`. */
export function refuseTooDear(quantity: number, unitAmount: number): void {
  if (quantity * unitAmount <= LINE_AMOUNT_MAX) return;
  const message = "is more than one line may cost";
  throw problem("validation_failed", { detail: `The line ${message}.`, errors: [{ path: "quantity", message }] });
}

function limitReached() {
  const detail = `A cart holds at most ${LINES_PER_CART_MAX} lines of at most ${QUANTITY_MAX} units each.`;
  return problem("validation_failed", { detail, errors: [{ path: "quantity", message: "goes past a cart's limits" }] });
}

import { type CartId, type Currency, newId, problem } from "@stoa/kernel";
import { prepared, type ValueOf } from "../../platform/db/index.ts";
import { readSetting, shopSetting } from "../../platform/settings/index.ts";
import { addItem } from "./add-item.ts";
import { LINES_PER_CART_MAX } from "./cart.ts";
import type { CartContext, CartsDeps } from "./context.ts";
import { touched } from "./edit-cart.ts";
import type { CartRow } from "./find-cart.ts";
import { cart } from "./tables.ts";

export interface CreateCart {
  /** The shop's default currency when left out. */
  readonly currency?: Currency | undefined;
  readonly items?: readonly { readonly sku: string; readonly quantity: number }[] | undefined;
}

/**
 * A new cart: the customer's own when a customer asks, else open to whoever holds its id.
 * @throws problem `currency_mismatch` for a currency the shop does not sell in, and the refusals of `addItem`.
 */
export async function createCart(deps: CartsDeps, context: CartContext, input: CreateCart): Promise<CartId> {
  const { tx, now, actor } = context;
  const { defaultCurrency, currencies } = await readSetting(tx, shopSetting);
  const currency = input.currency ?? defaultCurrency;
  if (!currencies.includes(currency)) {
    throw problem("currency_mismatch", { detail: `This shop sells in ${currencies.join(", ")}.` });
  }
  if ((input.items?.length ?? 0) > LINES_PER_CART_MAX) throw tooManyLines();
  const id = newId("cart");
  const isCustomer = actor.kind === "customer";
  const owner = isCustomer ? { customerId: actor.customerId, email: actor.email } : { customerId: null, email: null };
  const { updatedAt, expiresAt } = touched(now);
  const hasItems = input.items !== undefined && input.items.length > 0;
  // The items it comes with are its first change.
  const row = { id, currency, createdAt: now, updatedAt, expiresAt, version: hasItems ? 2 : 1 };
  const [created] = await insertCart(tx, { ...row, ...owner });
  if (!created) throw new Error("a new cart answers its row");
  if (input.items && input.items.length > 0) {
    await addItem(deps, context, { cartId: id, items: input.items, created });
  }
  return id;
}

type NewCart = Pick<
  CartRow,
  "id" | "customerId" | "email" | "currency" | "version" | "createdAt" | "updatedAt" | "expiresAt"
>;

const insertCart = prepared((db, value: ValueOf<NewCart>) =>
  db
    .insert(cart)
    .values({
      id: value("id"),
      state: "open",
      customerId: value("customerId"),
      email: value("email"),
      currency: value("currency"),
      version: value("version"),
      createdAt: value("createdAt"),
      updatedAt: value("updatedAt"),
      expiresAt: value("expiresAt"),
    })
    .returning(),
);

function tooManyLines() {
  const message = `at most ${LINES_PER_CART_MAX} lines`;
  return problem("validation_failed", { detail: `A cart holds ${message}.`, errors: [{ path: "items", message }] });
}

import type { CartId } from "@stoa/kernel";
import type { CartView } from "@stoa/read-models";
import { readAvailability } from "../inventory/index.ts";
import { coverCart } from "./cart-credits.ts";
import { shownCartFields } from "./cart-fields.ts";
import { cartView } from "./cart-view.ts";
import type { CartReading, CartsDeps } from "./context.ts";
import { explainCart } from "./explain-cart.ts";
import { type CartWithLines, findCartWithLines } from "./find-cart.ts";
import { shownLineFields } from "./line-fields.ts";
import { priceCart } from "./price-cart.ts";

/** The cart at today's prices and stock, with the reasons for each of them when asked. @throws problem `not_found`, for another customer's cart too. */
export async function getCart(
  deps: CartsDeps,
  reading: CartReading,
  cartId: CartId,
  options: ViewOptions = {},
): Promise<CartView> {
  return viewCart(deps, reading, await findCartWithLines(reading, cartId), options);
}

interface ViewOptions {
  readonly explain?: boolean | undefined;
}

/** The same for a cart that is known already. */
export async function viewCart(
  deps: CartsDeps,
  reading: Pick<CartReading, "db" | "now">,
  { cart, lines }: CartWithLines,
  { explain = false }: ViewOptions = {},
): Promise<CartView> {
  const skus = lines.map((line) => line.sku);
  const [priced, own] = await Promise.all([
    priceCart(deps, reading, { cart, lines, otherZones: explain }),
    readAvailability({ db: reading.db }, skus),
  ]);
  const parts = priced.lines.flatMap(({ offer }) => offer.parts?.map(({ sku }) => sku) ?? []);
  const stock = new Map([...own, ...(await readAvailability({ db: reading.db }, parts))]);
  const cover = await coverCart(deps, reading, { cart, total: priced.pricing.totals.total });
  const customFields = await shownCartFields(reading.db, cart.customFields);
  const shownOfLine = await shownLineFields(reading.db, priced.lines);
  const view = cartView(priced, { stock, cover, customFields, shownOfLine });
  return explain ? { ...view, explanation: explainCart(priced, cover) } : view;
}

import type { CartId } from "@stoa/kernel";
import type { ShippingMethodView } from "@stoa/read-models";
import type { CartReading, CartsDeps } from "./context.ts";
import { findCartWithLines } from "./find-cart.ts";
import { priceCart } from "./price-cart.ts";

/** Ways to ship the cart to its address, or anywhere while it has none, with their prices before discounts. */
export async function listShippingMethods(
  deps: CartsDeps,
  reading: CartReading,
  cartId: CartId,
): Promise<{ readonly items: readonly ShippingMethodView[] }> {
  const { cart, lines } = await findCartWithLines(reading, cartId);
  const { shippingMethods } = await priceCart(deps, reading, { cart, lines });
  return { items: shippingMethods.map(({ id, name, price }) => ({ id, name, price })) };
}

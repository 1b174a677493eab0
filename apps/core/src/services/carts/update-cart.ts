import { type CartId, isId, problem } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { patchedFields } from "./cart-fields.ts";
import { type CartPatch, withoutGaps } from "./cart-patch.ts";
import type { CartContext, CartsDeps } from "./context.ts";
import { type CartChange, editCart } from "./edit-cart.ts";
import { type CartRow, findCartWithLines } from "./find-cart.ts";
import { priceCart } from "./price-cart.ts";
import { cart } from "./tables.ts";

/**
 * Takes over e-mail, addresses and the shipping method. An address that the chosen method does not serve unsets the choice.
 * @throws problem `not_found`, `cart_completed`, and `validation_failed` for a method that cannot ship this cart.
 */
export async function updateCart(
  deps: CartsDeps,
  context: CartContext,
  { cartId, patch }: { readonly cartId: CartId; readonly patch: CartPatch },
): Promise<void> {
  const { tx, now, actor } = context;
  if (patch.shippingMethod !== undefined) {
    const { cart: present, lines } = await findCartWithLines({ db: tx, now, actor }, cartId);
    const wanted = { ...present, ...patchColumns(patch) };
    const { shippingMethods } = await priceCart(deps, { db: tx, now }, { cart: wanted, lines });
    if (!shippingMethods.some((method) => method.id === patch.shippingMethod)) throw cannotShip();
  }
  const { customFields } = await editCart(context, cartId, patchColumns(patch));
  if (patch.customFields === undefined) return;
  // The cart is held by now, so what is written is what was judged.
  const values = await patchedFields(tx, customFields, patch.customFields);
  await tx.update(cart).set({ customFields: values }).where(eq(cart.id, cartId));
}

/** The columns that a patch sets, but for the shop's own fields, which are judged by what is there; the shipping method only when it is the id of one. */
export function patchColumns(patch: CartPatch): CartChange & Partial<CartRow> {
  const { email, shippingAddress, billingAddress, shippingMethod } = patch;
  return {
    ...(email !== undefined && { email }),
    ...(shippingAddress !== undefined && { shippingAddress: withoutGaps(shippingAddress) }),
    ...(billingAddress !== undefined && { billingAddress: withoutGaps(billingAddress) }),
    ...(isId("shp", shippingMethod) && { shippingOptionId: shippingMethod }),
  };
}

/** The refusal of a shipping method that the cart does not have. */
export function cannotShip() {
  const message = "is not one of the cart's shipping methods";
  return problem("validation_failed", { errors: [{ path: "shippingMethod", message }] });
}

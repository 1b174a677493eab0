import { type CartId, problem } from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import type { FieldPatch } from "../../platform/custom-fields/index.ts";
import { askPrices, refuseTooDear } from "./add-item.ts";
import { QUANTITY_MAX } from "./cart.ts";
import type { CartContext, CartsDeps } from "./context.ts";
import { editCart } from "./edit-cart.ts";
import { findCart } from "./find-cart.ts";
import { patchLineFields } from "./line-fields.ts";
import { cartLine } from "./tables.ts";

export interface SetQuantity {
  readonly cartId: CartId;
  readonly sku: string;
  /** 0 removes the line; removing one that is not there is no mistake. */
  readonly quantity: number;
  /** Values of the shop's own fields of order lines; null takes one away. */
  readonly customFields?: FieldPatch | undefined;
}

/** Sets how many units a line holds, and what the shopper says of it. @throws problem `not_found`, `cart_completed`, `sku_unknown` when it has no such line, `validation_failed`. */
export async function setQuantity(deps: CartsDeps, context: CartContext, input: SetQuantity): Promise<void> {
  const { tx, now, actor } = context;
  const { cartId, sku, quantity, customFields } = input;
  const line = and(eq(cartLine.cartId, cartId), eq(cartLine.sku, sku));
  if (quantity === 0) {
    await editCart(context, cartId);
    await tx.delete(cartLine).where(line);
    return;
  }
  if (!Number.isSafeInteger(quantity) || quantity < 0 || quantity > QUANTITY_MAX) {
    const message = `must be a whole number from 0 to ${QUANTITY_MAX}`;
    throw problem("validation_failed", { errors: [{ path: "quantity", message }] });
  }
  const present = await findCart({ db: tx, now, actor }, cartId);
  const seenAmount = (await askPrices(deps, { db: tx, now }, { cart: present, skus: [sku] }))(sku, quantity);
  refuseTooDear(quantity, seenAmount);
  await editCart(context, cartId);
  const set = await tx.update(cartLine).set({ quantity, seenAmount }).where(line).returning({ sku: cartLine.sku });
  if (set.length === 0) throw problem("sku_unknown", { detail: `${sku} is not in this cart.`, sku });
  if (customFields) await patchLineFields(tx, { cartId, sku, patch: customFields });
}

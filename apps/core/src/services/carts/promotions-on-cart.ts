import { type CartId, problem } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { PROMOTION_CODES_MAX } from "./cart.ts";
import type { CartContext, CartsDeps } from "./context.ts";
import { editCart } from "./edit-cart.ts";
import { findCartWithLines } from "./find-cart.ts";
import { priceCart } from "./price-cart.ts";
import type { PromotionRefusal } from "./promotion.ts";
import { cart, promotion } from "./tables.ts";

interface CartCode {
  readonly cartId: CartId;
  readonly code: string;
}

const details: Readonly<Record<PromotionRefusal, string>> = {
  unknown_code: "There is no such code.",
  not_started: "This code does not hold yet.",
  ended: "This code no longer holds.",
  usage_limit_reached: "This code has been used up.",
  customer_group_required: "This code is for members of a customer group.",
  not_first_order: "This code is for a first order.",
  sign_in_required: "This code is for customers who are signed in.",
  minimum_not_reached: "The cart does not reach the amount this code asks for.",
  no_matching_items: "Nothing in the cart is part of this promotion.",
  not_in_this_currency: "This code does not hold in the cart's currency.",
  not_combinable: "This code cannot be combined with another promotion.",
};

/** The refusal of a code, with the reason in words and as a member. */
export function promotionRefused(code: string, reason: PromotionRefusal) {
  return problem("promotion_not_applicable", { detail: details[reason], reason, promotionCode: code });
}

/**
 * Takes a code, in any case. Taking one that is there already changes nothing.
 * @throws problem `not_found`, `cart_completed`, `promotion_not_applicable` with its `reason`.
 */
export async function applyPromotion(deps: CartsDeps, context: CartContext, { cartId, code }: CartCode): Promise<void> {
  const { tx, now, actor } = context;
  const [known] = await tx
    .select({ code: promotion.code })
    .from(promotion)
    .where(sql`upper(${promotion.code}) = upper(${code})`);
  const { cart: present, lines } = await findCartWithLines({ db: tx, now, actor }, cartId);
  if (!known?.code) throw promotionRefused(code, "unknown_code");
  const written = known.code;
  const promotionCodes = [...present.promotionCodes.filter((one) => one !== written), written];
  const priced = await priceCart(deps, { db: tx, now }, { cart: { ...present, promotionCodes }, lines });
  const refusal = priced.refusedCodes.get(written);
  if (refusal) throw promotionRefused(written, refusal);
  const edited = await editCart(context, cartId, {
    promotionCodes: sql`array_append(array_remove(${cart.promotionCodes}, ${written}), ${written})`,
  });
  if (edited.promotionCodes.length > PROMOTION_CODES_MAX) {
    const detail = `A cart takes at most ${PROMOTION_CODES_MAX} codes.`;
    throw problem("promotion_not_applicable", { detail, reason: "not_combinable", promotionCode: written });
  }
}

/** Gives a code back; one that is not there is no mistake. @throws problem `not_found`, `cart_completed`. */
export async function removePromotion(context: CartContext, { cartId, code }: CartCode): Promise<void> {
  await editCart(context, cartId, {
    promotionCodes: sql`array(select one from unnest(${cart.promotionCodes}) with ordinality as codes(one, place)
      where upper(one) <> upper(${code}) order by place)`,
  });
}

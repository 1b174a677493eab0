import { type CartId, type Money, newId, zero } from "@stoa/kernel";
import type { TotalsView } from "@stoa/read-models";
import type { CartReading, CartsDeps } from "./context.ts";
import { findCartWithLines } from "./find-cart.ts";
import { priceCart } from "./price-cart.ts";
import type { Promotion, PromotionId, PromotionRefusal } from "./promotion.ts";
import { promotionAt } from "./promotion-queries.ts";
import { type PromotionInput, parsePromotion } from "./save-promotion.ts";

export interface PreviewPromotion {
  readonly cartId: CartId;
  /** One that is there, or the terms of one that may come. */
  readonly promotion: { readonly id: PromotionId } | { readonly terms: PromotionInput };
}

export interface PromotionPreview {
  /** What it takes off by itself; other promotions may get less or fall away because of it, as the totals show. */
  readonly discount: Money;
  /** Why it does not apply to this cart, or null. */
  readonly reason: PromotionRefusal | null;
  readonly before: TotalsView;
  readonly after: TotalsView;
  readonly lines: readonly { readonly sku: string; readonly discount: Money }[];
}

/** What a promotion would do to a cart, its code taken as given; nothing is changed. @throws problem `not_found`. */
export async function previewPromotion(
  deps: CartsDeps,
  reading: CartReading,
  { cartId, promotion }: PreviewPromotion,
): Promise<PromotionPreview> {
  const { db } = reading;
  const trial = "id" in promotion ? await promotionAt(db, promotion.id) : draft(promotion);
  const { cart, lines } = await findCartWithLines(reading, cartId);
  const [before, after] = await Promise.all([
    priceCart(deps, reading, { cart, lines }),
    priceCart(deps, reading, { cart, lines, trial }),
  ]);
  const own = after.pricing.applied.find((one) => one.promotion.id === trial.id);
  return {
    discount: own?.discount ?? zero(cart.currency),
    reason: after.refusedPromotions.get(trial.id) ?? null,
    before: before.pricing.totals,
    after: after.pricing.totals,
    lines: after.lines.map(({ sku, discount }) => ({ sku, discount })),
  };
}

function draft({ terms }: { readonly terms: PromotionInput }): Promotion {
  const { conditions, columns } = parsePromotion(terms);
  return { ...columns, id: newId("prm"), conditions, version: 1, used: 0, usedByCustomer: 0 };
}

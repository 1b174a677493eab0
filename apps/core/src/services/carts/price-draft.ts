import type { Instant } from "@stoa/kernel";
import type { ShippingMethodView } from "@stoa/read-models";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { CartsDeps } from "./context.ts";
import { type FrozenCart, type FrozenTerms, frozenLine, frozenTerms, promotionsUsed } from "./freeze-cart.ts";
import { type CartTerms, priceCart, type StoredBasket } from "./price-cart.ts";
import type { PromotionRefusal } from "./promotion.ts";
import type { StaffTerms } from "./staff-terms.ts";

/** What staff have put together for a customer; it is stored elsewhere, and priced as a cart is. */
export interface DraftBasket {
  readonly terms: CartTerms;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly staffTerms: StaffTerms;
}

/** What staff see while they compose: as much as can be priced by now. */
export interface PricedDraft {
  readonly lines: FrozenCart["lines"];
  readonly promotions: FrozenCart["promotions"];
  readonly taxLines: FrozenCart["taxLines"];
  readonly totals: FrozenCart["totals"];
  readonly shippingMethods: readonly ShippingMethodView[];
  /** SKUs that are not for sale, or not in this currency. */
  readonly unavailable: readonly string[];
  readonly refusedCodes: Readonly<Record<string, PromotionRefusal>>;
}

interface Reading {
  readonly db: Database | Transaction;
  readonly now: Instant;
}

/** Prices a draft as far as it goes. Refuses nothing: what is missing is told. */
export async function previewDraft(deps: CartsDeps, reading: Reading, basket: DraftBasket): Promise<PricedDraft> {
  const priced = await priceCart(deps, reading, storedBasket(basket));
  const { pricing, shippingMethods, unavailable, refusedCodes } = priced;
  return {
    lines: priced.lines.map(frozenLine),
    promotions: promotionsUsed(priced),
    taxLines: pricing.taxLines,
    totals: pricing.totals,
    shippingMethods: shippingMethods.map(({ id, name, price }) => ({ id, name, price })),
    unavailable: unavailable.map((line) => line.sku),
    refusedCodes: Object.fromEntries(refusedCodes),
  };
}

/**
 * What an order is made of, at the prices of now.
 * @throws problem `cart_empty`, `email_required`, `shipping_address_required`, `shipping_method_required`, `out_of_stock` for a SKU
 * that is not for sale, `promotion_not_applicable`.
 */
export async function quoteDraft(deps: CartsDeps, reading: Reading, basket: DraftBasket): Promise<FrozenTerms> {
  return frozenTerms(await priceCart(deps, reading, storedBasket(basket)));
}

function storedBasket({ terms, lines, staffTerms }: DraftBasket): StoredBasket<CartTerms> {
  // Nobody has been shown a price that could have changed since.
  const rows = lines.map(({ sku, quantity }) => ({ sku, quantity, seenAmount: null, customFields: {} }));
  return { cart: terms, lines: rows, staffTerms };
}

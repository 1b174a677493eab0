import type { Instant } from "@stoa/kernel";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { type Offer, unitPriceOf } from "../catalog/index.ts";
import type { CartsDeps } from "./context.ts";
import type { CartLineRow, CartRow } from "./find-cart.ts";
import { findTerms, type Terms } from "./find-terms.ts";
import { type PricedLine, type Pricing, type PricingLine, priceBasket } from "./pricing.ts";
import { type Promotion, type PromotionRefusal, refusalByTerms } from "./promotion.ts";
import { type Parcel, type ShippingOption, shippingPrice } from "./shipping.ts";
import { findShopper, groupsFor } from "./shopper.ts";

/** A line as it can be bought now. */
export interface OfferedLine extends PricedLine {
  readonly offer: Offer;
}

export interface PricedCart {
  readonly cart: CartRow;
  readonly lines: readonly OfferedLine[];
  /** Lines whose SKU is not for sale any more, or not in the cart's currency: neither shown nor counted. */
  readonly unavailable: readonly CartLineRow[];
  readonly pricing: Pricing;
  /** Codes that take nothing off at present, and why. */
  readonly refusedCodes: ReadonlyMap<string, PromotionRefusal>;
  /** What the cart can be shipped by, with the price before discounts. */
  readonly shippingMethods: readonly (ShippingOption & {
    readonly price: NonNullable<ReturnType<typeof shippingPrice>>;
  })[];
}

/** Prices a cart from the catalog, the promotions, the shipping options and the tax rates as they are now. */
export async function priceCart(
  deps: CartsDeps,
  context: { readonly db: Database | Transaction; readonly now: Instant },
  stored: { readonly cart: CartRow; readonly lines: readonly CartLineRow[] },
): Promise<PricedCart> {
  const { now } = context;
  const { cart, lines } = stored;
  const { offers, terms, groups } = await ask(deps, context, stored);
  const { currency } = cart;
  const offered = lines.flatMap((line) => {
    const offer = offers.get(line.sku);
    const { quantity } = line;
    const unitPrice = offer && unitPriceOf(offer, { currency, now, quantity, customerGroups: groups });
    return offer && unitPrice ? [{ offer, input: pricingLine(offer, quantity, unitPrice) }] : [];
  });
  const { usable, refusedCodes } = byTerms(terms.promotions, cart.promotionCodes, now);
  const pricing = priceBasket({
    currency,
    lines: offered.map((line) => line.input),
    promotions: usable,
    shopper: await findShopper(deps.shoppers, context.db, { name: cart, groups, promotions: usable }),
    shippingOption: terms.shippingOptions.find((option) => option.id === cart.shippingOptionId) ?? null,
    taxPlace: taxPlaceOf(cart),
    taxRates: terms.taxRates,
  });
  for (const [id, refusal] of pricing.refused) {
    const code = usable.find((promotion) => promotion.id === id)?.code;
    if (code) refusedCodes.set(code, refusal);
  }
  const sold = new Set(offered.map(({ offer }) => offer.sku));
  return {
    cart,
    lines: pricing.lines.flatMap((line, at) => {
      const offer = offered[at]?.offer;
      return offer ? [{ ...line, offer }] : [];
    }),
    unavailable: lines.filter((line) => !sold.has(line.sku)),
    pricing,
    refusedCodes,
    shippingMethods: shippable(terms.shippingOptions, parcelOf(pricing, offered)),
  };
}

async function ask(
  deps: CartsDeps,
  { db, now }: { readonly db: Database | Transaction; readonly now: Instant },
  { cart, lines }: { readonly cart: CartRow; readonly lines: readonly CartLineRow[] },
): Promise<{ offers: ReadonlyMap<string, Offer>; terms: Terms; groups: readonly string[] }> {
  const { customerId, currency } = cart;
  const [offers, terms] = await Promise.all([
    deps.findOffers({ skus: lines.map((line) => line.sku), currency, now }),
    findTerms(db, {
      codes: cart.promotionCodes,
      shopper: cart,
      shipTo: cart.shippingAddress,
      taxAt: taxPlaceOf(cart),
      now,
      otherZones: false,
    }),
  ]);
  const { promotions } = terms;
  const groups = await groupsFor(deps.shoppers, db, { customerId, offers: offers.values(), promotions });
  return { offers, terms, groups };
}

function taxPlaceOf(cart: CartRow) {
  return cart.shippingAddress ?? cart.billingAddress;
}

function pricingLine(offer: Offer, quantity: number, unitPrice: NonNullable<Offer["unitPrice"]>): PricingLine {
  const { sku, productId, categoryIds, taxClass, weightGrams } = offer;
  return { sku, productId, categoryIds, quantity, unitPrice, taxClass, weightGrams };
}

/** Keeps what the dates and limits allow, and says of each code that fell away why. */
function byTerms(known: readonly Promotion[], codes: readonly string[], now: Instant) {
  const usable: Promotion[] = [];
  const refusedCodes = new Map<string, PromotionRefusal>();
  for (const promotion of known) {
    const refusal = refusalByTerms(promotion, now);
    if (refusal === null) usable.push(promotion);
    else if (promotion.code !== null) refusedCodes.set(promotion.code, refusal);
  }
  const found = new Set(known.flatMap((promotion) => (promotion.code === null ? [] : [promotion.code.toUpperCase()])));
  for (const code of codes) if (!found.has(code.toUpperCase())) refusedCodes.set(code, "unknown_code");
  return { usable, refusedCodes };
}

function parcelOf(pricing: Pricing, offered: readonly { readonly input: PricingLine }[]): Parcel {
  return {
    currency: pricing.totals.total.currency,
    goods: pricing.lines.reduce((sum, line) => sum + line.total.amount, 0),
    weightGrams: offered.reduce((sum, { input }) => sum + (input.weightGrams ?? 0) * input.quantity, 0),
  };
}

function shippable(options: readonly ShippingOption[], parcel: Parcel) {
  return options.flatMap((option) => {
    const price = shippingPrice(option, parcel);
    return price ? [{ ...option, price }] : [];
  });
}

import type { Instant } from "@stoa/kernel";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { Offer } from "../catalog/index.ts";
import type { CartsDeps } from "./context.ts";
import type { CartLineRow, CartRow } from "./find-cart.ts";
import { findPromotions } from "./find-promotions.ts";
import { findShippingOptions, findTaxRates } from "./find-shipping.ts";
import { type PricedLine, type Pricing, type PricingLine, priceBasket } from "./pricing.ts";
import { type Promotion, type PromotionRefusal, refusalByTerms } from "./promotion.ts";
import { type Parcel, type ShippingOption, shippingPrice } from "./shipping.ts";

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
  const { db, now } = context;
  const { cart, lines } = stored;
  const place = cart.shippingAddress ?? cart.billingAddress;
  const { customerId, email, currency, promotionCodes: codes } = cart;
  const [offers, known, options, taxRates] = await Promise.all([
    deps.findOffers({ skus: lines.map((line) => line.sku), currency, now }),
    findPromotions(db, { codes, shopper: { customerId, email }, now }),
    findShippingOptions(db, cart.shippingAddress?.country ?? null),
    findTaxRates(db, place?.country ?? null),
  ]);
  const offered = lines.flatMap((line) => {
    const offer = offers.get(line.sku);
    return offer?.unitPrice ? [{ offer, input: pricingLine(line, offer, offer.unitPrice) }] : [];
  });
  const { usable, refusedCodes } = byTerms(known, codes, now);
  const pricing = priceBasket({
    currency,
    lines: offered.map((line) => line.input),
    promotions: usable,
    isSignedIn: customerId !== null,
    shippingOption: options.find((option) => option.id === cart.shippingOptionId) ?? null,
    taxPlace: place,
    taxRates,
  });
  for (const [id, refusal] of pricing.refused) {
    const code = usable.find((promotion) => promotion.id === id)?.code;
    if (code) refusedCodes.set(code, refusal);
  }
  return {
    cart,
    lines: pricing.lines.flatMap((line, at) => {
      const offer = offered[at]?.offer;
      return offer ? [{ ...line, offer }] : [];
    }),
    unavailable: lines.filter((line) => !offers.get(line.sku)?.unitPrice),
    pricing,
    refusedCodes,
    shippingMethods: shippable(options, parcelOf(pricing, offered)),
  };
}

function pricingLine(line: CartLineRow, offer: Offer, unitPrice: NonNullable<Offer["unitPrice"]>): PricingLine {
  const { sku, productId, categoryIds, taxClass, weightGrams } = offer;
  return { sku, productId, categoryIds, quantity: line.quantity, unitPrice, taxClass, weightGrams };
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

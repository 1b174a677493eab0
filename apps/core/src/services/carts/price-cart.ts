import type { Instant } from "@stoa/kernel";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { type Offer, unitPriceOf } from "../catalog/index.ts";
import { CART_AMOUNT_MAX, LINE_AMOUNT_MAX } from "./cart.ts";
import { type PricingChannel, pricingChannel, ratesIn } from "./channel.ts";
import type { CartsDeps } from "./context.ts";
import type { CartLineRow, CartRow } from "./find-cart.ts";
import { findTerms, type Terms } from "./find-terms.ts";
import { type PricedLine, type Pricing, type PricingLine, priceBasket, type TaxedParts } from "./pricing.ts";
import type { Promotion, PromotionId, PromotionRefusal } from "./promotion.ts";
import { destinationOf, shippingQuotesFor } from "./quotes/shipping-quotes.ts";
import { type Parcel, type ShippingOption, shippingPrice } from "./shipping.ts";
import { findShopper, groupsFor } from "./shopper.ts";
import { atStaffPrices, type StaffTerms, staffShipping, withStaffDiscount } from "./staff-terms.ts";
import type { TaxLine } from "./tax.ts";
import { byTerms, codesRefused, withTrial } from "./usable-promotions.ts";

/** What the price of a cart depends on beside its lines. */
export type CartTerms = Pick<
  CartRow,
  | "customerId"
  | "email"
  | "currency"
  | "channel"
  | "shippingAddress"
  | "billingAddress"
  | "shippingOptionId"
  | "promotionCodes"
>;

/** A line as it can be bought now. */
export interface OfferedLine extends PricedLine {
  readonly offer: Offer;
  /** See `CartLineRow`. */
  readonly seenAmount: number | null;
  readonly customFields: CartLineRow["customFields"];
}

export interface PricedCart<C extends CartTerms = CartRow> {
  readonly cart: C;
  readonly lines: readonly OfferedLine[];
  /**
   * Lines whose SKU is not for sale any more in the cart's channel, or not in the cart's currency, or that have become too dear to count: neither shown
   * nor counted.
   */
  readonly unavailable: readonly CartLineRow[];
  readonly pricing: Pricing;
  /** Codes that take nothing off at present, and why. */
  readonly refusedCodes: ReadonlyMap<string, PromotionRefusal>;
  /** The same for every promotion that was looked at. */
  readonly refusedPromotions: ReadonlyMap<PromotionId, PromotionRefusal>;
  /** What the cart can be shipped by, with the price before discounts. */
  readonly shippingMethods: readonly (ShippingOption & {
    readonly price: NonNullable<ReturnType<typeof shippingPrice>>;
  })[];
  /** What it was priced by, for whoever asks why. */
  readonly evidence: Evidence;
}

export interface Evidence {
  readonly terms: Terms;
  /** Codes of the buyer's groups, if anything depends on them. */
  readonly groups: readonly string[];
  readonly now: Instant;
}

export interface StoredBasket<C extends CartTerms> {
  readonly cart: C;
  readonly lines: readonly CartLineRow[];
  /** Prices that staff have set by hand. A shopper's cart has none, and no shopper's request can bring any. */
  readonly staffTerms?: StaffTerms | undefined;
  /** A promotion as it would be: staff see what it would do before anybody gets it. */
  readonly trial?: Promotion;
  /** See `TermsQuestion`. */
  readonly otherZones?: boolean;
}

/** Prices a cart from the catalog, the promotions, the shipping options and the tax rates as they are now. */
export async function priceCart<C extends CartTerms>(
  deps: CartsDeps,
  context: { readonly db: Database | Transaction; readonly now: Instant },
  stored: StoredBasket<C>,
): Promise<PricedCart<C>> {
  const { now } = context;
  const { cart, lines, staffTerms } = stored;
  const { offers, terms, groups, channel } = await ask(deps, context, stored);
  const { currency } = cart;
  const offered = countable(offeredLines(lines, offers, { currency, now, customerGroups: groups }));
  const quotes = staffTerms?.shipping
    ? null
    : shippingQuotesFor(deps, { cart, offered, options: terms.shippingOptions });
  const known = withTrial(terms.promotions, stored.trial);
  const { usable, refused } = byTerms(known, now);
  const pricing = priceBasket({
    currency,
    lines: offered.map((line) => line.input),
    promotions: staffTerms ? withStaffDiscount(usable, staffTerms, currency) : usable,
    shopper: await findShopper(deps.shoppers, context.db, { name: cart, groups, promotions: usable }),
    shippingOption: staffTerms?.shipping
      ? staffShipping(staffTerms.shipping)
      : (terms.shippingOptions.find((option) => option.id === cart.shippingOptionId) ?? null),
    quotes,
    taxPlace: taxPlaceOf(cart),
    taxRates: terms.taxRates,
    quotedTaxes: (parts) => quotedTaxes(deps, cart, channel, parts),
  });
  const refusedPromotions = new Map([...refused, ...pricing.refused]);
  const sold = new Set(offered.map(({ offer }) => offer.sku));
  return {
    cart,
    lines: pricedLines(pricing, offered),
    unavailable: lines.filter((line) => !sold.has(line.sku)),
    pricing,
    refusedCodes: codesRefused(known, refusedPromotions, cart.promotionCodes),
    refusedPromotions,
    shippingMethods: shippable(terms.shippingOptions, { ...parcelOf(pricing, offered), quotes }),
    evidence: { terms, groups, now },
  };
}

async function ask(
  deps: CartsDeps,
  { db, now }: { readonly db: Database | Transaction; readonly now: Instant },
  { cart, lines, staffTerms, otherZones = false }: StoredBasket<CartTerms>,
): Promise<{
  offers: ReadonlyMap<string, Offer>;
  terms: Terms;
  groups: readonly string[];
  channel: PricingChannel;
}> {
  const { customerId, currency, channel: code } = cart;
  const channel = await pricingChannel(db, code);
  const skus = channel.isOpen ? lines.map((line) => line.sku) : [];
  const [sold, found] = await Promise.all([
    deps.findOffers({ skus, currency, channel: code, now }),
    findTerms(db, {
      codes: cart.promotionCodes,
      shopper: cart,
      shipTo: cart.shippingAddress,
      taxAt: taxPlaceOf(cart),
      now,
      otherZones,
    }),
  ]);
  const terms = { ...found, taxRates: ratesIn(channel, found.taxRates) };
  const offers = staffTerms ? atStaffPrices(sold, staffTerms) : sold;
  const { promotions } = terms;
  const groups = await groupsFor(deps.shoppers, db, { customerId, offers: offers.values(), promotions });
  return { offers, terms, groups, channel };
}

type Offered = { readonly line: CartLineRow; readonly offer: Offer; readonly input: PricingLine };

function offeredLines(
  lines: readonly CartLineRow[],
  offers: ReadonlyMap<string, Offer>,
  question: Omit<Parameters<typeof unitPriceOf>[1], "quantity">,
): Offered[] {
  return lines.flatMap((line) => {
    const offer = offers.get(line.sku);
    const { quantity } = line;
    const unitPrice = offer && unitPriceOf(offer, { ...question, quantity });
    return offer && unitPrice ? [{ line, offer, input: pricingLine(offer, quantity, unitPrice) }] : [];
  });
}

function pricedLines(pricing: Pricing, offered: readonly Offered[]): OfferedLine[] {
  return pricing.lines.flatMap((line, at) => {
    const from = offered[at];
    if (!from) return [];
    const { seenAmount, customFields } = from.line;
    return [{ ...line, offer: from.offer, seenAmount, customFields }];
  });
}

/** What may be summed: a price that was raised after the line was added must not make a cart unreadable. */
function countable<L extends { readonly input: PricingLine }>(lines: readonly L[]): L[] {
  let sum = 0;
  return lines.filter(({ input }) => {
    const amount = input.unitPrice.amount * input.quantity;
    if (amount > LINE_AMOUNT_MAX || sum + amount > CART_AMOUNT_MAX) return false;
    sum += amount;
    return true;
  });
}

/** What the tax provider says; null when there is none, it is silent, or it is not known yet where the goods go. */
function quotedTaxes(
  { taxQuotes }: CartsDeps,
  cart: CartTerms,
  { pricesIncludeTax }: PricingChannel,
  parts: TaxedParts,
): readonly TaxLine[] | null {
  const address = taxPlaceOf(cart);
  if (!taxQuotes || !address || parts.lines.length === 0) return null;
  const lines = parts.lines.map(({ taxShares: _, ...line }) => line);
  const included = pricesIncludeTax !== null && { pricesIncludeTax };
  const destination = destinationOf(address);
  return taxQuotes.answerTo({ currency: cart.currency, destination, ...parts, lines, ...included });
}

function taxPlaceOf(cart: CartTerms) {
  return cart.shippingAddress ?? cart.billingAddress;
}

function pricingLine(offer: Offer, quantity: number, unitPrice: NonNullable<Offer["unitPrice"]>): PricingLine {
  const { sku, productId, categoryIds, taxClass, taxShares, weightGrams } = offer;
  return { sku, productId, categoryIds, quantity, unitPrice, taxClass, taxShares, weightGrams };
}

function parcelOf(pricing: Pricing, offered: readonly { readonly input: PricingLine }[]): Omit<Parcel, "quotes"> {
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

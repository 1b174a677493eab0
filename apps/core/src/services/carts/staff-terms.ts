import { AMOUNT_MAX, type Currency, fromUuid, type Money } from "@stoa/kernel";
import { z } from "zod";
import type { Offer } from "../catalog/index.ts";
import type { Promotion, PromotionId } from "./promotion.ts";
import type { ShippingOption, ShippingOptionId } from "./shipping.ts";

const NIL = "00000000-0000-0000-0000-000000000000";
/** Names a discount by hand among the promotions; no promotion has it. */
export const STAFF_DISCOUNT_ID: PromotionId = fromUuid("prm", NIL);
/** Names shipping at a price by hand among the options; no option has it. */
export const STAFF_SHIPPING_ID: ShippingOptionId = fromUuid("shp", NIL);

/** Off the goods as a whole: a share (1000 = 10 %, rounded once), or minor units of the cart's currency. Never more than they cost. */
export const staffDiscountSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("percent"), basisPoints: z.int().min(1).max(10_000) }),
  z.strictObject({ kind: z.literal("fixed"), amount: z.int().min(1).max(AMOUNT_MAX) }),
]);
export type StaffDiscount = z.infer<typeof staffDiscountSchema>;

/** Prices that staff set by hand. Whoever hands them over has checked the right to do so. */
export interface StaffTerms {
  /** For one unit, by SKU; where one stands, the catalog's price is not asked. */
  readonly unitPrices: ReadonlyMap<string, Money>;
  readonly discount: StaffDiscount | null;
  /** What is added to an order goes without promotions: they were used when it was placed. */
  readonly withoutPromotions?: true;
  /** In place of one of the shipping options. */
  readonly shipping: { readonly name: string; readonly price: Money } | null;
}

/** The offers at the prices set by hand. A SKU that is not for sale stays away, whatever price it was given. */
export function atStaffPrices(offers: ReadonlyMap<string, Offer>, terms: StaffTerms): ReadonlyMap<string, Offer> {
  return new Map([...offers].map(([sku, offer]) => [sku, atPrice(offer, terms.unitPrices.get(sku))]));
}

/** One price for everybody: tiers and groups are the catalog's. */
function atPrice({ prices, ...offer }: Offer, unitPrice: Money | undefined): Offer {
  return unitPrice ? { ...offer, unitPrice } : { ...offer, ...(prices ? { prices } : {}) };
}

/** The discount as a promotion that goes before all others: what cannot be combined gives way to it. */
function staffPromotion(discount: StaffDiscount, currency: Currency): Promotion {
  const effect =
    discount.kind === "percent"
      ? ({ kind: "percent", target: "order", basisPoints: discount.basisPoints } as const)
      : ({ kind: "fixed", target: "order", amounts: { [currency]: discount.amount } } as const);
  return {
    id: STAFF_DISCOUNT_ID,
    code: null,
    name: "Discount",
    effect,
    conditions: [],
    priority: Number.NEGATIVE_INFINITY,
    isStackable: true,
    startsAt: null,
    endsAt: null,
    usageLimit: null,
    usageLimitPerCustomer: null,
    used: 0,
    isActive: true,
    version: 1,
    usedByCustomer: 0,
  };
}

/** The promotions of a basket that staff have put together. */
export function withStaffDiscount(usable: readonly Promotion[], terms: StaffTerms, currency: Currency): Promotion[] {
  const own = terms.discount ? [staffPromotion(terms.discount, currency)] : [];
  return terms.withoutPromotions ? own : [...own, ...usable];
}

/** The shipping that staff have agreed on, as an option like those of zones. */
export function staffShipping({ name, price }: NonNullable<StaffTerms["shipping"]>): ShippingOption {
  return { id: STAFF_SHIPPING_ID, name, rates: { [price.currency]: { kind: "flat", price: price.amount } } };
}

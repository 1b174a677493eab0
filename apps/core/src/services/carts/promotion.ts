import { AMOUNT_MAX, currencySchema, type Id, type Instant } from "@stoa/kernel";
import { z } from "zod";
import type { PricingLine } from "./pricing.ts";

export type PromotionId = Id<"prm">;

const amounts = z.partialRecord(currencySchema, z.int().min(1).max(AMOUNT_MAX));
const basisPoints = z.int().min(1).max(10_000);
const target = z.enum(["items", "order", "shipping"]);

/** What a promotion takes off. Amounts are minor units by currency; a currency that is absent gets nothing. */
export const promotionEffectSchema = z.discriminatedUnion("kind", [
  /** 1000 = 10 %. On `items` it is rounded for each line, on `order` once for all of them. */
  z.strictObject({ kind: z.literal("percent"), target, basisPoints }),
  /** On `items` off each unit, on `order` and `shipping` once. */
  z.strictObject({ kind: z.literal("fixed"), target, amounts }),
  /** Of every `buy + get` units the `get` cheapest are reduced; 10000 makes them free. At most `repetitionsMax` times. */
  z.strictObject({
    kind: z.literal("buy_x_get_y"),
    buy: z.int().min(1).max(99),
    get: z.int().min(1).max(99),
    basisPoints: basisPoints.default(10_000),
    repetitionsMax: z.int().min(1).max(1_000).optional(),
  }),
  z.strictObject({ kind: z.literal("free_shipping") }),
]);
export type PromotionEffect = z.infer<typeof promotionEffectSchema>;

const idList = z.array(z.string().min(1).max(100)).min(1).max(500);

/** `skus`, `products` and `categories` also confine what is reduced to the lines they name. */
export const promotionConditionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("minimum_subtotal"), amounts }),
  z.strictObject({ kind: z.literal("skus"), skus: idList }),
  z.strictObject({ kind: z.literal("products"), productIds: idList }),
  z.strictObject({ kind: z.literal("categories"), categoryIds: idList }),
  z.strictObject({ kind: z.literal("minimum_quantity"), units: z.int().min(1).max(100_000) }),
  z.strictObject({ kind: z.literal("signed_in") }),
  /** Members of one of the groups. */
  z.strictObject({ kind: z.literal("customer_groups"), groups: idList }),
  /** Buyers without an order that stands. The promotion is then counted once for each customer, whatever its own limit. */
  z.strictObject({ kind: z.literal("first_order") }),
]);
export type PromotionCondition = z.infer<typeof promotionConditionSchema>;

export interface Promotion {
  readonly id: PromotionId;
  /** As it is written; null when it applies by itself. */
  readonly code: string | null;
  readonly name: string;
  readonly effect: PromotionEffect;
  readonly conditions: readonly PromotionCondition[];
  readonly priority: number;
  readonly isStackable: boolean;
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly usageLimit: number | null;
  readonly usageLimitPerCustomer: number | null;
  readonly used: number;
  readonly isActive: boolean;
  /** Raised by every change of its terms. */
  readonly version: number;
  /** By the customer who asks, as far as known. */
  readonly usedByCustomer: number;
}

export type PromotionRefusal =
  | "unknown_code"
  | "not_started"
  | "ended"
  | "usage_limit_reached"
  | "sign_in_required"
  | "customer_group_required"
  | "not_first_order"
  | "minimum_not_reached"
  | "no_matching_items"
  | "not_in_this_currency"
  | "not_combinable";

/** Why a promotion cannot be used now by this customer at all, or null. */
export function refusalByTerms(promotion: Promotion, now: Instant): PromotionRefusal | null {
  if (!promotion.isActive) return "unknown_code";
  if (promotion.startsAt !== null && now < promotion.startsAt) return "not_started";
  if (promotion.endsAt !== null && now >= promotion.endsAt) return "ended";
  const { usageLimit, usageLimitPerCustomer } = promotion;
  if (usageLimit !== null && promotion.used >= usageLimit) return "usage_limit_reached";
  if (usageLimitPerCustomer !== null && promotion.usedByCustomer >= usageLimitPerCustomer) return "usage_limit_reached";
  return null;
}

/** What promotions may depend on of whoever buys. */
export interface Shopper {
  readonly isSignedIn: boolean;
  /** Codes of customer groups. */
  readonly groups: readonly string[];
  /** Whether an order of theirs stands already. */
  readonly hasOrdered: boolean;
}

export interface PromotionBasket {
  readonly lines: readonly PricingLine[];
  readonly shopper: Shopper;
}

/** Which lines a promotion may reduce (by place), or why none of them. */
export function eligibleLines(promotion: Promotion, basket: PromotionBasket): readonly number[] | PromotionRefusal {
  const { lines } = basket;
  let places = lines.map((_, place) => place);
  for (const condition of promotion.conditions) {
    if (isNaming(condition)) {
      places = places.filter((place) => isNamed(condition, lines[place]));
    } else {
      const refusal = refusalByCondition(condition, basket);
      if (refusal !== null) return refusal;
    }
  }
  return places.length === 0 ? "no_matching_items" : places;
}

type NamingCondition = Extract<PromotionCondition, { kind: "skus" | "products" | "categories" }>;

function isNaming(condition: PromotionCondition): condition is NamingCondition {
  return condition.kind === "skus" || condition.kind === "products" || condition.kind === "categories";
}

function refusalByCondition(
  condition: Exclude<PromotionCondition, NamingCondition>,
  { lines, shopper }: PromotionBasket,
): PromotionRefusal | null {
  switch (condition.kind) {
    case "signed_in":
      return shopper.isSignedIn ? null : "sign_in_required";
    case "customer_groups":
      return condition.groups.some((group) => shopper.groups.includes(group)) ? null : "customer_group_required";
    case "first_order":
      return shopper.hasOrdered ? "not_first_order" : null;
    case "minimum_quantity":
      return lines.reduce((sum, line) => sum + line.quantity, 0) < condition.units ? "minimum_not_reached" : null;
    case "minimum_subtotal": {
      const minimum = minimumOf(condition.amounts, lines);
      if (minimum === undefined) return "not_in_this_currency";
      const subtotal = lines.reduce((sum, line) => sum + line.unitPrice.amount * line.quantity, 0);
      return subtotal < minimum ? "minimum_not_reached" : null;
    }
  }
}

function minimumOf(byCurrency: z.infer<typeof amounts>, lines: readonly PricingLine[]): number | undefined {
  const currency = lines[0]?.unitPrice.currency;
  return currency && byCurrency[currency];
}

function isNamed(condition: NamingCondition, line: PricingLine | undefined): boolean {
  if (!line) return false;
  switch (condition.kind) {
    case "skus":
      return condition.skus.includes(line.sku);
    case "products":
      return condition.productIds.includes(line.productId);
    case "categories":
      return line.categoryIds.some((id) => condition.categoryIds.includes(id));
  }
}

import type { Currency } from "@stoa/kernel";
import { parseAmount } from "../../form/amount.ts";
import { formatInstant } from "../../format.ts";
import type { Product, Variant } from "./product.ts";

type Price = Variant["prices"][number];

/** A price without conditions: what everybody pays for one, at any time. */
export function isPlain({ minQuantity, customerGroup, startsAt, endsAt }: Price): boolean {
  return [minQuantity, customerGroup, startsAt, endsAt].every((condition) => condition === undefined);
}

type ListPrice = Product["listPrices"][number];

/** What lists say of a SKU now, or will; those that count first in front. */
export function listPricesOf(prices: readonly ListPrice[], sku: string, nowMs: number): ListPrice[] {
  return prices
    .filter((price) => price.sku === sku && (price.endsAt === undefined || Date.parse(price.endsAt) > nowMs))
    .sort((left, right) => right.priority - left.priority || (left.minQuantity ?? 1) - (right.minQuantity ?? 1));
}

/** Under which conditions a list's price holds, in words. */
export function conditionsOf({ minQuantity, customerGroups = [], channels = [], startsAt, endsAt }: ListPrice) {
  return [
    ...(minQuantity === undefined ? [] : [`from ${minQuantity} units`]),
    ...(customerGroups.length === 0 ? [] : [`for ${customerGroups.join(" or ")}`]),
    ...(channels.length === 0 ? [] : [`in ${channels.join(" and ")}`]),
    ...(startsAt === undefined ? [] : [`from ${formatInstant(startsAt)}`]),
    ...(endsAt === undefined ? [] : [`until ${formatInstant(endsAt)}`]),
  ];
}

export interface PriceEdit {
  readonly currency: Currency;
  readonly text: string;
}

export type EditedPrices =
  | { readonly kind: "prices"; readonly prices: Price[] }
  | { readonly kind: "wrong"; readonly reasons: ReadonlyMap<string, string> };

/** The variant's prices with what was typed for each currency. An empty field takes its plain price away; conditions stay. */
export function editedPrices(prices: readonly Price[], edits: readonly PriceEdit[]): EditedPrices {
  const reasons = new Map<string, string>();
  let edited = [...prices];
  for (const { currency, text } of edits) {
    const parsed = parseAmount(text, currency);
    const old = edited.find((price) => price.currency === currency && isPlain(price));
    if (parsed.kind === "wrong") reasons.set(currency, parsed.reason);
    else if (parsed.kind === "empty") edited = edited.filter((price) => price !== old);
    else if (!old) edited.push({ currency, amount: parsed.amount });
    else if (old.amount !== parsed.amount) {
      edited = edited.map((price) => (price === old ? repriced(old, parsed.amount) : price));
    }
  }
  return reasons.size > 0 ? { kind: "wrong", reasons } : { kind: "prices", prices: edited };
}

/** A price that was struck through stays only as long as it is above the new one. */
function repriced({ compareAt, ...price }: Price, amount: number): Price {
  return { ...price, amount, ...(compareAt !== undefined && compareAt > amount ? { compareAt } : {}) };
}

import { addMoney, type Currency, type Money, money, multiplyMoney, subtractMoney, sumMoney, zero } from "@stoa/kernel";
import type { TotalsView } from "@stoa/read-models";
import type { TaxShare } from "../catalog/index.ts";
import { type Remaining, reductionOf } from "./discounts.ts";
import { eligibleLines, type Promotion, type PromotionRefusal, type Shopper } from "./promotion.ts";
import type { ShippingQuotes } from "./quotes/shipping-rates.ts";
import { type ShippingOption, shippingPrice } from "./shipping.ts";
import { type TaxLine, type TaxPlace, type TaxRate, taxAt, taxLinesOf } from "./tax.ts";

/** What pricing has to know of a line; prices are the catalog's. */
export interface PricingLine {
  readonly sku: string;
  readonly productId: string;
  readonly categoryIds: readonly string[];
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly taxClass: string;
  /** What its price is taxed as instead of by its class: see `TaxShare`. */
  readonly taxShares?: readonly TaxShare[] | undefined;
  readonly weightGrams: number | null;
}

export interface PricingInput {
  readonly currency: Currency;
  readonly lines: readonly PricingLine[];
  /** Those whose dates and limits allow them now. */
  readonly promotions: readonly Promotion[];
  readonly shopper: Shopper;
  readonly shippingOption: ShippingOption | null;
  /** See `Parcel`. */
  readonly quotes: ShippingQuotes | null;
  /** Null until an address is known: no tax then. */
  readonly taxPlace: TaxPlace | null;
  readonly taxRates: readonly TaxRate[];
  /** What a tax provider outside says goes before the rates; null where it says nothing. */
  readonly quotedTaxes: (parts: TaxedParts) => readonly TaxLine[] | null;
}

/** What is taxed: each line and shipping, in minor units after discounts. */
export interface TaxedParts {
  readonly lines: readonly (Pick<PricingLine, "sku" | "productId" | "taxClass" | "taxShares" | "quantity"> & {
    readonly amount: number;
  })[];
  readonly shipping: number;
}

export interface PricedLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  /** Its share of every reduction of the goods. */
  readonly discount: Money;
  readonly tax: Money;
  /** Whether `total` already holds the tax. */
  readonly taxIncluded: boolean;
  /** Units times price, less the discount. Holds the tax only where prices include it. */
  readonly total: Money;
}

export interface AppliedPromotion {
  readonly promotion: Promotion;
  readonly discount: Money;
}

export interface Pricing {
  readonly lines: readonly PricedLine[];
  /** Before the discount on it; null when nothing was chosen or the choice cannot ship this cart. */
  readonly shipping: { readonly option: ShippingOption; readonly price: Money } | null;
  /** What promotions take off shipping; part of the totals' `discount`. */
  readonly shippingDiscount: Money;
  readonly applied: readonly AppliedPromotion[];
  readonly refused: ReadonlyMap<Promotion["id"], PromotionRefusal>;
  /** By line and on shipping; a line without a rate has none. */
  readonly taxLines: readonly TaxLine[];
  /** Whether a provider outside said so; else the shop's own rates do. */
  readonly isTaxQuoted: boolean;
  /**
   * total = subtotal − discount + shipping + the taxes that prices do not include.
   * `tax` counts all taxes, those that prices include too.
   */
  readonly totals: TotalsView;
}

/**
 * Prices a basket: units times price, reductions of the goods by priority, shipping by what remains, reductions of shipping,
 * then tax, rounded once for each line (of a kit for each of its rates) and once for shipping. No amount is ever below zero, and the parts add up to the total.
 */
export function priceBasket(input: PricingInput): Pricing {
  const { currency, lines, shippingOption, quotes } = input;
  const gross = lines.map((line) => multiplyMoney(line.unitPrice, line.quantity));
  const remaining: Remaining = { currency, lines: gross.map((amount) => amount.amount), shipping: 0 };
  const chosen = chooseTogether(input);
  const onGoods = chosen.kept.map((promotion) => reduce(input, promotion, remaining, "goods"));

  const goods = remaining.lines.reduce((sum, amount) => sum + amount, 0);
  const weightGrams = lines.reduce((sum, line) => sum + (line.weightGrams ?? 0) * line.quantity, 0);
  const price =
    shippingOption && lines.length > 0 ? shippingPrice(shippingOption, { currency, goods, weightGrams, quotes }) : null;
  remaining.shipping = price?.amount ?? 0;
  const onShipping = chosen.kept.map((promotion) => reduce(input, promotion, remaining, "shipping"));

  const parts = taxedParts(lines, remaining);
  const quoted = input.quotedTaxes(parts);
  const taxLines = quoted ?? taxLinesOf({ currency, place: input.taxPlace, rates: input.taxRates, ...parts });
  const priced = lines.map((line, place) => {
    const total = money(remaining.lines[place] ?? 0, currency);
    return pricedLine(line, { total, ...taxAt(taxLines, place, currency) });
  });
  const applied = chosen.kept.map((promotion, place) => ({
    promotion,
    discount: money((onGoods[place] ?? 0) + (onShipping[place] ?? 0), currency),
  }));
  return {
    lines: priced,
    shipping: shippingOption && price ? { option: shippingOption, price } : null,
    shippingDiscount: money((price?.amount ?? 0) - remaining.shipping, currency),
    applied,
    refused: chosen.refused,
    taxLines,
    isTaxQuoted: quoted !== null,
    totals: totalsOf(currency, { gross, applied, price, taxLines }),
  };
}

/** By priority; one that does not stack goes alone: nothing before it and nothing after it. */
function chooseTogether({ promotions, lines, shopper, currency }: PricingInput) {
  const refused = new Map<Promotion["id"], PromotionRefusal>();
  const kept: Promotion[] = [];
  const inOrder = [...promotions].sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
  for (const promotion of inOrder) {
    const eligible = eligibleLines(promotion, { lines, shopper });
    const isAlone = kept.some((earlier) => !earlier.isStackable) || (!promotion.isStackable && kept.length > 0);
    if (typeof eligible === "string") refused.set(promotion.id, eligible);
    else if (promotion.effect.kind === "fixed" && promotion.effect.amounts[currency] === undefined) {
      refused.set(promotion.id, "not_in_this_currency");
    } else if (isAlone) refused.set(promotion.id, "not_combinable");
    else kept.push(promotion);
  }
  return { kept, refused };
}

/** Applies the part of a promotion that reduces the goods, or the part that reduces shipping. Answers minor units. */
function reduce(input: PricingInput, promotion: Promotion, remaining: Remaining, part: "goods" | "shipping"): number {
  const eligible = eligibleLines(promotion, input);
  if (typeof eligible === "string") return 0;
  const reduction = reductionOf(promotion.effect, { lines: input.lines, places: eligible, remaining });
  if (part === "shipping") {
    remaining.shipping -= reduction.shipping;
    return reduction.shipping;
  }
  // The goods are reduced while shipping still stands at zero, so an effect on shipping takes nothing here.
  let off = 0;
  for (const [place, amount] of reduction.lines) {
    remaining.lines[place] = (remaining.lines[place] ?? 0) - amount;
    off += amount;
  }
  return off;
}

function taxedParts(lines: readonly PricingLine[], remaining: Remaining): TaxedParts {
  const taxed = lines.map(({ sku, productId, taxClass, taxShares, quantity }, place) => {
    return { sku, productId, taxClass, taxShares, quantity, amount: remaining.lines[place] ?? 0 };
  });
  return { lines: taxed, shipping: remaining.shipping };
}

type Settled = Pick<PricedLine, "total" | "tax" | "taxIncluded">;

function pricedLine({ sku, quantity, unitPrice }: PricingLine, settled: Settled): PricedLine {
  const discount = subtractMoney(multiplyMoney(unitPrice, quantity), settled.total);
  return { sku, quantity, unitPrice, discount, ...settled };
}

interface TotalParts {
  readonly gross: readonly Money[];
  readonly applied: readonly AppliedPromotion[];
  readonly price: Money | null;
  readonly taxLines: readonly TaxLine[];
}

function totalsOf(currency: Currency, parts: TotalParts): TotalsView {
  const subtotal = sumMoney(parts.gross, currency);
  const discounts = parts.applied.map((one) => one.discount);
  const discount = sumMoney(discounts, currency);
  const shipping = parts.price ?? zero(currency);
  const taxes = parts.taxLines.map((line) => line.amount);
  const added = parts.taxLines.filter((line) => !line.included).map((line) => line.amount);
  const total = addMoney(addMoney(subtractMoney(subtotal, discount), shipping), sumMoney(added, currency));
  return { subtotal, discount, shipping, tax: sumMoney(taxes, currency), total };
}

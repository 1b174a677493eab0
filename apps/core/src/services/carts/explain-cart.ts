import { type Money, money } from "@stoa/kernel";
import type { CartRuleView } from "@stoa/read-models";
import { type PriceQuestion, priceInForce, priceRefusal, priorityOf } from "../catalog/index.ts";
import type { Cover, Credit } from "./cart-credits.ts";
import type { OfferedLine, PricedCart } from "./price-cart.ts";
import { SHIPPING_TAX_CLASS, type TaxLine, type TaxRate, taxedAmounts, taxRateFor } from "./tax.ts";

/**
 * Every rule that was looked at for a cart, whether it was used, and why or why not. What a stranger must not learn stays out:
 * the amounts of other people's prices, and codes that are not on the cart.
 */
export function explainCart(priced: PricedCart, cover: Cover): CartRuleView[] {
  return [
    ...priced.lines.flatMap((line) => priceRules(priced, line)),
    ...priced.unavailable.map(({ sku }): CartRuleView => ({ rule: "price", sku, ...refused("not_for_sale") })),
    ...promotionRules(priced),
    ...shippingRules(priced),
    ...taxRules(priced),
    ...creditRules(priced, cover),
  ];
}

/** Why one that is empty is so, nobody is told: it may have ended, been spent, or be held for another order. */
function creditRules({ cart }: PricedCart, { shares, excluded = [] }: Cover): CartRuleView[] {
  const named = ({ id, kind, last4 }: Credit) => ({ rule: kind, id, ...(last4 !== null && { last4 }) });
  return [
    ...shares.map(({ credit, amount }): CartRuleView => {
      if (amount.amount > 0) return { ...named(credit), ...used("pays"), amount };
      return { ...named(credit), ...refused(credit.available > 0 ? "nothing_due" : "nothing_left") };
    }),
    ...excluded.map((credit): CartRuleView => {
      const isOther = credit.currency !== cart.currency;
      return { ...named(credit), ...refused(isOther ? "other_currency" : "another_customers") };
    }),
  ];
}

function used<R extends string>(reason: R) {
  return { outcome: "used" as const, reason };
}

function refused<R extends string>(reason: R) {
  return { outcome: "refused" as const, reason };
}

function priceRules({ evidence }: PricedCart, { sku, quantity, unitPrice, offer }: OfferedLine): CartRuleView[] {
  const { currency } = unitPrice;
  const { channel } = offer;
  const question: PriceQuestion = {
    ...{ currency, now: evidence.now, quantity, customerGroups: evidence.groups },
    ...(channel && { channel }),
  };
  const prices = offer.prices ?? [{ currency, amount: unitPrice.amount }];
  const inForce = priceInForce(prices, question);
  return prices.map((price): CartRuleView => {
    const refusal = priceRefusal(price, question);
    const { minQuantity, list, name } = price;
    const named = { ...(list && { id: list }), ...(name !== undefined && { name }) };
    const shown = refusal === "needs_customer_group" ? {} : { ...named, amount: money(price.amount, currency) };
    const rule = { rule: "price" as const, sku, ...(minQuantity !== undefined && { minQuantity }), ...shown };
    if (refusal !== null) return { ...rule, ...refused(refusal) };
    if (price === inForce) return { ...rule, ...used(priorityOf(price) > 0 ? "highest_priority" : "lowest_price") };
    const isBehind = inForce !== null && priorityOf(price) < priorityOf(inForce);
    return { ...rule, ...refused(isBehind ? "lower_priority" : "not_lowest") };
  });
}

function promotionRules({ evidence, pricing, refusedPromotions, cart }: PricedCart): CartRuleView[] {
  const known = evidence.terms.promotions.map((promotion): CartRuleView => {
    const { id, name, code } = promotion;
    const rule = { rule: "promotion" as const, id, name, ...(code !== null && { code }) };
    const refusal = refusedPromotions.get(id);
    if (refusal) return { ...rule, ...refused(refusal) };
    const amount = pricing.applied.find((one) => one.promotion.id === id)?.discount;
    if (!amount || amount.amount === 0) return { ...rule, ...refused("takes_nothing_off") };
    return { ...rule, ...used("applied"), amount };
  });
  const existing = new Set(evidence.terms.promotions.map((promotion) => promotion.code?.toUpperCase()));
  const unknown = cart.promotionCodes.filter((code) => !existing.has(code.toUpperCase()));
  return [...known, ...unknown.map((code): CartRuleView => ({ rule: "promotion", code, ...refused("unknown_code") }))];
}

function shippingRules({ evidence, shippingMethods, cart, pricing }: PricedCart): CartRuleView[] {
  const { shippingOptions, otherOptions } = evidence.terms;
  const chosen = pricing.shipping?.option.id;
  const here = shippingOptions.map((option): CartRuleView => {
    const { id, name } = option;
    const rule = { rule: "shipping" as const, id, name };
    const amount = shippingMethods.find((method) => method.id === id)?.price;
    if (amount) return { ...rule, ...(id === chosen ? used("chosen") : refused("not_chosen")), amount };
    const rate = option.rates[cart.currency];
    if (!rate) return { ...rule, ...refused("not_in_this_currency") };
    return { ...rule, ...refused(rate.kind === "calculated" ? "no_quote" : "no_tier_fits") };
  });
  const elsewhere = otherOptions.map(({ id, name }): CartRuleView => {
    return { rule: "shipping", id, name, ...refused("other_zone") };
  });
  return [...here, ...elsewhere];
}

function taxRules({ lines, pricing, evidence, cart }: PricedCart): CartRuleView[] {
  const place = cart.shippingAddress ?? cart.billingAddress;
  const rates = evidence.terms.taxRates;
  const { currency } = cart;
  const parts = [
    ...lines.flatMap(({ sku, offer, total }, position) => {
      const line = { taxClass: offer.taxClass, taxShares: offer.taxShares, amount: total.amount };
      const classes = place && !pricing.isTaxQuoted ? taxedAmounts(line, { rates, place, currency }) : [line];
      return classes.map(({ taxClass }) => ({ sku, taxClass, position }));
    }),
    ...(pricing.shipping ? [{ sku: undefined, taxClass: SHIPPING_TAX_CLASS, position: null }] : []),
  ];
  if (pricing.isTaxQuoted) return parts.flatMap((part) => quotedRules(pricing, part));
  const applied = new Set<TaxRate>();
  const told = new Set<TaxLine>();
  const onParts = parts.map(({ sku, taxClass, position }): CartRuleView => {
    const rule = { rule: "tax" as const, taxClass, ...(sku !== undefined && { sku }) };
    if (!place) return { ...rule, ...refused("address_unknown") };
    const rate = taxRateFor(rates, place, taxClass);
    if (!rate) return { ...rule, ...refused("no_rate") };
    applied.add(rate);
    const { name, basisPoints } = rate;
    // Two classes of a kit's parts may be taxed by rates of one name; their lines come in the order of the classes.
    const taxLine = pricing.taxLines.find(
      (line) => line.position === position && line.name === name && line.basisPoints === basisPoints && !told.has(line),
    );
    if (taxLine) told.add(taxLine);
    const amount: Money | undefined = taxLine?.amount;
    const reason = rate.region === "" ? used("rate_of_country") : used("rate_of_region");
    return { ...rule, name, basisPoints, ...reason, ...(amount && { amount }) };
  });
  const classes = new Set(parts.map((part) => part.taxClass));
  const idle = rates.filter((rate) => !applied.has(rate));
  return [...onParts, ...idle.map((rate) => idleRate(rate, classes))];
}

type TaxedPart = { readonly sku: string | undefined; readonly taxClass: string; readonly position: number | null };

function quotedRules(pricing: PricedCart["pricing"], { sku, taxClass, position }: TaxedPart): CartRuleView[] {
  const rule = { rule: "tax" as const, taxClass, ...(sku !== undefined && { sku }) };
  const lines = pricing.taxLines.filter((line) => line.position === position);
  if (lines.length === 0) return [{ ...rule, ...refused("no_rate") }];
  return lines.map(({ name, basisPoints, amount }) => ({ ...rule, name, basisPoints, ...used("quoted"), amount }));
}

function idleRate({ name, taxClass, basisPoints, region }: TaxRate, classes: ReadonlySet<string>): CartRuleView {
  const rule = { rule: "tax" as const, name, taxClass, basisPoints };
  if (!classes.has(taxClass)) return { ...rule, ...refused("class_not_in_cart") };
  return { ...rule, ...refused(region === "" ? "region_goes_first" : "other_region") };
}

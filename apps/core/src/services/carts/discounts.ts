import { allocate, allocateWithin, type Currency, money, roundToCharge, shareOf } from "@stoa/kernel";
import type { PricingLine } from "./pricing.ts";
import type { PromotionEffect } from "./promotion.ts";

/** What is still to be paid while promotions are applied one after another; minor units. */
export interface Remaining {
  readonly currency: Currency;
  /** By place of the line. */
  readonly lines: number[];
  shipping: number;
}

/** What an effect takes off each line, by place, and off shipping. Never more than remains. */
export interface Reduction {
  readonly lines: ReadonlyMap<number, number>;
  readonly shipping: number;
}

const NOTHING: Reduction = { lines: new Map(), shipping: 0 };

interface Basket {
  readonly lines: readonly PricingLine[];
  readonly places: readonly number[];
  readonly remaining: Remaining;
}

/** What an effect takes off the named lines and off shipping. */
export function reductionOf(effect: PromotionEffect, basket: Basket): Reduction {
  const { lines, places, remaining } = basket;
  const { currency } = remaining;
  switch (effect.kind) {
    case "free_shipping":
      return { ...NOTHING, shipping: remaining.shipping };
    case "buy_x_get_y": {
      const off = unitsReduced(effect, { lines, places, remaining });
      return onLines(places, (place) => off.get(place) ?? 0, remaining);
    }
    case "percent": {
      const share = (amount: number) => shareOf(money(amount, currency), effect.basisPoints).amount;
      if (effect.target === "shipping")
        return { ...NOTHING, shipping: Math.min(share(remaining.shipping), remaining.shipping) };
      if (effect.target === "items") return onLines(places, (place) => share(remaining.lines[place] ?? 0), remaining);
      return spread(places, share(sumOf(places, remaining)), remaining);
    }
    case "fixed": {
      const off = roundToCharge(money(effect.amounts[currency] ?? 0, currency)).amount;
      if (effect.target === "shipping") return { ...NOTHING, shipping: Math.min(off, remaining.shipping) };
      if (effect.target === "items") {
        return onLines(places, (place) => off * (lines[place]?.quantity ?? 0), remaining);
      }
      return spread(places, off, remaining);
    }
  }
}

function onLines(places: readonly number[], off: (place: number) => number, remaining: Remaining): Reduction {
  const lines = places.map((place): [number, number] => [place, Math.min(off(place), remaining.lines[place] ?? 0)]);
  return { ...NOTHING, lines: new Map(lines) };
}

/** One amount over the lines, by what remains of each, in amounts that can be charged, without losing a minor unit. */
function spread(places: readonly number[], off: number, remaining: Remaining): Reduction {
  const whole = money(Math.min(off, sumOf(places, remaining)), remaining.currency);
  const shares = allocateWithin(
    whole,
    places.map((place) => remaining.lines[place] ?? 0),
  );
  return { ...NOTHING, lines: new Map(places.map((place, index) => [place, shares[index]?.amount ?? 0])) };
}

function sumOf(places: readonly number[], remaining: Remaining): number {
  return places.reduce((sum, place) => sum + (remaining.lines[place] ?? 0), 0);
}

/**
 * The units taken together, dearest first: the cheapest of all, `get` for each full group, are reduced. What one costs is what earlier
 * promotions have left of it, so that no unit is given away twice.
 */
function unitsReduced(
  effect: Extract<PromotionEffect, { kind: "buy_x_get_y" }>,
  { lines, places, remaining }: Basket,
): Map<number, number> {
  const priced = places.flatMap((place) => {
    const line = lines[place];
    return line ? [{ place, unit: line.unitPrice, quantity: line.quantity }] : [];
  });
  const units = priced.reduce((sum, line) => sum + line.quantity, 0);
  const groups = Math.floor(units / (effect.buy + effect.get));
  let reduced = Math.min(groups, effect.repetitionsMax ?? groups) * effect.get;
  const off = new Map<number, number>();
  for (const line of priced.sort((left, right) => left.unit.amount - right.unit.amount || left.place - right.place)) {
    const taken = Math.min(line.quantity, reduced);
    const rest = money(remaining.lines[line.place] ?? 0, remaining.currency);
    const [ofTaken = rest] = allocate(rest, [taken, line.quantity - taken]);
    off.set(line.place, shareOf(ofTaken, effect.basisPoints).amount);
    reduced -= taken;
  }
  return off;
}

import type { Instant, ProductId } from "@stoa/kernel";
import type { Sale } from "../../services/catalog/index.ts";

const DAY_MS = 86_400_000;
export const PRODUCTS = 300;
const CATEGORIES = 12;
const DAYS = 60;

/** What a shop's baskets are filled by. */
export interface LogShape {
  readonly orders: number;
  /** Part of what is bought that does not depend on what is in the basket, 0 to 1. */
  readonly chance: number;
  /** What the rest goes with: one of two partners of what was bought, or anything of its category. */
  readonly rest: "partners" | "category";
}

/** A number from 0 to below 1, the same ones each time (a linear congruence). */
function numbers(): () => number {
  let state = 1n;
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number(state >> 33n) / 2 ** 31;
  };
}

export const productOf = (at: number) => `prod_${String(at).padStart(3, "0")}` as ProductId;
export const categoriesOf = new Map(
  Array.from({ length: PRODUCTS }, (_, at) => [productOf(at) as string, `c${(at * 7) % CATEGORIES}`] as const),
);

/** Orders up to now, the newest last. Products sell by their number: the first most, each further one less (Zipf). */
export function orderLog({ orders, chance, rest }: LogShape, now: Instant): Sale[] {
  const random = numbers();
  const anything = () => Math.min(PRODUCTS - 1, Math.floor(PRODUCTS ** random() - 1));
  const withIt = (at: number) =>
    rest === "partners"
      ? (at * 31 + 17 + Math.floor(random() * 2)) % PRODUCTS
      : (at + CATEGORIES * Math.floor(random() * (PRODUCTS / CATEGORIES))) % PRODUCTS;
  return Array.from({ length: orders }, (_, order) => {
    const first = anything();
    const more = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      random() < chance ? anything() : withIt(first),
    );
    const ids = [...new Set([first, ...more])].map(productOf);
    const at = (now - (1 - order / orders) * DAYS * DAY_MS) as Instant;
    return { at, items: ids.map((productId) => ({ productId, units: 1 })) };
  });
}

import type { Instant } from "@stoa/kernel";
import type { Sale } from "../services/catalog/index.ts";

const DAY_MS = 86_400_000;
/** A sale counts half as much after this many days. */
const HALF_LIFE_DAYS = 30;
/** Products of one order that are paired: a bulk order would otherwise tie everything to everything. */
const PRODUCTS_PER_ORDER_MAX = 20;
/** Partners of one product that are remembered, and how many of them stay when there are more. */
const PARTNERS_MAX = 600;
const PARTNERS_KEPT = 300;

export interface SalesTally {
  /** Units by product id. */
  readonly sold: ReadonlyMap<string, number>;
  /** How well each sells at present: recent orders count more, and a hundred units of one order not a hundred times. */
  readonly trend: ReadonlyMap<string, number>;
  /** Orders with the product, recent ones counting more. */
  readonly orders: ReadonlyMap<string, number>;
  /** By product id: how often it was bought with others, the less the more was in the basket. */
  readonly together: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** All orders, recent ones counting more. */
  readonly total: number;
}

/** Counts what was sold, and what was sold together. Memory is bounded by the products, not by the orders. */
export async function tallySales(sales: AsyncIterable<Sale>, now: Instant): Promise<SalesTally> {
  const [sold, trend, orders] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const together = new Map<string, Map<string, number>>();
  let total = 0;
  for await (const { at, items } of sales) {
    const recency = 0.5 ** (Math.max(0, now - at) / (HALF_LIFE_DAYS * DAY_MS));
    total += recency;
    for (const { productId, units } of items) {
      add(sold, productId, units);
      add(trend, productId, recency * (1 + Math.log(units)));
      add(orders, productId, recency);
    }
    const ids = [...new Set(items.map((item) => item.productId))].slice(0, PRODUCTS_PER_ORDER_MAX);
    const weight = recency / Math.sqrt(Math.max(1, ids.length - 1));
    for (const one of ids) for (const other of ids) if (one !== other) addPair(together, one, other, weight);
  }
  return { sold, trend, orders, together, total };
}

function add(counts: Map<string, number>, id: string, by: number): void {
  counts.set(id, (counts.get(id) ?? 0) + by);
}

function addPair(together: Map<string, Map<string, number>>, one: string, other: string, weight: number): void {
  let partners = together.get(one) ?? new Map<string, number>();
  add(partners, other, weight);
  if (partners.size > PARTNERS_MAX) {
    partners = new Map([...partners].sort(([, left], [, right]) => right - left).slice(0, PARTNERS_KEPT));
  }
  together.set(one, partners);
}

/** Ids by a count, the highest first, equal ones by id. */
export function byCount(counts: Iterable<readonly [string, number]>): string[] {
  return [...counts]
    .sort(([leftId, left], [rightId, right]) => right - left || (leftId < rightId ? -1 : 1))
    .map(([id]) => id);
}

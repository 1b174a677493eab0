import type { Instant } from "@stoa/kernel";
import type { Sale } from "../services/catalog/index.ts";

const DAY_MS = 86_400_000;
/** A sale counts half as much after this many days. */
const HALF_LIFE_DAYS = 30;
/** Products of one order that are paired: a bulk order would otherwise tie everything to everything. */
const PRODUCTS_PER_ORDER_MAX = 20;
/** Once so many pairs have been counted, further orders are looked at more sparingly: large baskets cost memory by the square. */
const PAIRS_MAX = 2_000_000;
const PRODUCTS_PER_ORDER_LATER = 8;
/** Orders that are kept whole at most, spread over the window, to judge by them what was counted. */
const SAMPLE_MAX = 3_000;
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
  /** By product id: the sum of how often it was bought with others. */
  readonly paired: ReadonlyMap<string, number>;
  /** Some of the orders of several products, as they were counted. */
  readonly sample: readonly SampleOrder[];
}

/** An order as it went into the counts. */
export interface SampleOrder {
  /** The products that were paired, each once. */
  readonly ids: readonly string[];
  /** What it counts, 1 or, if it is old, less. */
  readonly recency: number;
  /** What each pair in it counts. */
  readonly weight: number;
}

/** Counts what was sold, and what was sold together. Memory is bounded by the products, not by the orders. */
export async function tallySales(sales: AsyncIterable<Sale>, now: Instant): Promise<SalesTally> {
  const [sold, trend, orders] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const [together, paired] = [new Map<string, Map<string, number>>(), new Map<string, number>()];
  const sample = new Sample();
  let [count, pairs] = [0, 0];
  for await (const { at, items } of sales) {
    const recency = 0.5 ** (Math.max(0, now - at) / (HALF_LIFE_DAYS * DAY_MS));
    for (const { productId, units } of items) {
      add(sold, productId, units);
      add(trend, productId, recency * (1 + Math.log(units)));
      add(orders, productId, recency);
    }
    const most = pairs < PAIRS_MAX ? PRODUCTS_PER_ORDER_MAX : PRODUCTS_PER_ORDER_LATER;
    const ids = someOf([...new Set(items.map((item) => item.productId))], { most, order: count });
    count += 1;
    pairs += ids.length * (ids.length - 1);
    if (ids.length < 2) continue;
    const weight = recency / Math.sqrt(ids.length - 1);
    for (const one of ids) {
      add(paired, one, weight * (ids.length - 1));
      for (const other of ids) if (one !== other) addPair(together, one, other, weight);
    }
    sample.offer({ ids, recency, weight });
  }
  return { sold, trend, orders, together, paired, sample: sample.orders };
}

/** As many products as are paired; of a larger order not always the first, or what stands last would never be paired. */
function someOf(ids: readonly string[], { most, order }: { most: number; order: number }): readonly string[] {
  if (ids.length <= most) return ids;
  const from = (order * most) % ids.length;
  return [...ids.slice(from), ...ids.slice(0, from)].slice(0, most);
}

/** Every n-th of the orders; n doubles whenever there are too many. */
class Sample {
  #orders: SampleOrder[] = [];
  #every = 1;
  #offered = 0;

  get orders(): readonly SampleOrder[] {
    return this.#orders;
  }

  offer(order: SampleOrder): void {
    if (this.#offered % this.#every === 0) this.#orders.push(order);
    this.#offered += 1;
    if (this.#orders.length <= SAMPLE_MAX) return;
    this.#orders = this.#orders.filter((_, at) => at % 2 === 0);
    this.#every *= 2;
  }
}

function add(counts: Map<string, number>, id: string, by: number): void {
  counts.set(id, (counts.get(id) ?? 0) + by);
}

function addPair(together: Map<string, Map<string, number>>, one: string, other: string, weight: number): void {
  const partners = together.get(one) ?? new Map<string, number>();
  add(partners, other, weight);
  together.set(one, partners.size > PARTNERS_MAX ? mostOf(partners, PARTNERS_KEPT) : partners);
}

/** The entries of the highest counts. */
export function mostOf(counts: ReadonlyMap<string, number>, kept: number): Map<string, number> {
  return new Map([...counts].sort(([, left], [, right]) => right - left).slice(0, kept));
}

/** Ids by a count, the highest first, equal ones by id. */
export function byCount(counts: Iterable<readonly [string, number]>): string[] {
  return [...counts]
    .sort(([leftId, left], [rightId, right]) => right - left || (leftId < rightId ? -1 : 1))
    .map(([id]) => id);
}

import type { SoldItem } from "../services/catalog/index.ts";

export const TOGETHER_MAX = 20;
/** Products of one order that are paired: a bulk order would otherwise tie everything to everything. */
const PRODUCTS_PER_ORDER_MAX = 20;

export interface SalesTally {
  /** Units by product id. */
  readonly sold: ReadonlyMap<string, number>;
  /** By product id: what was bought in the same orders, the most frequent first. */
  readonly together: ReadonlyMap<string, readonly string[]>;
}

/** Counts what was sold, and what was sold together. */
export async function tallySales(orders: AsyncIterable<readonly SoldItem[]>): Promise<SalesTally> {
  const sold = new Map<string, number>();
  const pairs = new Map<string, Map<string, number>>();
  for await (const items of orders) {
    for (const { productId, units } of items) sold.set(productId, (sold.get(productId) ?? 0) + units);
    const ids = [...new Set(items.map((item) => item.productId))].slice(0, PRODUCTS_PER_ORDER_MAX);
    for (const one of ids) for (const other of ids) if (one !== other) countPair(pairs, one, other);
  }
  const together = new Map(
    [...pairs].map(([id, counts]) => [
      id,
      [...counts]
        .sort(([leftId, left], [rightId, right]) => right - left || (leftId < rightId ? -1 : 1))
        .slice(0, TOGETHER_MAX)
        .map(([other]) => other),
    ]),
  );
  return { sold, together };
}

function countPair(pairs: Map<string, Map<string, number>>, one: string, other: string): void {
  const counts = pairs.get(one) ?? new Map<string, number>();
  counts.set(other, (counts.get(other) ?? 0) + 1);
  pairs.set(one, counts);
}

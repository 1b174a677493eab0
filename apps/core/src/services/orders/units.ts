import { problem } from "@stoa/kernel";

/** Units of a SKU, as people name them. */
export interface Item {
  readonly sku: string;
  /** Whole units, 1 or more. */
  readonly quantity: number;
}

/** Units of one order line. */
export interface LineUnit<L> {
  readonly line: L;
  readonly quantity: number;
}

/**
 * Finds the lines that items mean: a SKU may stand on several, which are taken from in their order, as far as each has free units.
 * @throws problem `sku_unknown` for a SKU that the order has not, `state_conflict` when fewer units are free.
 */
export function pickUnits<L extends { readonly sku: string }>(
  lines: readonly L[],
  items: readonly Item[],
  freeOf: (line: L) => number,
): LineUnit<L>[] {
  const free = new Map(lines.map((line) => [line, freeOf(line)]));
  const picked = new Map<L, number>();
  for (const { sku, quantity } of items) {
    const own = lines.filter((line) => line.sku === sku);
    if (own.length === 0) throw problem("sku_unknown", { detail: `The order has no ${sku}.` });
    let missing = quantity;
    for (const line of own) {
      const taken = Math.min(free.get(line) ?? 0, missing);
      missing -= taken;
      free.set(line, (free.get(line) ?? 0) - taken);
      if (taken > 0) picked.set(line, (picked.get(line) ?? 0) + taken);
    }
    if (missing > 0) {
      throw problem("state_conflict", {
        detail: `${sku}: only ${quantity - missing} of ${quantity} units are left for this.`,
      });
    }
  }
  return [...picked].map(([line, quantity]) => ({ line, quantity }));
}

/** All free units. */
export function pickAll<L>(lines: readonly L[], freeOf: (line: L) => number): LineUnit<L>[] {
  return lines.map((line) => ({ line, quantity: freeOf(line) })).filter(({ quantity }) => quantity > 0);
}

/** Units for people to read: `2 × SKU-1, 1 × SKU-2`. */
export function describeUnits(units: readonly LineUnit<{ readonly sku: string }>[]): string {
  return units.map(({ line, quantity }) => `${quantity} × ${line.sku}`).join(", ");
}

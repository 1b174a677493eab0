import {
  outOfStock,
  type ReserveStock,
  type Shortage,
  type StockContext,
  type StockLine,
  tryReserveStock,
} from "../inventory/index.ts";

/** What one unit of a kit was made of when it was ordered. */
export interface OrderedPart {
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly trackInventory: boolean;
  readonly allowBackorder: boolean;
}

/** What holds for a SKU, or for each part of a kit. */
export interface Stocked {
  readonly sku: string;
  readonly quantity: number;
  readonly trackInventory: boolean;
  readonly allowBackorder: boolean;
  readonly parts?: readonly OrderedPart[] | null | undefined;
}

/**
 * Keeps what order lines want of the stock, all or nothing. A kit has none of its own: its parts are kept instead.
 * @throws problem `out_of_stock` with `items` by the SKUs that were ordered.
 */
export async function reserveUnits(
  context: StockContext,
  { lines, ...hold }: Omit<ReserveStock, "lines"> & { readonly lines: readonly Stocked[] },
): Promise<Extract<Awaited<ReturnType<typeof tryReserveStock>>, { kind: "reserved" }>> {
  const outcome = await tryReserveStock(context, { ...hold, lines: wantedStock(lines) });
  if (outcome.kind === "short") throw outOfStock(orderedShortages(lines, outcome.items));
  return outcome;
}

/** What lines want of the stock. */
export function wantedStock(lines: readonly Stocked[]) {
  return lines.flatMap(({ parts, ...own }) =>
    unitsOf(own, parts).map(({ sku, quantity, trackInventory: tracked, allowBackorder }) => {
      return { sku, quantity, policy: { tracked, allowBackorder } };
    }),
  );
}

/** Who ordered a kit knows nothing of its parts: each shortage is told of every line that it keeps from being had. */
export function orderedShortages(lines: readonly Stocked[], items: readonly Shortage[]): Shortage[] {
  const short = new Map(items.map((item) => [item.sku, item.available]));
  const told = new Map<string, Shortage>();
  for (const { parts, ...own } of lines) {
    const had = unitsOf({ ...own, quantity: 1 }, parts).flatMap(({ sku, quantity }) => {
      const available = short.get(sku);
      return available === undefined ? [] : [Math.floor(available / quantity)];
    });
    if (had.length === 0) continue;
    const requested = (told.get(own.sku)?.requested ?? 0) + own.quantity;
    told.set(own.sku, { sku: own.sku, requested, available: Math.min(...had) });
  }
  return [...told.values()];
}

function unitsOf(own: Omit<Stocked, "parts">, parts: Stocked["parts"]): Omit<Stocked, "parts">[] {
  return parts ? parts.map((part) => ({ ...part, quantity: part.quantity * own.quantity })) : [own];
}

interface LineOfStock {
  readonly sku: string;
  readonly parts?: readonly OrderedPart[] | null | undefined;
}

/** The stock that units of order lines are, as they were ordered. */
export function stockOf(units: readonly { readonly line: LineOfStock; readonly quantity: number }[]): StockLine[] {
  return units.flatMap(({ line: { sku, parts }, quantity }) =>
    parts ? parts.map((part) => ({ sku: part.sku, quantity: part.quantity * quantity })) : [{ sku, quantity }],
  );
}

import type { StateTable } from "@stoa/kernel";

export const locationKinds = ["warehouse", "store"] as const;
export type LocationKind = (typeof locationKinds)[number];

export type MovementKind =
  | "receipt"
  | "adjustment"
  | "count"
  | "transfer"
  | "reserve"
  | "release"
  | "allocate"
  | "deallocate"
  | "ship"
  | "return";

export const reservationTransitions = {
  held: ["committed", "released", "expired"],
  committed: ["consumed", "released"],
  consumed: [],
  released: [],
  expired: [],
} as const satisfies StateTable;
export type ReservationStatus = keyof typeof reservationTransitions;
export const reservationStatuses = ["held", "committed", "consumed", "released", "expired"] as const;

/** Units leave one place when the transfer is sent; each later receipt, loss or cancellation ends a part of it. */
export const transferTransitions = {
  in_transit: ["received", "cancelled"],
  received: [],
  cancelled: [],
} as const satisfies StateTable;
export type TransferState = keyof typeof transferTransitions;
export const transferStates = ["in_transit", "received", "cancelled"] as const;

export type AllocationStatus = "open" | "shipped" | "cancelled";

/** SKUs in one question about stock. */
export const STOCK_LINES_MAX = 100;
/** Lines in one reservation: those of a full cart, each a kit of as many parts as a kit may have. */
const RESERVED_LINES_MAX = 1_000;
/** Places that hold stock. */
export const LOCATIONS_MAX = 500;
/** The most units one level may hold, and that may be on their way to it. What all levels of a SKU hold goes beyond 32 bits. */
export const STOCK_UNITS_MAX = 1_000_000_000;

/** Units of one SKU. */
export interface StockLine {
  readonly sku: string;
  /** Whole units, 1 or more. */
  readonly quantity: number;
}

/** Whether a SKU's stock is counted at all, and whether it may be sold before it is there. */
export interface StockPolicy {
  readonly tracked: boolean;
  readonly allowBackorder: boolean;
}

/** A SKU of which fewer units can be had than were asked for. */
export interface Shortage {
  readonly sku: string;
  readonly requested: number;
  readonly available: number;
}

/** What can be bought of a SKU at once. */
export interface Availability {
  /** Units free over all locations, never below 0. */
  readonly available: number;
  readonly allowBackorder: boolean;
  readonly tracked: boolean;
  /** Grows with every change of the other members; 0 when the SKU has never had stock. */
  readonly version: number;
}

/**
 * One line for each SKU, in SKU order, so that two lines of one SKU are checked as a sum.
 * @throws RangeError for no lines, too many, or a quantity that is not a positive whole number.
 */
export function sumBySku<L extends StockLine>(lines: readonly L[]): L[] {
  if (lines.length > RESERVED_LINES_MAX) throw new RangeError(`more than ${RESERVED_LINES_MAX} lines`);
  const sums = new Map<string, L>();
  for (const line of lines) {
    if (!Number.isSafeInteger(line.quantity) || line.quantity < 1 || line.quantity > STOCK_UNITS_MAX) {
      throw new RangeError(`${line.quantity} is not a quantity`);
    }
    const known = sums.get(line.sku);
    sums.set(line.sku, known ? { ...known, quantity: known.quantity + line.quantity } : line);
  }
  return [...sums.values()].sort((left, right) => (left.sku < right.sku ? -1 : 1));
}

import type { StateTable } from "@stoa/kernel";
import type { FulfilmentState } from "@stoa/read-models";

/** Legal moves of a parcel. What has left the house cannot be cancelled: it comes back as a return. */
export const parcelStateTable = {
  created: ["packed", "shipped", "cancelled"],
  packed: ["shipped", "cancelled"],
  shipped: ["delivered"],
  delivered: [],
  cancelled: [],
} as const satisfies StateTable;
export type FulfilmentParcelState = keyof typeof parcelStateTable;

/** Units of an order line, by what has become of them. */
export interface LineUnits {
  readonly quantity: number;
  /** In a parcel, whether it has left or not. */
  readonly fulfilled: number;
  readonly shipped: number;
  readonly cancelled: number;
  readonly returnRequested: number;
  readonly returned: number;
}

/** Units that are neither in a parcel nor cancelled. */
export function openUnits({ quantity, fulfilled, cancelled }: LineUnits): number {
  return quantity - fulfilled - cancelled;
}

/** Units that the shopper has and no return is open for. */
export function returnableUnits({ shipped, returnRequested, returned }: LineUnits): number {
  return shipped - returnRequested - returned;
}

/** An order's fulfilment as the storefront API tells it: derived from the units of its lines, never set. */
export function fulfilmentStateOf(lines: readonly LineUnits[]): FulfilmentState {
  const sum = (units: (line: LineUnits) => number) => lines.reduce((total, line) => total + units(line), 0);
  const shipped = sum((line) => line.shipped);
  const returned = sum((line) => line.returned);
  const hasLeft = shipped === sum((line) => line.quantity - line.cancelled);
  if (shipped === 0) return "unfulfilled";
  if (returned > 0) return hasLeft && returned === shipped ? "returned" : "partially_returned";
  return hasLeft ? "fulfilled" : "partially_fulfilled";
}

/**
 * Where an order ends when nothing of it is left to ship: `completed` when something has left, `cancelled` when all of it was
 * cancelled, null while units wait.
 */
export function endOf(lines: readonly LineUnits[]): "completed" | "cancelled" | null {
  if (lines.some((line) => line.shipped + line.cancelled < line.quantity)) return null;
  return lines.some((line) => line.shipped > 0) ? "completed" : "cancelled";
}

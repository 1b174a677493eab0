import { z } from "zod";
import { availableAt, type LevelCounters, type StockRow } from "./stock-search.ts";

const UNITS_MAX = 1_000_000_000;

export const adjustmentKinds = [
  ["adjustment", "Correction: found, lost or broken"],
  ["receipt", "Receipt: goods came in"],
  ["return", "Return: a shopper sent them back"],
] as const;
export type AdjustmentKind = (typeof adjustmentKinds)[number][0];

export const adjustmentSchema = z.object({
  locationId: z.string().min(1, "Choose a location"),
  kind: z.enum(["adjustment", "receipt", "return"]),
  /** As typed: "12", "+12", "-3". */
  delta: z
    .string()
    .trim()
    .regex(/^[+\-−]?\d{1,10}$/, "A whole number, such as 12 or -3")
    .refine((text) => deltaOf(text) !== 0, "0 changes nothing")
    .refine((text) => Math.abs(deltaOf(text)) <= UNITS_MAX, "That is too many"),
  reason: z.string().trim().min(1, "Say why: it is kept with the movement").max(500, "At most 500 characters"),
});
export type Adjustment = z.infer<typeof adjustmentSchema>;

/** The number that was typed; 0 for what is none. A true minus sign counts as one. */
export function deltaOf(text: string): number {
  const value = Number(text.trim().replace("−", "-"));
  return Number.isSafeInteger(value) ? value : 0;
}

export interface Preview {
  readonly onHand: readonly [before: number, after: number];
  readonly available: readonly [before: number, after: number];
  /** Why core will refuse it, or null. */
  readonly refusal: string | null;
}

/** What an adjustment will lead to, before it is made. A place without the SKU has none of it. */
export function previewOf(row: StockRow, locationId: string, delta: number): Preview {
  const level = row.levels.find((candidate) => candidate.locationId === locationId) ?? emptyLevel;
  const free = level.onHand - level.reserved - level.allocated - level.buffer;
  const isShort = delta < 0 && free + delta < 0 && !row.allowBackorder;
  const before = availableAt(level);
  return {
    onHand: [level.onHand, level.onHand + delta],
    available: [before, Math.max(0, free + delta)],
    refusal: isShort ? `Only ${before} of them are free: the others are promised to buyers or kept back` : null,
  };
}

const emptyLevel: LevelCounters = {
  onHand: 0,
  reserved: 0,
  allocated: 0,
  buffer: 0,
};

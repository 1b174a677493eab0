import { idSchema } from "@stoa/kernel";
import { z } from "zod";
import { draftLineSchema } from "../draft.ts";

const LINES_MAX = 100;

const linesOf = <Line extends z.ZodType<{ readonly sku: string }>>(line: Line) =>
  z
    .array(line)
    .min(1)
    .max(LINES_MAX)
    .refine((lines) => new Set(lines.map(({ sku }) => sku)).size === lines.length, "names a SKU twice");

/** What shoppers would rather have than their money: units of other goods of the shop, at the prices of the day. */
export const exchangeWishSchema = linesOf(draftLineSchema.omit({ manualPrice: true }));
export type ExchangeWish = z.infer<typeof exchangeWishSchema>;

/** What staff give for goods that came back; a price by hand stands in the audit log with its reason. */
export const exchangeLinesSchema = linesOf(draftLineSchema);
export type ExchangeLines = Readonly<z.infer<typeof exchangeLinesSchema>>;

/** One of the shop's ways to ship; left out, the way of what replaces other goods costs nothing. */
export const exchangeShippingSchema = idSchema("shp").optional();

/** Who owes whom; minor units. One of `due` and `back` is 0. */
export interface ExchangeMoney {
  /** What the goods that came back pay of the replacement. */
  readonly covered: number;
  /** What is still to be paid for it. */
  readonly due: number;
  /** What is left of their value, and goes back. */
  readonly back: number;
}

/**
 * The price of an exchange: the goods that came back count for what had been paid for them, less the shop's fee; those that replace
 * them for what they cost, tax and shipping included.
 */
export function exchangeMoney(value: number, total: number): ExchangeMoney {
  const covered = Math.min(value, total);
  return { covered, due: total - covered, back: value - covered };
}

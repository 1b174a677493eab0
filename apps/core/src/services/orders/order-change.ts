import { allocateWithin, type Currency, money, SKU_LENGTH_MAX, type StateTable } from "@stoa/kernel";
import { z } from "zod";
import type { FrozenCart, FrozenLine } from "../carts/index.ts";
import { draftLineSchema } from "./draft.ts";
import { type LineUnits, openUnits } from "./fulfilment.ts";
import { type LinePrice, type PaidLine, paidFor, paidForUnits } from "./line-money.ts";
import type { OrderedPart } from "./stock-units.ts";
import { type Item, type LineUnit, pickUnits } from "./units.ts";

/** Legal moves of an edit. One that costs nothing more is `applied` as it is made. */
export const orderChangeStateTable = {
  awaiting_payment: ["applied", "expired", "cancelled"],
  applied: [],
  expired: [],
  cancelled: [],
} as const satisfies StateTable;
export type OrderChangeState = keyof typeof orderChangeStateTable;

const ITEMS_MAX = 100;

/** What staff want changed: units taken out, and lines put in at the prices of now (or by hand, with a reason). */
export const changeContentSchema = z
  .strictObject({
    remove: z
      .array(z.strictObject({ sku: z.string().min(1).max(SKU_LENGTH_MAX), quantity: z.int().min(1).max(999) }))
      .max(ITEMS_MAX)
      .default([]),
    add: z.array(draftLineSchema).max(ITEMS_MAX).default([]),
  })
  .refine(({ remove, add }) => remove.length + add.length > 0, "changes nothing")
  .refine(({ remove, add }) => isOnce(remove) && isOnce(add), "names a SKU twice");
export type ChangeContent = z.infer<typeof changeContentSchema>;

function isOnce(lines: readonly { readonly sku: string }[]): boolean {
  return new Set(lines.map((line) => line.sku)).size === lines.length;
}

/** A line as it will stand in the order; amounts are minor units of the order's currency. */
export interface AddedLine extends LinePrice {
  readonly sku: string;
  readonly productId: string;
  readonly title: string;
  readonly options: Readonly<Record<string, string>>;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly discount: number;
  readonly trackInventory: boolean;
  readonly allowBackorder: boolean;
  readonly parts?: readonly OrderedPart[];
  readonly taxes: readonly {
    readonly name: string;
    readonly basisPoints: number;
    readonly included: boolean;
    readonly taxable: number;
    readonly amount: number;
  }[];
}

/** What was priced, line by line, as it will stand in the order. */
export function addedLine(line: FrozenLine, taxes: FrozenCart["taxLines"]): AddedLine {
  const { sku, productId, title, options, quantity, taxIncluded, trackInventory, allowBackorder, parts } = line;
  return {
    ...{
      sku,
      productId,
      title,
      options,
      quantity,
      taxIncluded,
      trackInventory,
      allowBackorder,
      ...(parts && { parts }),
    },
    unitPrice: line.unitPrice.amount,
    discount: line.discount.amount,
    tax: line.tax.amount,
    total: line.total.amount,
    taxes: taxes.map(({ name, basisPoints, included, taxable, amount }) => {
      return { name, basisPoints, included, taxable: taxable.amount, amount: amount.amount };
    }),
  };
}

type OrderLine = PaidLine & LineUnits & { readonly sku: string };

/** What an edit does to an order's money; minor units. */
export interface ChangeMoney<L> {
  /** `setOff` is the part of `paid` that pays for what is put in; the rest is owed. */
  readonly removed: readonly (LineUnit<L> & { readonly paid: number; readonly setOff: number })[];
  /** What was paid for what is taken out, its share of shipping included. */
  readonly back: number;
  /** What is put in costs, tax and all. */
  readonly more: number;
  /** The part of either that the other pays for. */
  readonly setOff: number;
  /** What the order costs more, with a minus what it costs less. */
  readonly difference: number;
}

/**
 * Units are taken out from a line's end, as cancelled ones are, so that parts of an order, however it is cut, add up.
 * @throws problem `sku_unknown`, or `state_conflict` when fewer units are in no parcel.
 */
export function changeMoney<L extends OrderLine>(
  lines: readonly L[],
  { removed, added }: { readonly removed: readonly Item[]; readonly added: readonly AddedLine[] },
  currency: Currency,
): ChangeMoney<L> {
  const units = pickUnits(lines, removed, openUnits).map(({ line, quantity }) => {
    const from = line.quantity - line.cancelled - quantity;
    return { line, quantity, paid: paidForUnits(line, { from, count: quantity }, { currency, withShipping: true }) };
  });
  const back = units.reduce((sum, { paid }) => sum + paid, 0);
  const more = added.reduce((sum, line) => sum + paidFor(line), 0);
  const setOff = Math.min(back, more);
  const paid = units.map((unit) => unit.paid);
  const owed = units.length === 0 ? [] : allocateWithin(money(back - setOff, currency), paid);
  const out = units.map((unit, place) => ({ ...unit, setOff: unit.paid - (owed[place]?.amount ?? 0) }));
  return { removed: out, back, more, setOff, difference: more - back };
}

export interface OrderAmounts {
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
  readonly setOff: number;
}

/** An order's amounts once the lines stand in it. What is taken out stays counted, as what is cancelled does: it is paid back, or set off. */
export function amountsAfter<A extends OrderAmounts>(
  before: A,
  added: readonly AddedLine[],
  setOff: number,
): OrderAmounts {
  const sum = (of: (line: AddedLine) => number) => added.reduce((total, line) => total + of(line), 0);
  return {
    subtotal: before.subtotal + sum((line) => line.unitPrice * line.quantity),
    discount: before.discount + sum((line) => line.discount),
    tax: before.tax + sum((line) => line.tax),
    total: before.total + sum(paidFor),
    setOff: before.setOff + setOff,
  };
}

import { expect } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { type CommittedChange, commitChange, previewChange } from "../change-order.ts";
import { paidForKept } from "../line-money.ts";
import { linesOf } from "../lock-order.ts";
import { type ChangeContent, changeContentSchema } from "../order-change.ts";
import { payChange } from "../pay-change.ts";
import { order, orderChange } from "../tables.ts";
import { act, staffWith } from "./after-sale.ts";
import { card, leftBehind, type Shop } from "./checkout.ts";

/** A member of staff who may set prices by hand. */
export const pricer = staffWith("orders:read", "orders:write", "orders:price");

export const one = (sku: string, quantity = 1) => ({ sku, quantity });

/** Units of a SKU at a price by hand. */
export const at = (sku: string, amount: number, quantity = 1) => ({
  sku,
  quantity,
  manualPrice: { amount, reason: "agreed" },
});

/** Previews an edit and makes just that, or one that was previewed before. */
export async function edit(
  shop: Shop,
  orderId: OrderId,
  change: Partial<ChangeContent>,
  version?: number,
): Promise<CommittedChange> {
  const wanted = { orderId, content: changeContentSchema.parse(change) };
  const seen = version ?? (await act(shop, (context) => previewChange(shop.orders, context, wanted), pricer)).version;
  const commit = { ...wanted, version: seen, reason: "they called", expiresInSeconds: 3_600 };
  return act(shop, (context) => commitChange(shop.orders, context, commit), pricer);
}

/** Begins to pay what an edit costs more. */
export async function payEdit(
  shop: Shop,
  { changeId }: CommittedChange,
  paymentMethod = "pm_card_visa",
): Promise<void> {
  const [change] = await shop.db.select().from(orderChange).where(eq(orderChange.id, changeId));
  if (!change) throw new Error("no edit");
  await act(shop, (context) => payChange(shop.orders, context, change, card(paymentMethod)));
}

export async function stateOf(shop: Shop, { changeId }: CommittedChange) {
  const [change] = await shop.db.select().from(orderChange).where(eq(orderChange.id, changeId));
  return change?.state;
}

/** What is left of the order is what was taken for it less what went back, and every total is the sum of its parts. */
export async function expectExact(shop: Shop, orderId: OrderId): Promise<void> {
  const [row] = await shop.db.select().from(order).where(eq(order.id, orderId));
  const lines = await shop.db.transaction((tx) => linesOf(tx, orderId));
  if (!row) throw new Error("no order");
  const sum = (of: (line: (typeof lines)[number]) => number) => lines.reduce((total, line) => total + of(line), 0);
  const added = sum((line) => (line.taxIncluded ? 0 : line.tax));
  expect(row.subtotal).toBe(sum((line) => line.unitPrice * line.quantity));
  expect(row.discount).toBe(sum((line) => line.discount) + row.shippingDiscount);
  expect(row.tax).toBe(sum((line) => line.tax) + row.shippingTax);
  expect(row.taxes.reduce((total, tax) => total + tax.amount, 0)).toBe(row.tax);
  expect(row.total).toBe(
    row.subtotal - row.discount + row.shipping + added + (row.shippingTaxIncluded ? 0 : row.shippingTax),
  );
  const { charges, view } = await leftBehind(shop, orderId, lines[0]?.sku ?? "");
  const captured = charges.reduce((total, charge) => total + charge.amount, 0);
  expect(captured).toBe(row.total - row.setOff);
  expect(captured - view.payment.refundedTotal.amount).toBe(paidForKept(lines, row.currency));
}

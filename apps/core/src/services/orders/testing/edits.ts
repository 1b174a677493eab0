import type { OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { type CommittedChange, commitChange, previewChange } from "../change-order.ts";
import { type ChangeContent, changeContentSchema } from "../order-change.ts";
import { payChange } from "../pay-change.ts";
import { orderChange } from "../tables.ts";
import { act, staffWith } from "./after-sale.ts";
import { card, type Shop } from "./checkout.ts";

/** A member of staff who may set prices by hand. */
export const pricer = staffWith("orders:read", "orders:write", "orders:price");

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

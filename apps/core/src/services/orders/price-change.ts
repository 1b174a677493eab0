import { problem } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import { previewDraft } from "../carts/index.ts";
import type { OrdersDeps } from "./deps.ts";
import { staffTermsOf } from "./draft.ts";
import type { OrderRow } from "./move-order.ts";
import { type AddedLine, addedLine, type ChangeContent } from "./order-change.ts";

/**
 * What is put into an order, at the prices of now and the taxes of where it goes, or at prices by hand.
 * @throws problem `forbidden` for prices by hand without the right `orders:price`, `out_of_stock` for a SKU that is not for sale.
 */
export async function priceAdded(
  deps: OrdersDeps,
  { tx, actor }: { readonly tx: Transaction; readonly actor: Actor },
  order: OrderRow,
  add: ChangeContent["add"],
): Promise<AddedLine[]> {
  if (add.length === 0) return [];
  requireRightToPrice(actor, add);
  const { customerId, email, currency, channel, shippingAddress, billingAddress } = order;
  const terms = { customerId, email, currency, channel, shippingAddress, billingAddress };
  const priced = await previewDraft(
    deps.carts,
    { db: tx, now: deps.clock.now() },
    {
      terms: { ...terms, shippingOptionId: null, promotionCodes: [] },
      lines: add,
      staffTerms: { ...staffTermsOf({ lines: add }, currency), withoutPromotions: true },
    },
  );
  const items = add
    .filter(({ sku }) => priced.unavailable.includes(sku))
    .map(({ sku, quantity }) => ({ sku, requested: quantity, available: 0 }));
  if (items.length > 0) throw problem("out_of_stock", { detail: "Not for sale.", items });
  return priced.lines.map((line, position) =>
    addedLine(
      line,
      priced.taxLines.filter((tax) => tax.position === position),
    ),
  );
}

/** @throws problem `forbidden` for prices by hand without the right `orders:price`. */
export function requireRightToPrice(actor: Actor, add: Readonly<ChangeContent["add"]>): void {
  const isByHand = add.some((line) => line.manualPrice !== undefined);
  if (!isByHand || (actor.kind === "staff" && actor.rights.has("orders:price"))) return;
  throw problem("forbidden", { detail: "Prices by hand need the right orders:price." });
}

import type { CartView } from "@stoa/read-models";
import { kitStock, type Offer } from "../catalog/index.ts";
import type { Availability } from "../inventory/index.ts";
import type { PricedCart } from "./price-cart.ts";

export type CartNotice = NonNullable<CartView["notices"]>[number];

/** Units shown for a SKU whose stock is not counted, or that may be sold ahead: as many as a line can hold. */
const UNCOUNTED_UNITS = 999;

/** How many of an offer can be had now. */
export function unitsAvailable(offer: Offer, stock: ReadonlyMap<string, Availability>): number {
  if (offer.parts) {
    const { available, allowBackorder } = kitStock(offer.parts, (sku) => stock.get(sku)?.available ?? 0);
    return available === null || allowBackorder ? UNCOUNTED_UNITS : available;
  }
  const isCounted = offer.trackInventory && !offer.allowBackorder;
  return isCounted ? (stock.get(offer.sku)?.available ?? 0) : UNCOUNTED_UNITS;
}

/**
 * What has changed under the shopper's hands since they last set each line: its price, or that there is not enough of it.
 * A cart that is being ordered, or was, has nothing to tell.
 */
export function noticesOf(
  { cart, lines, unavailable }: PricedCart,
  stock: ReadonlyMap<string, Availability>,
): readonly CartNotice[] {
  if (cart.state !== "open") return [];
  const gone = unavailable.map(({ sku, quantity }): CartNotice => ({ sku, kind: "unavailable", quantity }));
  const changed = lines.flatMap(({ sku, quantity, offer, unitPrice, seenAmount }): CartNotice[] => {
    const { currency } = unitPrice;
    const available = unitsAvailable(offer, stock);
    return [
      ...(seenAmount !== null && seenAmount !== unitPrice.amount
        ? [{ sku, kind: "price_changed" as const, from: { amount: seenAmount, currency }, to: unitPrice }]
        : []),
      ...(available === 0 ? [{ sku, kind: "out_of_stock" as const, quantity }] : []),
      ...(available > 0 && available < quantity ? [{ sku, kind: "low_stock" as const, quantity, available }] : []),
    ];
  });
  return [...gone, ...changed];
}

import { type Instant, newId, type OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import type { FrozenCart } from "../carts/index.ts";
import { shippingShares } from "./line-money.ts";
import { order, orderLine, orderNumber, type StoredRefusal } from "./tables.ts";
import { noteInTimeline } from "./timeline.ts";

export interface WriteOrder {
  readonly cart: FrozenCart;
  readonly actor: Actor;
  readonly paymentProvider: "stripe" | "paypal" | "manual";
  readonly accessTokenHash: string;
  /** Set when the order is refused as it is written: it is kept for the shopper to see why. */
  readonly refusal: StoredRefusal | null;
}

export function newOrderId(): OrderId {
  return newId("ord");
}

/** Writes the order, its lines and the first line of its timeline: a snapshot that follows neither cart nor catalog any more. */
export async function writeOrder(tx: Transaction, now: Instant, orderId: OrderId, input: WriteOrder): Promise<void> {
  const { cart, actor, refusal } = input;
  const shares = shippingSharesOf(cart);
  const lines = tx.insert(orderLine).values(
    cart.lines.map((line, position) => ({
      orderId,
      position,
      sku: line.sku,
      productId: line.productId,
      title: line.title,
      options: line.options,
      quantity: line.quantity,
      unitPrice: line.unitPrice.amount,
      discount: line.discount.amount,
      tax: line.tax.amount,
      taxIncluded: line.taxIncluded,
      total: line.total.amount,
      shippingShare: shares[position] ?? 0,
    })),
  );
  // In one statement: the lines' key to the order is checked when both are there.
  const written = tx.$with("lines").as(lines.returning({ position: orderLine.position }));
  await tx
    .with(written)
    .insert(order)
    .values({
      id: orderId,
      number: sql`nextval(${`${orderNumber.schema}.${orderNumber.seqName}`})::text`,
      cartId: cart.cartId,
      customerId: cart.customerId,
      email: cart.email,
      currency: cart.currency,
      state: refusal ? "refused" : "pending",
      refusal,
      shippingAddress: cart.shippingAddress,
      billingAddress: cart.billingAddress,
      shippingMethod: cart.shippingMethod,
      promotions: cart.promotions.map((promotion) => ({
        promotionId: promotion.promotionId,
        code: promotion.code,
        discount: promotion.discount.amount,
      })),
      paymentProvider: input.paymentProvider,
      subtotal: cart.totals.subtotal.amount,
      discount: cart.totals.discount.amount,
      shipping: cart.totals.shipping.amount,
      shippingDiscount: cart.shippingDiscount.amount,
      tax: cart.totals.tax.amount,
      ...taxColumns(cart),
      total: cart.totals.total.amount,
      creditTotal: cart.credits.reduce((sum, { amount }) => sum + amount.amount, 0),
      accessTokenHash: input.accessTokenHash,
      placedAt: now,
      updatedAt: now,
    });
  const refused = refusal ? [{ type: "refused", detail: refusal.detail } as const] : [];
  await noteInTimeline(tx, now, { orderId, actor, entries: [{ type: "placed" }, ...refused] });
}

function shippingSharesOf({ totals: { total }, lines }: FrozenCart): number[] {
  const paid = lines.map(({ total, tax, taxIncluded }) => ({ total: total.amount, tax: tax.amount, taxIncluded }));
  return shippingShares(total, paid);
}

function taxColumns({ taxLines }: FrozenCart) {
  const onShipping = taxLines.filter((line) => line.position === null);
  return {
    taxes: taxLines.map((line) => ({ ...line, taxable: line.taxable.amount, amount: line.amount.amount })),
    shippingTax: onShipping.reduce((sum, line) => sum + line.amount.amount, 0),
    shippingTaxIncluded: onShipping.some((line) => line.included),
  };
}

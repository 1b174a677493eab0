import { createHash } from "node:crypto";
import { type CustomerId, newId } from "@stoa/kernel";
import type { CartView, OrderView, ProductSummaryView, ProductView, StoredOrder } from "@stoa/read-models";

export const usd = (amount: number) => ({ amount, currency: "USD" as const });
export const address = {
  name: "Ann Example",
  line1: "1 Main Street",
  city: "Springfield",
  postalCode: "12345",
  country: "US",
};
const totals = { subtotal: usd(5200), discount: usd(0), shipping: usd(500), tax: usd(0), total: usd(5700) };
const shippingMethod = { id: "standard", name: "Standard", price: usd(500) };

export function cartView(members: Partial<CartView> = {}): CartView {
  return {
    id: newId("cart"),
    state: "open",
    currency: "USD",
    items: [],
    promotions: [],
    totals: { subtotal: usd(0), discount: usd(0), shipping: usd(0), tax: usd(0), total: usd(0) },
    version: 1,
    ...members,
  };
}

export function orderView(members: Partial<OrderView> = {}): OrderView {
  return {
    id: newId("ord"),
    number: "1001",
    state: "confirmed",
    currency: "USD",
    email: "ann@shop.example",
    items: [],
    totals,
    shippingAddress: address,
    shippingMethod,
    payment: { state: "captured", provider: "stripe", refundedTotal: usd(0) },
    fulfilment: { state: "unfulfilled", shipments: [] },
    placedAt: "2026-11-24T10:00:00.000Z",
    timeline: [{ at: "2026-11-24T10:00:00.000Z", type: "placed" }],
    ...members,
  };
}

export interface OrderOwner {
  readonly customerId?: CustomerId;
  readonly token?: string;
}

export function storedOrder(view: OrderView, owner: OrderOwner = {}, settled = true): StoredOrder {
  const token = owner.token ?? crypto.randomUUID();
  const accessTokenHash = createHash("sha256").update(token).digest("hex");
  return { view, customerId: owner.customerId ?? null, accessTokenHash, settled };
}

export function summaryView(members: Partial<ProductSummaryView> = {}): ProductSummaryView {
  const id = newId("prod");
  return {
    id,
    slug: `lamp-${id.slice(-6)}`,
    title: "Lamp",
    brand: "Lumen",
    price: usd(5200),
    inStock: true,
    ...members,
  };
}

export function productView(summary: ProductSummaryView): ProductView {
  return {
    ...summary,
    description: "Gives light.",
    categories: [],
    images: [],
    options: [],
    attributes: {},
    variants: [],
  };
}

import { newId } from "@stoa/kernel";
import type { EndpointId } from "./endpoints.ts";

/** A well-formed request to an endpoint, for whoever tries what it does with others. */
export interface Sample {
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly query?: string;
}

const usd = (amount: number) => ({ amount, currency: "USD" });
const address = {
  name: "Ann Example",
  line1: "1 Main Street",
  city: "Springfield",
  postalCode: "12345",
  country: "US",
};
const cart = `/v1/carts/${newId("cart")}`;
const order = `/v1/orders/${newId("ord")}`;
const link = `/v1/payment-links/${"t".repeat(43)}`;
const oneReturn = `${order}/returns/${newId("ret")}`;
const saved = `/v1/me/addresses/${newId("adr")}`;

/** Nothing that they name exists. The compiler asks for one for each endpoint of the contract. */
export const samples: Readonly<Record<EndpointId, Sample>> = {
  "channel.get": { path: "/v1/channel" },
  "categories.list": { path: "/v1/categories" },
  "products.list": { path: "/v1/products", query: "limit=5" },
  "products.get": { path: "/v1/products/lamp", query: "currency=USD" },
  "products.recommendations": { path: "/v1/products/lamp/recommendations", query: "kind=similar" },
  "search.products": { path: "/v1/search", query: "q=lamp" },
  "search.suggest": { path: "/v1/search/suggest", query: "q=la" },
  "customFields.list": { path: "/v1/custom-fields", query: "entity=order" },
  "sitemap.index": { path: "/sitemap.xml" },
  "sitemap.page": { path: "/sitemap-1.xml" },
  "stock.list": { path: "/v1/stock", query: "sku=A" },
  "carts.create": { path: "/v1/carts", body: { currency: "USD", items: [{ sku: "A", quantity: 1 }] } },
  "carts.get": { path: cart, query: "explain=1" },
  "carts.update": {
    path: cart,
    body: { email: "ann@shop.example", shippingAddress: address, billingAddress: address, shippingMethod: "standard" },
  },
  "carts.items.add": { path: `${cart}/items`, body: { sku: "A", quantity: 1 } },
  "carts.items.set": { path: `${cart}/items/A`, body: { quantity: 1 } },
  "carts.items.remove": { path: `${cart}/items/A` },
  "carts.promotions.apply": { path: `${cart}/promotions`, body: { code: "SPRING" } },
  "carts.promotions.remove": { path: `${cart}/promotions/SPRING` },
  "carts.giftCards.apply": {
    path: `${cart}/gift-cards`,
    body: { code: "AAAAA-BBBBB-CCCCC-DDDDD" },
  },
  "carts.giftCards.remove": { path: `${cart}/gift-cards/${newId("gft")}` },
  "carts.storeCredit.use": {
    path: `${cart}/store-credit`,
    body: { amount: usd(100) },
  },
  "giftCards.balance": {
    path: "/v1/gift-cards/balance",
    body: { code: "AAAAA-BBBBB-CCCCC-DDDDD" },
  },
  "carts.shippingMethods": { path: `${cart}/shipping-methods` },
  "carts.claim": { path: `${cart}/claim` },
  "carts.restore": { path: `${cart}/restore` },
  "carts.checkout": {
    path: `${cart}/checkout`,
    body: {
      payment: { provider: "stripe", paymentMethod: "pm_1" },
      expectedTotal: usd(1),
      expectedAmountDue: usd(1),
      email: "ann@shop.example",
    },
  },
  "orders.get": { path: order },
  "orders.events": { path: `${order}/events` },
  "orders.cancel": { path: `${order}/cancel` },
  "orders.invoice": { path: `${order}/invoice` },
  "orders.documents": { path: `${order}/documents` },
  "orders.document": { path: `${order}/documents/${newId("inv")}` },
  "orders.creditNotes": { path: `${order}/credit-notes` },
  "orders.creditNote": { path: `${order}/credit-notes/${newId("inv")}` },
  "orders.returns.create": {
    path: `${order}/returns`,
    body: { items: [{ sku: "A", quantity: 1, reason: "too small" }] },
  },
  "orders.returns.list": { path: `${order}/returns` },
  "orders.returns.get": { path: oneReturn },
  "orders.returns.cancel": { path: `${oneReturn}/cancel` },
  "orders.lookup": {
    path: "/v1/orders/lookup",
    body: { number: "10001", email: "ann@shop.example" },
  },
  "paymentLinks.get": { path: link },
  "paymentLinks.pay": {
    path: `${link}/pay`,
    body: { payment: { provider: "stripe", paymentMethod: "pm_1" } },
  },
  "me.get": { path: "/v1/me" },
  "me.update": {
    path: "/v1/me",
    body: { name: "Ann", phone: "+1 555", company: "Shop", acceptsMarketing: true },
  },
  "me.delete": { path: "/v1/me" },
  "me.export": { path: "/v1/me/export" },
  "me.addresses.list": { path: "/v1/me/addresses" },
  "me.addresses.create": {
    path: "/v1/me/addresses",
    body: { ...address, isDefaultShipping: true },
  },
  "me.addresses.update": { path: saved, body: { ...address } },
  "me.addresses.delete": { path: saved },
  "me.paymentMethods.list": { path: "/v1/me/payment-methods" },
  "me.paymentMethods.delete": {
    path: `/v1/me/payment-methods/${newId("spm")}`,
  },
  "me.storeCredit": { path: "/v1/me/store-credit" },
  "me.orders": { path: "/v1/me/orders", query: "limit=5" },
  "system.healthz": { path: "/healthz" },
  "system.readyz": { path: "/readyz" },
  "system.openapi": { path: "/openapi.json" },
  "system.docs": { path: "/docs" },
};

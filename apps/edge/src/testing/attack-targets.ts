import type { EndpointId } from "@stoa/contract";
import { newId } from "@stoa/kernel";
import type { CorePath } from "./core-double.ts";
import { address, usd } from "./fixtures.ts";

/** A well-formed request to an endpoint, from which attacks are made by changing one thing. */
export interface AttackTarget {
  readonly path: string;
  /** A body that core would get. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** A query that is accepted. */
  readonly query?: string;
  /** What decides in core whose resource it is; null where nothing belongs to anybody. */
  readonly owner: CorePath | null;
}

const cart = `/v1/carts/${newId("cart")}`;
const order = `/v1/orders/${newId("ord")}`;
const link = `/v1/payment-links/${"t".repeat(43)}`;
const oneReturn = `${order}/returns/${newId("ret")}`;
const saved = `/v1/me/addresses/${newId("adr")}`;

/** The compiler asks for a target for each endpoint of the contract. */
export const attackTargets: Readonly<Record<EndpointId, AttackTarget>> = {
  "categories.list": { path: "/v1/categories", owner: null },
  "products.list": { path: "/v1/products", query: "limit=5", owner: null },
  "products.get": { path: "/v1/products/lamp", query: "currency=USD", owner: null },
  "products.recommendations": { path: "/v1/products/lamp/recommendations", query: "kind=similar", owner: null },
  "search.products": { path: "/v1/search", query: "q=lamp", owner: null },
  "search.suggest": { path: "/v1/search/suggest", query: "q=la", owner: null },
  "stock.list": { path: "/v1/stock", query: "sku=A", owner: null },
  "carts.create": { path: "/v1/carts", body: { currency: "USD", items: [{ sku: "A", quantity: 1 }] }, owner: null },
  "carts.get": { path: cart, query: "explain=1", owner: "carts.get" },
  "carts.update": {
    path: cart,
    body: { email: "ann@shop.example", shippingAddress: address, billingAddress: address, shippingMethod: "standard" },
    owner: "carts.update",
  },
  "carts.items.add": { path: `${cart}/items`, body: { sku: "A", quantity: 1 }, owner: "carts.addItem" },
  "carts.items.set": { path: `${cart}/items/A`, body: { quantity: 1 }, owner: "carts.setQuantity" },
  "carts.items.remove": { path: `${cart}/items/A`, owner: "carts.setQuantity" },
  "carts.promotions.apply": { path: `${cart}/promotions`, body: { code: "SPRING" }, owner: "carts.applyPromotion" },
  "carts.promotions.remove": { path: `${cart}/promotions/SPRING`, owner: "carts.removePromotion" },
  "carts.giftCards.apply": {
    path: `${cart}/gift-cards`,
    body: { code: "AAAAA-BBBBB-CCCCC-DDDDD" },
    owner: "carts.applyGiftCard",
  },
  "carts.giftCards.remove": { path: `${cart}/gift-cards/${newId("gft")}`, owner: "carts.removeGiftCard" },
  "carts.storeCredit.use": {
    path: `${cart}/store-credit`,
    body: { amount: usd(100) },
    owner: "carts.useStoreCredit",
  },
  "giftCards.balance": {
    path: "/v1/gift-cards/balance",
    body: { code: "AAAAA-BBBBB-CCCCC-DDDDD" },
    owner: "payments.giftCardBalance",
  },
  "carts.shippingMethods": { path: `${cart}/shipping-methods`, owner: "carts.shippingMethods" },
  "carts.claim": { path: `${cart}/claim`, owner: "carts.claim" },
  "carts.restore": { path: `${cart}/restore`, owner: "carts.restore" },
  "carts.checkout": {
    path: `${cart}/checkout`,
    body: {
      payment: { provider: "stripe", paymentMethod: "pm_1" },
      expectedTotal: usd(1),
      expectedAmountDue: usd(1),
      email: "ann@shop.example",
    },
    owner: "orders.place",
  },
  "orders.get": { path: order, owner: "orders.view" },
  "orders.events": { path: `${order}/events`, owner: "orders.view" },
  "orders.cancel": { path: `${order}/cancel`, owner: "orders.cancel" },
  "orders.invoice": { path: `${order}/invoice`, owner: "orders.papers.invoice" },
  "orders.creditNotes": { path: `${order}/credit-notes`, owner: "orders.papers.creditNotes" },
  "orders.creditNote": { path: `${order}/credit-notes/${newId("inv")}`, owner: "orders.papers.creditNote" },
  "orders.returns.create": {
    path: `${order}/returns`,
    body: { items: [{ sku: "A", quantity: 1, reason: "too small" }] },
    owner: "orders.returns.request",
  },
  "orders.returns.list": { path: `${order}/returns`, owner: "orders.returns.ofOrder" },
  "orders.returns.get": { path: oneReturn, owner: "orders.returns.get" },
  "orders.returns.cancel": { path: `${oneReturn}/cancel`, owner: "orders.returns.cancel" },
  "orders.lookup": {
    path: "/v1/orders/lookup",
    body: { number: "10001", email: "ann@shop.example" },
    owner: "orders.lookUp",
  },
  "paymentLinks.get": { path: link, owner: "orders.paymentLink" },
  "paymentLinks.pay": {
    path: `${link}/pay`,
    body: { payment: { provider: "stripe", paymentMethod: "pm_1" } },
    owner: "orders.payLink",
  },
  "me.get": { path: "/v1/me", owner: "users.me" },
  "me.update": {
    path: "/v1/me",
    body: { name: "Ann", phone: "+1 555", company: "Shop", acceptsMarketing: true },
    owner: "users.updateMe",
  },
  "me.delete": { path: "/v1/me", owner: "users.deleteMe" },
  "me.export": { path: "/v1/me/export", owner: "users.exportMe" },
  "me.addresses.list": { path: "/v1/me/addresses", owner: "users.addresses.list" },
  "me.addresses.create": {
    path: "/v1/me/addresses",
    body: { ...address, isDefaultShipping: true },
    owner: "users.addresses.create",
  },
  "me.addresses.update": { path: saved, body: { ...address }, owner: "users.addresses.update" },
  "me.addresses.delete": { path: saved, owner: "users.addresses.delete" },
  "me.paymentMethods.list": { path: "/v1/me/payment-methods", owner: "payments.savedMethods" },
  "me.paymentMethods.delete": {
    path: `/v1/me/payment-methods/${newId("spm")}`,
    owner: "payments.removeSavedMethod",
  },
  "me.storeCredit": { path: "/v1/me/store-credit", owner: "payments.storeCredit" },
  "me.orders": { path: "/v1/me/orders", query: "limit=5", owner: "orders.mine" },
  "system.healthz": { path: "/healthz", owner: null },
  "system.readyz": { path: "/readyz", owner: null },
  "system.openapi": { path: "/openapi.json", owner: null },
  "system.docs": { path: "/docs", owner: null },
};

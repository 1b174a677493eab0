import { type EndpointId, endpoints } from "@stoa/contract";
import { type Sample, samples } from "@stoa/contract/samples";
import type { CorePath } from "./core-double.ts";

/** A well-formed request to an endpoint, from which attacks are made by changing one thing. */
export interface AttackTarget extends Sample {
  /** What decides in core whose resource it is; null where nothing belongs to anybody. */
  readonly owner: CorePath | null;
}

/** The compiler asks for an owner for each endpoint of the contract. */
const owners: Readonly<Record<EndpointId, CorePath | null>> = {
  "channel.get": null,
  "categories.list": null,
  "products.list": null,
  "products.get": null,
  "products.recommendations": null,
  "search.products": null,
  "search.suggest": null,
  "customFields.list": null,
  "sitemap.index": null,
  "sitemap.page": null,
  "stock.list": null,
  "carts.create": null,
  "carts.get": "carts.get",
  "carts.update": "carts.update",
  "carts.items.add": "carts.addItem",
  "carts.items.set": "carts.setQuantity",
  "carts.items.remove": "carts.setQuantity",
  "carts.promotions.apply": "carts.applyPromotion",
  "carts.promotions.remove": "carts.removePromotion",
  "carts.giftCards.apply": "carts.applyGiftCard",
  "carts.giftCards.remove": "carts.removeGiftCard",
  "carts.storeCredit.use": "carts.useStoreCredit",
  "giftCards.balance": "payments.giftCardBalance",
  "carts.shippingMethods": "carts.shippingMethods",
  "carts.claim": "carts.claim",
  "carts.restore": "carts.restore",
  "carts.checkout": "orders.place",
  "orders.get": "orders.view",
  "orders.events": "orders.view",
  "orders.cancel": "orders.cancel",
  "orders.invoice": "orders.papers.invoice",
  "orders.documents": "orders.papers.documents",
  "orders.document": "orders.papers.document",
  "orders.creditNotes": "orders.papers.documents",
  "orders.creditNote": "orders.papers.document",
  "orders.returns.create": "orders.returns.request",
  "orders.returns.list": "orders.returns.ofOrder",
  "orders.returns.get": "orders.returns.get",
  "orders.returns.cancel": "orders.returns.cancel",
  "orders.lookup": "orders.lookUp",
  "paymentLinks.get": "orders.paymentLink",
  "paymentLinks.pay": "orders.payLink",
  "me.get": "users.me",
  "me.update": "users.updateMe",
  "me.delete": "users.deleteMe",
  "me.export": "users.exportMe",
  "me.addresses.list": "users.addresses.list",
  "me.addresses.create": "users.addresses.create",
  "me.addresses.update": "users.addresses.update",
  "me.addresses.delete": "users.addresses.delete",
  "me.paymentMethods.list": "payments.savedMethods",
  "me.paymentMethods.delete": "payments.removeSavedMethod",
  "me.storeCredit": "payments.storeCredit",
  "me.orders": "orders.mine",
  "system.healthz": null,
  "system.readyz": null,
  "system.openapi": null,
  "system.docs": null,
};

export const attackTargets = Object.fromEntries(
  endpoints.map(({ id }) => [id, { ...samples[id], owner: owners[id] }]),
) as Readonly<Record<EndpointId, AttackTarget>>;

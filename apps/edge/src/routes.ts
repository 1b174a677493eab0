import { createAddress } from "./account/create-address.ts";
import { deleteAddress } from "./account/delete-address.ts";
import { deleteMe } from "./account/delete-me.ts";
import { deletePaymentMethod } from "./account/delete-payment-method.ts";
import { exportMe } from "./account/export-me.ts";
import { getMe } from "./account/get-me.ts";
import { getStoreCredit } from "./account/get-store-credit.ts";
import { listAddresses } from "./account/list-addresses.ts";
import { listMyOrders } from "./account/list-my-orders.ts";
import { listPaymentMethods } from "./account/list-payment-methods.ts";
import { updateAddress } from "./account/update-address.ts";
import { updateMe } from "./account/update-me.ts";
import { addItem } from "./carts/add-item.ts";
import { applyGiftCard } from "./carts/apply-gift-card.ts";
import { applyPromotion } from "./carts/apply-promotion.ts";
import { checkout } from "./carts/checkout.ts";
import { claimCart } from "./carts/claim-cart.ts";
import { createCart } from "./carts/create-cart.ts";
import { getCart } from "./carts/get-cart.ts";
import { giftCardBalance } from "./carts/gift-card-balance.ts";
import { listShippingMethods } from "./carts/list-shipping-methods.ts";
import { removeGiftCard } from "./carts/remove-gift-card.ts";
import { removeItem } from "./carts/remove-item.ts";
import { removePromotion } from "./carts/remove-promotion.ts";
import { restoreCart } from "./carts/restore-cart.ts";
import { setQuantity } from "./carts/set-quantity.ts";
import { updateCart } from "./carts/update-cart.ts";
import { useStoreCredit } from "./carts/use-store-credit.ts";
import { getChannel } from "./catalog/get-channel.ts";
import { getProduct } from "./catalog/get-product.ts";
import { getRecommendations } from "./catalog/get-recommendations.ts";
import { getStock } from "./catalog/get-stock.ts";
import { listCategories } from "./catalog/list-categories.ts";
import { listCustomFields } from "./catalog/list-custom-fields.ts";
import { listProducts } from "./catalog/list-products.ts";
import { searchProducts } from "./catalog/search-products.ts";
import { getSitemap, getSitemapIndex } from "./catalog/sitemap.ts";
import { suggestProducts } from "./catalog/suggest-products.ts";
import type { Route } from "./http/call.ts";
import { cancelOrder } from "./orders/cancel-order.ts";
import { cancelReturn } from "./orders/cancel-return.ts";
import { createReturn } from "./orders/create-return.ts";
import { getOrder } from "./orders/get-order.ts";
import { getReturn } from "./orders/get-return.ts";
import { listReturns } from "./orders/list-returns.ts";
import { lookUpOrder } from "./orders/look-up-order.ts";
import { getCreditNote, getDocument, getInvoice, listCreditNotes, listDocuments } from "./orders/papers.ts";
import { watchOrder } from "./orders/watch-order.ts";
import { getPaymentLink } from "./payment-links/get-payment-link.ts";
import { payLink } from "./payment-links/pay-link.ts";
import { docs, openapiDocument } from "./system/documents.ts";
import { healthz, readyz } from "./system/health.ts";

/** Every endpoint of the contract with its handler; a test compares this list with the contract. */
export const routes: readonly Route[] = [
  getChannel,
  listCategories,
  listProducts,
  getProduct,
  getRecommendations,
  searchProducts,
  suggestProducts,
  listCustomFields,
  getSitemapIndex,
  getSitemap,
  getStock,
  createCart,
  getCart,
  updateCart,
  addItem,
  setQuantity,
  removeItem,
  applyPromotion,
  removePromotion,
  applyGiftCard,
  removeGiftCard,
  useStoreCredit,
  giftCardBalance,
  listShippingMethods,
  claimCart,
  restoreCart,
  checkout,
  getOrder,
  watchOrder,
  cancelOrder,
  getInvoice,
  listDocuments,
  getDocument,
  listCreditNotes,
  getCreditNote,
  createReturn,
  listReturns,
  getReturn,
  cancelReturn,
  lookUpOrder,
  getPaymentLink,
  payLink,
  getMe,
  updateMe,
  deleteMe,
  exportMe,
  listAddresses,
  createAddress,
  updateAddress,
  deleteAddress,
  listPaymentMethods,
  deletePaymentMethod,
  getStoreCredit,
  listMyOrders,
  healthz,
  readyz,
  openapiDocument,
  docs,
];

export { addItem } from "./add-item.ts";
export { LINES_PER_CART_MAX, QUANTITY_MAX } from "./cart.ts";
export type { Credit as CartCredit, CreditSource } from "./cart-credits.ts";
export { type Address, addressSchema, type CartPatch, cartPatchSchema, withoutGaps } from "./cart-patch.ts";
export { claimCart, restoreMergedCart } from "./claim-cart.ts";
export type { CartContext, CartReading, CartsDeps, FindOffers } from "./context.ts";
export { type CreateCart, createCart } from "./create-cart.ts";
export { applyGiftCard, removeCredit, useStoreCredit } from "./credits-on-cart.ts";
export { ensureCartDefaults } from "./defaults.ts";
export { eraseFromCarts } from "./erase-customer.ts";
export { expireCarts } from "./expire-carts.ts";
export { type FreezeCart, type FrozenCart, type FrozenLine, type FrozenTerms, freezeCart } from "./freeze-cart.ts";
export { getCart } from "./get-cart.ts";
export { cartsOf } from "./list-carts.ts";
export { listShippingMethods } from "./list-shipping-methods.ts";
export { type DraftBasket, type PricedDraft, previewDraft, quoteDraft } from "./price-draft.ts";
export {
  giveBackPromotionUsage,
  lockPromotionsOf,
  type TakePromotionUsage,
  takePromotionUsage,
} from "./promotion-usage.ts";
export { applyPromotion, removePromotion } from "./promotions-on-cart.ts";
export { createHttpAsker } from "./quotes/http-asker.ts";
export { Quotes, withQuotes } from "./quotes/quotes.ts";
export { askShippingRates } from "./quotes/shipping-rates.ts";
export { askTaxes } from "./quotes/tax-quotes.ts";
export { createCartsRouter } from "./router.ts";
export { createPromotion, type PromotionInput, setPromotionActive, type TermsContext } from "./save-promotion.ts";
export { type ShippingOptionInput, saveShippingOption } from "./save-shipping.ts";
export { saveTaxRate, type TaxRateInput } from "./save-tax.ts";
export { setQuantity } from "./set-quantity.ts";
export { completeCart, reopenCart } from "./settle-cart.ts";
export { type StaffDiscount, type StaffTerms, staffDiscountSchema } from "./staff-terms.ts";
export { updateCart } from "./update-cart.ts";

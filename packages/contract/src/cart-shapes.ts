import { AMOUNT_MAX, cartRuleReasons, currencySchema, lineText, moneySchema, SKU_LENGTH_MAX } from "@stoa/kernel";
import { z } from "zod";
import { image } from "./catalog-shapes.ts";
import { countryCodes } from "./countries.ts";
import { customFields, customFieldsPatch } from "./custom-field-shapes.ts";

export const channelCode = z.string().meta({ description: "Code of the sales channel; absent for the default one" });

export const LINES_PER_CART_MAX = 100;
export const QUANTITY_MAX = 999;
export const EMAIL_LENGTH_MAX = 254;
export const PROMOTION_CODE_LENGTH_MAX = 64;
export const GIFT_CARD_CODE_LENGTH_MAX = 64;

export const country = z
  .string()
  .refine((code) => countryCodes.has(code), { message: "must be an ISO 3166-1 alpha-2 code" })
  .meta({ description: "ISO 3166-1 alpha-2" });

export const addressMembers = {
  name: lineText(200),
  line1: lineText(200),
  line2: lineText(200).optional(),
  city: lineText(100),
  region: lineText(100).optional(),
  postalCode: lineText(20),
  country,
  phone: lineText(40).optional(),
};
export const address = z.strictObject(addressMembers).meta({ id: "Address" });

/** An address in an answer: shaped alike, but not judged again. */
export const storedAddress = z
  .object({
    name: z.string(),
    line1: z.string(),
    line2: z.string().optional(),
    city: z.string(),
    region: z.string().optional(),
    postalCode: z.string(),
    country: z.string(),
    phone: z.string().optional(),
  })
  .meta({ id: "StoredAddress" });

export const totals = z
  .object({
    subtotal: moneySchema,
    discount: moneySchema,
    shipping: moneySchema,
    tax: moneySchema,
    total: moneySchema,
  })
  .meta({ id: "Totals" });

const taxLine = z
  .object({
    sku: z.string().optional().meta({ description: "The item it is on; absent for the tax on shipping" }),
    name: z.string(),
    basisPoints: z.int().meta({ description: "1900 is 19 %" }),
    included: z.boolean().meta({ description: "Whether the price already holds it" }),
    taxable: moneySchema.meta({ description: "What it is a share of, after discounts" }),
    amount: moneySchema,
  })
  .meta({ id: "TaxLine" });
export const taxLines = z.array(taxLine).optional().meta({ description: "Absent where nothing is taxed" });

export const shippingMethod = z
  .object({ id: z.string(), name: z.string(), price: moneySchema })
  .meta({ id: "ShippingMethod" });
export const shippingMethods = z.object({ items: z.array(shippingMethod) }).meta({ id: "ShippingMethods" });

const noticeOn = { sku: z.string() };
const wanted = { quantity: z.int().meta({ description: "Units in the cart" }) };
const cartNotice = z
  .discriminatedUnion("kind", [
    z.object({ ...noticeOn, kind: z.literal("price_changed"), from: moneySchema, to: moneySchema }),
    z.object({ ...noticeOn, kind: z.literal("low_stock"), ...wanted, available: z.int() }),
    z.object({ ...noticeOn, kind: z.literal("out_of_stock"), ...wanted }),
    z
      .object({ ...noticeOn, kind: z.literal("unavailable"), ...wanted })
      .meta({ description: "No longer for sale: neither among the items nor in the totals" }),
  ])
  .meta({ id: "CartNotice" });

const cartRule = z
  .object({
    rule: z.enum(["price", "promotion", "shipping", "tax", "gift_card", "store_credit"]),
    outcome: z.enum(["used", "refused"]),
    reason: z.enum(cartRuleReasons),
    id: z.string().optional(),
    name: z.string().optional(),
    code: z.string().optional(),
    sku: z.string().optional(),
    taxClass: z.string().optional(),
    basisPoints: z.int().optional(),
    minQuantity: z.int().optional(),
    last4: z.string().optional(),
    amount: moneySchema.optional(),
  })
  .meta({ id: "CartRule" });

export const cart = z
  .object({
    id: z.string(),
    state: z.enum(["open", "completed"]),
    currency: currencySchema,
    channel: channelCode.optional(),
    items: z.array(
      z.object({
        sku: z.string(),
        productId: z.string(),
        slug: z.string(),
        title: z.string(),
        image: image.optional(),
        options: z.record(z.string(), z.string()),
        quantity: z.int(),
        unitPrice: moneySchema,
        discount: moneySchema,
        total: moneySchema,
        available: z.int(),
        customFields,
      }),
    ),
    email: z.string().optional(),
    shippingAddress: storedAddress.optional(),
    billingAddress: storedAddress.optional(),
    shippingMethod: shippingMethod.optional(),
    promotions: z.array(z.object({ code: z.string(), discount: moneySchema })),
    totals,
    amountDue: moneySchema
      .optional()
      .meta({ description: "What is left of the total once gift cards and store credit have paid" }),
    giftCards: z
      .array(
        z.object({
          id: z.string(),
          kind: z.enum(["gift_card", "store_credit"]),
          last4: z.string().optional(),
          amount: moneySchema.meta({ description: "What it pays of this cart as things stand" }),
        }),
      )
      .optional()
      .meta({ description: "Gift cards and store credit that are to pay for the cart, in their order" }),
    taxLines,
    notices: z
      .array(cartNotice)
      .optional()
      .meta({ description: "What has changed since the shopper last set a line; absent where nothing has" }),
    customFields,
    version: z.int(),
    explanation: z.array(cartRule).optional().meta({
      description:
        "With explain=1: each price, promotion, shipping option, tax rate, gift card and store credit, used or refused, and why",
    }),
  })
  .meta({ id: "Cart" });

export const cartQuery = z.object({
  explain: z.enum(["0", "1"]).optional().meta({ description: "1 adds `explanation`" }),
});

const sku = lineText(SKU_LENGTH_MAX);
export const cartItem = z.strictObject({ sku, quantity: z.int().min(1).max(QUANTITY_MAX) }).meta({ id: "CartItem" });
export const newCartItem = cartItem.extend({ customFields: customFieldsPatch }).meta({ id: "NewCartItem" });
export const createCart = z
  .strictObject({ currency: currencySchema.optional(), items: z.array(newCartItem).max(LINES_PER_CART_MAX).optional() })
  .meta({ id: "CreateCart" });
export const setQuantity = z
  .strictObject({
    quantity: z.int().min(0).max(QUANTITY_MAX).meta({ description: "0 removes" }),
    customFields: customFieldsPatch,
  })
  .meta({ id: "SetQuantity" });
const amount = z.strictObject({ amount: z.int().min(1).max(AMOUNT_MAX), currency: currencySchema });
export const applyGiftCard = z
  .strictObject({ code: lineText(GIFT_CARD_CODE_LENGTH_MAX) })
  .meta({ id: "ApplyGiftCard", description: "In any case, with or without hyphens" });
export const useStoreCredit = z
  .strictObject({ amount: amount.optional().meta({ description: "At most this much; without it, as much as it can" }) })
  .meta({ id: "UseStoreCredit" });
export const giftCardBalance = z
  .object({ last4: z.string(), balance: moneySchema, expiresAt: z.string().optional() })
  .meta({ id: "GiftCardBalance" });
export const storeCredit = z
  .object({ items: z.array(z.object({ balance: moneySchema })) })
  .meta({ id: "StoreCredit", description: "What can be spent, by currency" });
export const applyPromotion = z
  .strictObject({ code: lineText(PROMOTION_CODE_LENGTH_MAX) })
  .meta({ id: "ApplyPromotion" });

const cartPatchMembers = {
  email: z.email().max(EMAIL_LENGTH_MAX).optional(),
  shippingAddress: address.optional(),
  billingAddress: address.optional(),
  shippingMethod: lineText(64).optional().meta({ description: "Id of one of the cart's shipping methods" }),
  customFields: customFieldsPatch,
};
export const updateCart = z.strictObject(cartPatchMembers).meta({ id: "UpdateCart" });
export type UpdateCart = z.output<typeof updateCart>;

/** How the shopper pays. */
export const paymentChoice = z.strictObject({
  provider: z.enum(["stripe", "paypal", "manual"]),
  paymentMethod: lineText(255).optional(),
  returnUrl: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional()
    .meta({ description: "Where a wallet sends the shopper back to; on an origin of the shop" }),
});

export const checkout = z
  .strictObject({
    ...cartPatchMembers,
    payment: paymentChoice.extend({
      paymentMethod: lineText(255)
        .optional()
        .meta({ description: "The provider's token, or the id of one of the customer's saved payment methods" }),
      savePaymentMethod: z.boolean().optional().meta({ description: "Keep it for the customer once it has paid" }),
    }),
    expectedTotal: z
      .strictObject({ amount: z.int().min(0).max(AMOUNT_MAX), currency: currencySchema })
      .optional()
      .meta({ description: "The total the shopper saw; another one answers 409 price_changed" }),
    expectedAmountDue: z
      .strictObject({ amount: z.int().min(0).max(AMOUNT_MAX), currency: currencySchema })
      .optional()
      .meta({ description: "The amountDue the shopper saw; another one answers 409 price_changed with amountDue" }),
  })
  .meta({ id: "Checkout" });
export type Checkout = z.output<typeof checkout>;

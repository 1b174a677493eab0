import { cartRuleReasons, currencySchema, moneySchema } from "@stoa/kernel";
import { z } from "zod";
import { customFieldsViewSchema, imageViewSchema } from "./catalog-views.ts";
import { addressViewSchema, shippingMethodViewSchema, taxLineViewSchema, totalsViewSchema } from "./order-view.ts";

/** What has changed since the shopper last set a line. */
const cartNoticeSchema = z.discriminatedUnion("kind", [
  z.object({ sku: z.string(), kind: z.literal("price_changed"), from: moneySchema, to: moneySchema }),
  z.object({ sku: z.string(), kind: z.literal("low_stock"), quantity: z.int(), available: z.int() }),
  z.object({ sku: z.string(), kind: z.literal("out_of_stock"), quantity: z.int() }),
  z.object({ sku: z.string(), kind: z.literal("unavailable"), quantity: z.int() }),
]);

const cartRuleViewSchema = z.object({
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
});
export type CartRuleView = z.infer<typeof cartRuleViewSchema>;

/** Exactly what the storefront API calls Cart. */
export const cartViewSchema = z.object({
  id: z.string(),
  state: z.enum(["open", "completed"]),
  currency: currencySchema,
  /** Code of the sales channel; absent for the default one. */
  channel: z.string().optional(),
  items: z.array(
    z.object({
      sku: z.string(),
      productId: z.string(),
      slug: z.string(),
      title: z.string(),
      image: imageViewSchema.optional(),
      options: z.record(z.string(), z.string()),
      quantity: z.int(),
      unitPrice: moneySchema,
      discount: moneySchema,
      total: moneySchema,
      available: z.int(),
      customFields: customFieldsViewSchema.optional(),
    }),
  ),
  email: z.string().optional(),
  shippingAddress: addressViewSchema.optional(),
  billingAddress: addressViewSchema.optional(),
  shippingMethod: shippingMethodViewSchema.optional(),
  promotions: z.array(z.object({ code: z.string(), discount: moneySchema })),
  totals: totalsViewSchema,
  /** What is left of the total once gift cards and store credit have paid; core always tells it. */
  amountDue: moneySchema.optional(),
  /** What pays for it beside a payment provider, store credit included. */
  giftCards: z
    .array(
      z.object({
        id: z.string(),
        kind: z.enum(["gift_card", "store_credit"]),
        last4: z.string().optional(),
        amount: moneySchema,
      }),
    )
    .optional(),
  /** Absent where nothing is taxed. */
  taxLines: z.array(taxLineViewSchema).optional(),
  /** Absent where nothing has changed. */
  notices: z.array(cartNoticeSchema).optional(),
  /** What the shopper has said in the shop's own fields of orders; absent where nothing. */
  customFields: customFieldsViewSchema.optional(),
  version: z.int(),
  /** Only when it was asked for. */
  explanation: z.array(cartRuleViewSchema).optional(),
});
export type CartView = z.infer<typeof cartViewSchema>;

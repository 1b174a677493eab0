import { currencySchema, moneySchema } from "@stoa/kernel";
import { z } from "zod";
import { imageViewSchema } from "./catalog-views.ts";
import { addressViewSchema, shippingMethodViewSchema, taxLineViewSchema, totalsViewSchema } from "./order-view.ts";

/** Exactly what the storefront API calls Cart. */
export const cartViewSchema = z.object({
  id: z.string(),
  state: z.enum(["open", "completed"]),
  currency: currencySchema,
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
  version: z.int(),
});
export type CartView = z.infer<typeof cartViewSchema>;

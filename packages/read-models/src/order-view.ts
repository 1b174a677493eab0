import { currencySchema, moneySchema } from "@stoa/kernel";
import { z } from "zod";
import { customFieldsViewSchema } from "./catalog-views.ts";

export const addressViewSchema = z.object({
  name: z.string(),
  line1: z.string(),
  line2: z.string().optional(),
  city: z.string(),
  region: z.string().optional(),
  postalCode: z.string(),
  country: z.string(),
  phone: z.string().optional(),
});
export type AddressView = z.infer<typeof addressViewSchema>;

export const totalsViewSchema = z.object({
  subtotal: moneySchema,
  discount: moneySchema,
  shipping: moneySchema,
  tax: moneySchema,
  total: moneySchema,
});
export type TotalsView = z.infer<typeof totalsViewSchema>;

/** Tax on one item, or on shipping (without `sku`). */
export const taxLineViewSchema = z.object({
  sku: z.string().optional(),
  name: z.string(),
  basisPoints: z.int(),
  included: z.boolean(),
  taxable: moneySchema,
  amount: moneySchema,
});
export type TaxLineView = z.infer<typeof taxLineViewSchema>;

export const shippingMethodViewSchema = z.object({ id: z.string(), name: z.string(), price: moneySchema });
export type ShippingMethodView = z.infer<typeof shippingMethodViewSchema>;

export const orderStates = ["pending", "confirmed", "completed", "refused", "cancelled", "on_hold"] as const;
export type OrderState = (typeof orderStates)[number];

export const orderPaymentStates = [
  "pending",
  "requires_action",
  "authorized",
  "captured",
  "partially_refunded",
  "refunded",
  "voided",
  "failed",
] as const;
export type OrderPaymentState = (typeof orderPaymentStates)[number];

export const fulfilmentStates = [
  "unfulfilled",
  "partially_fulfilled",
  "fulfilled",
  "partially_returned",
  "returned",
] as const;
export type FulfilmentState = (typeof fulfilmentStates)[number];

export const nextActionSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("redirect"), url: z.string() }),
  z.object({ type: z.literal("stripe_sdk"), clientSecret: z.string() }),
]);
export type NextAction = z.infer<typeof nextActionSchema>;

/** Exactly what the storefront API calls Order, without `accessToken`. */
export const orderViewSchema = z.object({
  id: z.string(),
  number: z.string(),
  state: z.enum(orderStates),
  currency: currencySchema,
  /** Code of the sales channel; absent for the default one. */
  channel: z.string().optional(),
  email: z.string(),
  items: z.array(
    z.object({
      sku: z.string(),
      title: z.string(),
      options: z.record(z.string(), z.string()),
      /** What one unit of a kit is made of; absent for everything else. */
      parts: z.array(z.object({ sku: z.string(), title: z.string(), quantity: z.int() })).optional(),
      quantity: z.int(),
      unitPrice: moneySchema,
      discount: moneySchema,
      tax: moneySchema,
      total: moneySchema,
      /** Units of it; absent while there are none. */
      shipped: z.int().optional(),
      cancelled: z.int().optional(),
      returned: z.int().optional(),
      customFields: customFieldsViewSchema.optional(),
    }),
  ),
  totals: totalsViewSchema,
  /** Absent where nothing is taxed. */
  taxLines: z.array(taxLineViewSchema).optional(),
  shippingAddress: addressViewSchema,
  billingAddress: addressViewSchema.optional(),
  shippingMethod: shippingMethodViewSchema,
  payment: z.object({
    state: z.enum(orderPaymentStates),
    provider: z.enum(["stripe", "paypal", "manual"]),
    nextAction: nextActionSchema.optional(),
    refundedTotal: moneySchema,
    /** What of the total units paid that an edit took out, so that no money moved for it; absent where nothing. */
    setOffTotal: moneySchema.optional(),
    /** What the order is paid by, where gift cards, store credit or goods that came back are part of it; they add up to its total, less what is set off. */
    tenders: z
      .array(
        z.object({
          kind: z.enum(["gift_card", "store_credit", "exchange", "stripe", "paypal", "manual"]),
          amount: moneySchema,
          last4: z.string().optional(),
        }),
      )
      .optional(),
  }),
  fulfilment: z.object({
    state: z.enum(fulfilmentStates),
    shipments: z.array(
      z.object({
        id: z.string(),
        carrier: z.string(),
        trackingNumber: z.string().nullable(),
        trackingUrl: z.string().optional(),
        items: z.array(z.object({ sku: z.string(), quantity: z.int() })),
        shippedAt: z.string(),
        deliveredAt: z.string().optional(),
      }),
    ),
  }),
  /** `extensions` are the members the refusal adds to a problem body: items, totals, declineCode. */
  refusal: z
    .object({ code: z.string(), detail: z.string(), extensions: z.record(z.string(), z.unknown()).optional() })
    .optional(),
  /** What the shop's own fields say, those that shoppers may see; absent where nothing. */
  customFields: customFieldsViewSchema.optional(),
  placedAt: z.string(),
  timeline: z.array(z.object({ at: z.string(), type: z.string(), detail: z.string().optional() })),
});
export type OrderView = z.infer<typeof orderViewSchema>;

/**
 * What lies under `keys.order(id)`: the view and who may see it. `settled` says that the saga has nothing left
 * that the shopper waits for: the order is confirmed or refused, or waits for the shopper's own next action.
 */
export const storedOrderSchema = z.object({
  view: orderViewSchema,
  customerId: z.string().nullable(),
  /** SHA-256 (hex) of the guest's access token. */
  accessTokenHash: z.string(),
  settled: z.boolean(),
});
export type StoredOrder = z.infer<typeof storedOrderSchema>;

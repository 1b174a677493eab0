import { currencySchema, moneySchema } from "@stoa/kernel";
import { z } from "zod";
import {
  channelCode,
  EMAIL_LENGTH_MAX,
  paymentChoice,
  shippingMethod,
  storedAddress,
  taxLines,
  totals,
} from "./cart-shapes.ts";
import { customFields } from "./custom-field-shapes.ts";
import { text } from "./text.ts";

export const nextAction = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("redirect"), url: z.string() }),
    z.object({ type: z.literal("stripe_sdk"), clientSecret: z.string() }),
  ])
  .meta({ id: "NextAction" });

export const order = z
  .object({
    id: z.string(),
    number: z.string(),
    state: z.enum(["pending", "confirmed", "completed", "refused", "cancelled"]),
    currency: currencySchema,
    channel: channelCode.optional(),
    email: z.string(),
    items: z.array(
      z.object({
        sku: z.string(),
        title: z.string(),
        options: z.record(z.string(), z.string()),
        parts: z
          .array(z.object({ sku: z.string(), title: z.string(), quantity: z.int() }))
          .optional()
          .meta({ description: "What one unit of a kit is made of" }),
        quantity: z.int(),
        unitPrice: moneySchema,
        discount: moneySchema,
        tax: moneySchema,
        total: moneySchema,
        shipped: z.int().optional().meta({ description: "Units; absent while there are none, as the two below" }),
        cancelled: z.int().optional(),
        returned: z.int().optional(),
        customFields,
      }),
    ),
    totals,
    taxLines,
    shippingAddress: storedAddress,
    billingAddress: storedAddress.optional(),
    shippingMethod,
    payment: z.object({
      state: z.enum([
        "pending",
        "requires_action",
        "authorized",
        "captured",
        "partially_refunded",
        "refunded",
        "voided",
        "failed",
      ]),
      provider: z.enum(["stripe", "paypal", "manual"]),
      nextAction: nextAction.optional(),
      refundedTotal: moneySchema,
      setOffTotal: moneySchema.optional().meta({
        description:
          "What of the total units that an edit took out have paid for units it put in; the total less this is what was paid, and absent where it is nothing",
      }),
      tenders: z
        .array(
          z.object({
            kind: z.enum(["gift_card", "store_credit", "exchange", "stripe", "paypal", "manual"]),
            amount: moneySchema,
            last4: z.string().optional(),
          }),
        )
        .optional()
        .meta({
          description:
            "Where gift cards, store credit or exchanged goods pay: who pays how much; the sum is the total, less what units that an edit took out pay of those it put in",
        }),
    }),
    fulfilment: z.object({
      state: z.enum(["unfulfilled", "partially_fulfilled", "fulfilled", "partially_returned", "returned"]),
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
    refusal: z.object({ code: z.string(), detail: z.string() }).optional(),
    customFields,
    placedAt: z.string(),
    timeline: z.array(z.object({ at: z.string(), type: z.string(), detail: z.string().optional() })),
    accessToken: z.string().optional().meta({
      description: "Only in the answers to checkout and look-up; shown as x-order-token it opens the order to a guest",
    }),
  })
  .meta({ id: "Order" });

export const orderDocuments = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(["invoice", "credit_note"]),
        number: z.string(),
        total: moneySchema.meta({ description: "Of a credit note what it gives back" }),
        issuedAt: z.string(),
        corrects: z
          .string()
          .optional()
          .meta({ description: "Of a credit note: the number of the invoice it corrects" }),
      }),
    ),
  })
  .meta({ id: "OrderDocuments" });

export const creditNotes = z
  .object({
    items: z.array(z.object({ id: z.string(), number: z.string(), total: moneySchema, issuedAt: z.string() })),
  })
  .meta({ id: "CreditNotes" });

export const ORDER_NUMBER_LENGTH_MAX = 32;
/** In a body, never in a URL: an e-mail is nothing for logs and histories. */
export const orderLookup = z
  .strictObject({ number: text(ORDER_NUMBER_LENGTH_MAX), email: z.email().max(EMAIL_LENGTH_MAX) })
  .meta({ id: "OrderLookup" });

/** What whoever holds a payment link sees: nothing of whose it is, for links are passed on. */
export const paymentLink = z
  .object({
    state: z.enum(["open", "processing", "paid", "expired"]),
    currency: currencySchema,
    items: order.shape.items,
    totals,
    shippingMethod,
    amountDue: moneySchema.meta({ description: "Nothing once it is paid" }),
    expiresAt: z.string(),
  })
  .meta({ id: "PaymentLink" });

export const payLink = z.strictObject({ payment: paymentChoice }).meta({ id: "PayLink" });

export const orderPage = z
  .object({ items: z.array(order), nextCursor: z.string().nullable(), total: z.int().min(0) })
  .meta({ id: "OrderPage" });

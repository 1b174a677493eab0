import { moneySchema } from "@stoa/kernel";
import { z } from "zod";
import { cartItem } from "./cart-shapes.ts";
import { customFields, customFieldsPatch } from "./custom-field-shapes.ts";
import { text } from "./text.ts";

const RETURN_REASON_LENGTH_MAX = 500;

export const returnRequest = z
  .strictObject({
    items: z
      .array(cartItem.extend({ reason: text(RETURN_REASON_LENGTH_MAX) }))
      .min(1)
      .max(100),
    exchangeFor: z
      .array(cartItem)
      .min(1)
      .max(100)
      .refine((items) => new Set(items.map((item) => item.sku)).size === items.length, "names a SKU twice")
      .optional()
      .meta({ description: "Other goods of the shop, instead of the money" }),
    customFields: customFieldsPatch,
  })
  .meta({ id: "ReturnRequest" });

export type ReturnRequest = z.infer<typeof returnRequest>;

export const orderReturn = z
  .object({
    id: z.string(),
    orderId: z.string(),
    state: z.enum(["requested", "approved", "received", "refunded", "exchanged", "closed", "rejected", "cancelled"]),
    items: z.array(
      z.object({
        sku: z.string(),
        title: z.string(),
        quantity: z.int(),
        reason: z.string(),
        received: z.int().meta({ description: "Units that came" }),
      }),
    ),
    refund: moneySchema.optional().meta({ description: "What goes back, once it has been decided" }),
    rejection: z.string().optional().meta({ description: "Why the goods may not come" }),
    exchangeFor: z.array(cartItem).optional().meta({ description: "What was asked for instead of the money" }),
    replacementId: z.string().optional().meta({ description: "The order that replaces the goods" }),
    customFields,
    requestedAt: z.string(),
  })
  .meta({ id: "Return" });

export const returnList = z.object({ items: z.array(orderReturn) }).meta({ id: "ReturnList" });

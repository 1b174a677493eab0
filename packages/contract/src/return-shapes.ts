import { moneySchema } from "@stoa/kernel";
import { z } from "zod";
import { cartItem } from "./cart-shapes.ts";
import { text } from "./text.ts";

const RETURN_REASON_LENGTH_MAX = 500;

export const returnRequest = z
  .strictObject({
    items: z
      .array(cartItem.extend({ reason: text(RETURN_REASON_LENGTH_MAX) }))
      .min(1)
      .max(100),
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
    replacementId: z.string().optional().meta({ description: "The order that replaces the goods" }),
    requestedAt: z.string(),
  })
  .meta({ id: "Return" });

export const returnList = z.object({ items: z.array(orderReturn) }).meta({ id: "ReturnList" });

import { z } from "zod";
import { defineMessage } from "../../platform/outbox/index.ts";

/** An order shows differently now; its view has to be written again. */
export const orderChanged = defineMessage("projection", "order.changed", z.object({ orderId: z.string() }));

/** An order is paid for and will be delivered. Told once for each order. */
export const orderConfirmed = defineMessage(
  "queue",
  "order.confirmed",
  z.object({
    orderId: z.string(),
    items: z.array(z.object({ sku: z.string(), quantity: z.int().positive() })),
  }),
);

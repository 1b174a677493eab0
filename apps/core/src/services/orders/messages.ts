import { z } from "zod";
import { defineMessage } from "../../platform/outbox/index.ts";

/** An order shows differently now; its view has to be written again. */
export const orderChanged = defineMessage("projection", "order.changed", z.object({ orderId: z.string() }));

/** Somebody is asked to pay by a link: for a draft (then there is no order yet), or for an order that has come to cost more. */
export const orderPaymentRequested = defineMessage(
  "queue",
  "order.payment_requested",
  z.object({ orderId: z.string().nullable(), requestId: z.string() }),
);

/** An order is paid for and will be delivered. Told once for each order. */
export const orderConfirmed = defineMessage(
  "queue",
  "order.confirmed",
  z.object({
    orderId: z.string(),
    items: z.array(z.object({ sku: z.string(), quantity: z.int().positive() })),
  }),
);

/** A parcel has left. Told once for each. */
export const orderShipped = defineMessage(
  "queue",
  "order.shipped",
  z.object({ orderId: z.string(), fulfilmentId: z.string() }),
);

/** An order, or part of it, was cancelled; what follows for stock and money is under way. */
export const orderCancelled = defineMessage(
  "queue",
  "order.cancelled",
  // What names the cancellation: its own id, or the order's where all of it was cancelled.
  z.object({ orderId: z.string(), cancellationId: z.string() }),
);

/** Money has gone back to the shopper. Told once for each refund. */
export const orderRefunded = defineMessage(
  "queue",
  "order.refunded",
  z.object({ orderId: z.string(), refundId: z.string() }),
);

/** An order has come to be worth more or less by what no other message tells: an edit, or money that was given back by hand. */
export const orderRevalued = defineMessage("queue", "order.revalued", z.object({ orderId: z.string() }));

/** A return stands elsewhere than before. */
export const returnChanged = defineMessage(
  "queue",
  "return.changed",
  z.object({ orderId: z.string(), returnId: z.string(), state: z.string() }),
);

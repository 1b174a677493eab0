import { type FulfilmentId, idSchema, pageQuerySchema, SKU_LENGTH_MAX } from "@stoa/kernel";
import { z } from "zod";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { createFulfilment } from "./create-fulfilment.ts";
import type { ActContext, OrdersDeps } from "./deps.ts";
import { fulfilmentsOfOrder, listOpenFulfilments } from "./fulfilment-queries.ts";
import { cancelFulfilment, deliverFulfilment, packFulfilment } from "./move-parcel.ts";
import { shipFulfilment } from "./ship-fulfilment.ts";
import { staffAct, staffWrite } from "./staff-write.ts";

/** Lines of an order, and so of anything that is asked for of it. */
const ITEMS_MAX = 100;

/** Units of an order, by SKU. */
export const itemsSchema = z
  .array(z.strictObject({ sku: z.string().min(1).max(SKU_LENGTH_MAX), quantity: z.int().min(1).max(999) }))
  .min(1)
  .max(ITEMS_MAX);

const orderId = idSchema("ord");

/** A link that a shopper is sent to: nothing that runs. */
const trackingUrl = z.url({ protocol: /^https?$/ }).max(500);

const parcel = z.strictObject({ id: idSchema("ful") });
const shipment = parcel.extend({
  carrier: z.string().trim().min(1).max(100).optional(),
  trackingNumber: z.string().trim().min(1).max(100).optional(),
  trackingUrl: trackingUrl.optional(),
});

/** For whoever packs: parcels of an order from their beginning to the shopper's door. */
export function createFulfilmentRouter(deps: OrdersDeps) {
  const canRead = staffProcedure("orders:read");
  const canWrite = staffProcedure("orders:write");
  return router({
    ofOrder: canRead
      .input(z.strictObject({ orderId }))
      .query(({ input }) => fulfilmentsOfOrder(deps.db, input.orderId)),
    open: canRead
      .input(z.strictObject(pageQuerySchema.shape))
      .query(({ input }) => listOpenFulfilments(deps.db, input)),
    create: canWrite
      .input(z.strictObject({ orderId, items: itemsSchema.optional(), locationId: idSchema("loc").optional() }))
      .mutation(({ ctx, input }) =>
        staffWrite(deps, {
          ctx,
          input,
          action: "fulfilment.created",
          entity: "fulfilment",
          entityId: (made: { readonly id: FulfilmentId }) => made.id,
          work: async (context) => ({ id: await createFulfilment(context, input) }),
        }),
      ),
    pack: canWrite.input(parcel).mutation(onParcel(deps, "fulfilment.packed", packFulfilment)),
    ship: canWrite.input(shipment).mutation(onParcel(deps, "fulfilment.shipped", shipFulfilment)),
    deliver: canWrite.input(parcel).mutation(onParcel(deps, "fulfilment.delivered", deliverFulfilment)),
    cancel: canWrite.input(parcel).mutation(onParcel(deps, "fulfilment.cancelled", cancelFulfilment)),
  });
}

/** One act on one parcel. */
function onParcel<I extends { readonly id: FulfilmentId }>(
  deps: OrdersDeps,
  action: string,
  verb: (context: ActContext, input: Omit<I, "id"> & { readonly fulfilmentId: FulfilmentId }) => Promise<void>,
) {
  return staffAct(deps, {
    ...{ action, entity: "fulfilment" },
    verb: (context, { id, ...rest }: I) => verb(context, { ...rest, fulfilmentId: id }),
  });
}

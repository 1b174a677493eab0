import type { FulfilmentId } from "@stoa/kernel";
import { countUnits } from "./count-units.ts";
import type { ActContext } from "./deps.ts";
import { lockOrder } from "./lock-order.ts";
import { moveParcel, orderOfParcel, unitsOfParcel } from "./parcel.ts";
import { noteInTimeline } from "./timeline.ts";
import { describeUnits } from "./units.ts";

export interface ParcelAct {
  readonly fulfilmentId: FulfilmentId;
}

/** A parcel is packed and waits for its carrier. @throws problem `not_found`, `state_conflict`. */
export async function packFulfilment({ tx, now, actor }: ActContext, { fulfilmentId }: ParcelAct): Promise<void> {
  const orderId = await orderOfParcel(tx, fulfilmentId);
  await lockOrder(tx, now, { orderId, states: ["confirmed"] });
  await moveParcel(tx, now, { id: fulfilmentId, to: "packed" });
  await noteInTimeline(tx, now, { orderId, actor, entries: [{ type: "fulfilment_packed" }] });
}

/** A parcel that has not left is taken apart; its units can go into another one. @throws problem `not_found`, `state_conflict`. */
export async function cancelFulfilment({ tx, now, actor }: ActContext, { fulfilmentId }: ParcelAct): Promise<void> {
  const orderId = await orderOfParcel(tx, fulfilmentId);
  const { lines } = await lockOrder(tx, now, { orderId, states: ["confirmed", "on_hold"] });
  await moveParcel(tx, now, { id: fulfilmentId, to: "cancelled" });
  const units = await unitsOfParcel(tx, fulfilmentId, lines);
  await countUnits(
    tx,
    orderId,
    units.map(({ line: { position }, quantity }) => ({ position, fulfilled: -quantity })),
  );
  const entries = [{ type: "fulfilment_cancelled", detail: describeUnits(units) }] as const;
  await noteInTimeline(tx, now, { orderId, actor, entries });
}

/** The carrier has handed a parcel over. @throws problem `not_found`, `state_conflict`. */
export async function deliverFulfilment({ tx, now, actor }: ActContext, { fulfilmentId }: ParcelAct): Promise<void> {
  const orderId = await orderOfParcel(tx, fulfilmentId);
  await lockOrder(tx, now, { orderId, states: ["confirmed", "completed", "on_hold"] });
  const { trackingNumber } = await moveParcel(tx, now, { id: fulfilmentId, to: "delivered" });
  await noteInTimeline(tx, now, { orderId, actor, entries: [{ type: "delivered", detail: trackingNumber }] });
}

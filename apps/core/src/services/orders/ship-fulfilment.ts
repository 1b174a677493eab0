import { type Currency, type FulfilmentId, type Money, money, problem } from "@stoa/kernel";
import { startSaga } from "../../platform/saga/index.ts";
import { findAllocations, shipAllocations } from "../inventory/index.ts";
import { allocateEdits } from "./allocate-edits.ts";
import { countUnits } from "./count-units.ts";
import type { ActContext } from "./deps.ts";
import { FULFIL_ORDER_SAGA } from "./fulfil-order.saga.ts";
import { endOf } from "./fulfilment.ts";
import { paidForUnits } from "./line-money.ts";
import { linesOf, lockOrder, type OrderLineRow } from "./lock-order.ts";
import { orderShipped } from "./messages.ts";
import { moveOrder } from "./move-order.ts";
import { moveParcel, orderOfParcel, type ParcelRow, packedStock, unitsOfParcel } from "./parcel.ts";
import { stockOf } from "./stock-units.ts";
import { noteInTimeline } from "./timeline.ts";
import { describeUnits, type LineUnit } from "./units.ts";

export interface ShipFulfilment {
  readonly fulfilmentId: FulfilmentId;
  /** Left out: the name of the order's shipping method. */
  readonly carrier?: string | undefined;
  readonly trackingNumber?: string | undefined;
  readonly trackingUrl?: string | undefined;
}

/**
 * A parcel leaves the house: its units come off the shelf, the shopper is told, and what was paid for them is captured where that
 * waits for the shipment. With the last units the order is completed.
 * @throws problem `not_found`, or `state_conflict`: it has left or was cancelled, the order is not confirmed, or its units are not allocated.
 */
export async function shipFulfilment(context: ActContext, input: ShipFulfilment): Promise<void> {
  const { tx, now, actor } = context;
  const { fulfilmentId: id, trackingNumber = null, trackingUrl = null } = input;
  const orderId = await orderOfParcel(tx, id);
  const { order, lines } = await lockOrder(tx, now, { orderId, states: ["confirmed"] });
  const carrier = input.carrier ?? order.shippingMethod.name;
  const parcel = await moveParcel(tx, now, { id, to: "shipped", carrier, trackingNumber, trackingUrl });
  const units = await unitsOfParcel(tx, id, lines);
  await countUnits(
    tx,
    orderId,
    units.map(({ line: { position }, quantity }) => ({ position, shipped: quantity })),
  );
  await takeFromShelf(context, { parcel, units, all: lines });
  const isLast = endOf(await linesOf(tx, orderId)) === "completed";
  if (isLast) await moveOrder(tx, now, { orderId, to: "completed" });
  await noteInTimeline(tx, now, {
    orderId,
    actor,
    entries: [
      { type: "shipped", detail: [carrier, trackingNumber, describeUnits(units)].filter(Boolean).join(" · ") },
      ...(isLast ? [{ type: "completed" } as const] : []),
    ],
    announce: [orderShipped.of(orderId, { orderId, fulfilmentId: id })],
  });
  const amount = worthOf(units, order.currency);
  const saga = { saga: FULFIL_ORDER_SAGA, key: `${orderId}/${id}`, input: { orderId, fulfilmentId: id, amount } };
  await startSaga(tx, now, saga);
}

interface Leaving {
  readonly parcel: ParcelRow;
  readonly units: readonly LineUnit<OrderLineRow>[];
  /** The order's. */
  readonly all: readonly OrderLineRow[];
}

/** Only what is tracked has stock to come off. A parcel of no place leaves others what they have packed at theirs. */
async function takeFromShelf({ tx, now, actor }: ActContext, { parcel, units, all }: Leaving): Promise<void> {
  const { id, orderId, locationId } = parcel;
  await allocateEdits({ tx, now }, orderId);
  const { isAllocated, allocations } = await findAllocations(tx, { orderId });
  if (!isAllocated) throw problem("state_conflict", { detail: "The order's units are not allocated yet." });
  const tracked = new Set(allocations.map(({ sku }) => sku));
  const lines = stockOf(units).filter(({ sku }) => tracked.has(sku));
  if (lines.length === 0) return;
  const from = locationId ? { locationId } : { keep: await packedStock(tx, orderId, all) };
  await shipAllocations({ tx, now }, { orderId, lines, cause: id, actor, ...from });
}

/** What was paid for the units; `line` is as it was before they left. */
function worthOf(units: readonly LineUnit<OrderLineRow>[], currency: Currency): Money {
  const worth = ({ line, quantity }: LineUnit<OrderLineRow>) =>
    paidForUnits(line, { from: line.shipped, count: quantity }, { currency, withShipping: true });
  return money(
    units.reduce((sum, unit) => sum + worth(unit), 0),
    currency,
  );
}

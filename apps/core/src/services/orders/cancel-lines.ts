import { type Currency, newId, type OrderId } from "@stoa/kernel";
import { startSaga } from "../../platform/saga/index.ts";
import { cancelConfirmed, cancelParcels } from "./cancel-confirmed.ts";
import { CANCEL_LINES_SAGA, type CancelledLine } from "./cancel-lines.saga.ts";
import { countUnits } from "./count-units.ts";
import type { ActContext } from "./deps.ts";
import { endOf, openUnits } from "./fulfilment.ts";
import { paidForUnits } from "./line-money.ts";
import { type LockedOrder, linesOf, lockOrder, type OrderLineRow } from "./lock-order.ts";
import { orderCancelled } from "./messages.ts";
import { moveOrder } from "./move-order.ts";
import { noteInTimeline } from "./timeline.ts";
import { describeUnits, type Item, type LineUnit, pickAll, pickUnits } from "./units.ts";

export interface CancelLines {
  readonly orderId: OrderId;
  readonly items: readonly Item[];
  /** For the timeline. */
  readonly reason?: string | undefined;
}

/**
 * Cancels some units of a confirmed order that are in no parcel: stock and money for just these follow. When nothing but cancelled
 * units is left, the order is cancelled as a whole.
 * @throws problem `not_found`, `sku_unknown`, or `state_conflict`: the order is not confirmed, or fewer units are open.
 */
export async function cancelLines(context: ActContext, { orderId, items, reason }: CancelLines): Promise<void> {
  const { tx, now, actor } = context;
  const locked = await lockOrder(tx, now, { orderId, states: ["confirmed"] });
  const units = pickUnits(locked.lines, items, openUnits);
  if (isAll(locked.lines, units)) {
    await cancelConfirmed(tx, now, { orderId, actor, detail: reason ?? null });
    return;
  }
  await countUnits(
    tx,
    orderId,
    units.map(({ line: { position }, quantity }) => ({ position, cancelled: quantity })),
  );
  await follow(context, locked, units, reason);
}

/**
 * Cancels everything of a confirmed order that has not left, parcels that wait included. Answers false, and changes nothing,
 * when all has left or the order is not confirmed.
 */
export async function cancelRest(context: ActContext, orderId: OrderId): Promise<boolean> {
  const { tx, now, actor } = context;
  const lines = await linesOf(tx, orderId);
  if (lines.every((line) => line.shipped === 0)) return cancelConfirmed(tx, now, { orderId, actor });
  const units = pickAll(lines, (line) => line.quantity - line.shipped - line.cancelled);
  if (units.length === 0) return false;
  const locked = await lockOrder(tx, now, { orderId, states: ["confirmed"] });
  await cancelParcels(tx, now, orderId);
  await countUnits(
    tx,
    orderId,
    units.map(({ line: { position, fulfilled, shipped }, quantity }) => ({
      position,
      fulfilled: shipped - fulfilled,
      cancelled: quantity,
    })),
  );
  await follow(context, locked, units);
  return true;
}

function isAll(lines: readonly OrderLineRow[], units: readonly LineUnit<OrderLineRow>[]): boolean {
  const now = new Map(units.map(({ line, quantity }) => [line, quantity]));
  return lines.every((line) => line.cancelled + (now.get(line) ?? 0) === line.quantity);
}

/** What cancelled units bring with them: the order's end when nothing waits any more, its timeline, and the saga for stock and money. */
async function follow(
  { tx, now, actor }: ActContext,
  { order }: LockedOrder,
  units: readonly LineUnit<OrderLineRow>[],
  reason?: string,
): Promise<void> {
  const { id: orderId } = order;
  const cancellationId = newId("can");
  const isEnd = endOf(await linesOf(tx, orderId)) === "completed";
  if (isEnd) await moveOrder(tx, now, { orderId, to: "completed" });
  const detail = reason ? `${describeUnits(units)}: ${reason}` : describeUnits(units);
  await noteInTimeline(tx, now, {
    orderId,
    actor,
    entries: [{ type: "lines_cancelled", detail }, ...(isEnd ? [{ type: "completed" } as const] : [])],
    announce: [orderCancelled.of(orderId, { orderId, cancellationId })],
  });
  await startSaga(tx, now, {
    saga: CANCEL_LINES_SAGA,
    key: `${orderId}/${cancellationId}`,
    input: { orderId, cancellationId, currency: order.currency, lines: cancelledLines(units, order.currency) },
  });
}

/** With what was paid for them; `line` is as it was before. Units are cancelled from a line's end, and shipped from its beginning. */
function cancelledLines(units: readonly LineUnit<OrderLineRow>[], currency: Currency): CancelledLine[] {
  return units.map(({ line, quantity }) => {
    const from = line.quantity - line.cancelled - quantity;
    const paid = paidForUnits(line, { from, count: quantity }, { currency, withShipping: true });
    return { position: line.position, sku: line.sku, quantity, paid };
  });
}

import { type FulfilmentId, type LocationId, newId, type OrderId, problem } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { findAllocations } from "../inventory/index.ts";
import { countUnits } from "./count-units.ts";
import type { ActContext } from "./deps.ts";
import { openUnits } from "./fulfilment.ts";
import { lockOrder, type OrderLineRow } from "./lock-order.ts";
import { packedStock } from "./parcel.ts";
import { stockOf } from "./stock-units.ts";
import { fulfilment, fulfilmentLine } from "./tables.ts";
import { noteInTimeline } from "./timeline.ts";
import { describeUnits, type Item, type LineUnit, pickAll, pickUnits } from "./units.ts";

export interface CreateFulfilment {
  readonly orderId: OrderId;
  /** Left out: everything that is in no parcel yet. */
  readonly items?: readonly Item[] | undefined;
  /** Where it is packed; left out, wherever the units are allocated. */
  readonly locationId?: LocationId | undefined;
}

/**
 * Begins a parcel with some of a confirmed order's units, which no other parcel can have from here on.
 * @throws problem `not_found`, `sku_unknown`, or `state_conflict`: the order is not confirmed, fewer units are open, or they are
 * not allocated at that location, or it has had as many parcels as one may have.
 */
export async function createFulfilment(context: ActContext, input: CreateFulfilment): Promise<FulfilmentId> {
  const { tx, now, actor } = context;
  const { orderId, items, locationId } = input;
  const { lines } = await lockOrder(tx, now, { orderId, states: ["confirmed"] });
  const units = items ? pickUnits(lines, items, openUnits) : pickAll(lines, openUnits);
  if (units.length === 0) throw problem("state_conflict", { detail: "Nothing is left to pack." });
  await refuseTooMany(tx, orderId);
  if (locationId) await checkLocation(tx, { orderId, locationId, units, all: lines });
  await countUnits(
    tx,
    orderId,
    units.map(({ line: { position }, quantity }) => ({ position, fulfilled: quantity })),
  );
  const id = newId("ful");
  const at = { createdAt: now, updatedAt: now };
  await tx.insert(fulfilment).values({ id, orderId, state: "created", locationId: locationId ?? null, ...at });
  await tx
    .insert(fulfilmentLine)
    .values(units.map(({ line: { position }, quantity }) => ({ fulfilmentId: id, orderId, position, quantity })));
  const entries = [{ type: "fulfilment_created", detail: describeUnits(units) }] as const;
  await noteInTimeline(tx, now, { orderId, actor, entries });
  return id;
}

/** Far more than anybody packs; what was taken apart stands beside the others. */
const PARCELS_PER_ORDER_MAX = 1_000;

async function refuseTooMany(tx: Transaction, orderId: OrderId): Promise<void> {
  const [counted] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(fulfilment)
    .where(eq(fulfilment.orderId, orderId));
  if ((counted?.count ?? 0) < PARCELS_PER_ORDER_MAX) return;
  throw problem("state_conflict", { detail: `An order has at most ${PARCELS_PER_ORDER_MAX} parcels.` });
}

interface AtLocation {
  readonly orderId: OrderId;
  readonly locationId: LocationId;
  readonly units: readonly LineUnit<OrderLineRow>[];
  /** The order's. */
  readonly all: readonly OrderLineRow[];
}

/** What other parcels of the place have in hand cannot be packed once more: said here rather than when the second shall leave. */
async function checkLocation(tx: Transaction, { orderId, locationId, units, all }: AtLocation): Promise<void> {
  const { allocations } = await findAllocations(tx, { orderId });
  const packed = (await packedStock(tx, orderId, all)).filter((stock) => stock.locationId === locationId);
  for (const [sku, ofSku] of Map.groupBy(stockOf(units), (line) => line.sku)) {
    const own = allocations.filter((allocation) => allocation.sku === sku);
    if (own.length === 0) continue;
    const allocated = own
      .filter((allocation) => allocation.locationId === locationId)
      .reduce((sum, { quantity, shipped, cancelled }) => sum + quantity - shipped - cancelled, 0);
    const inHand = packed.reduce((sum, stock) => sum + (stock.sku === sku ? stock.quantity : 0), 0);
    const here = Math.max(0, allocated - inHand);
    const wanted = ofSku.reduce((sum, { quantity }) => sum + quantity, 0);
    if (here >= wanted) continue;
    const besides = inHand > 0 ? " and in no other parcel" : "";
    throw problem("state_conflict", { detail: `${sku}: only ${here} units are allocated there${besides}.` });
  }
}

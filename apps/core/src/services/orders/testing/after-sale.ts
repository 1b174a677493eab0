import { type FulfilmentId, type LocationId, newId, type OrderId, type ReturnId, type StaffId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../../platform/db/index.ts";
import type { Actor, Right, ShopActor } from "../../../platform/rpc/index.ts";
import { checkoutSetting, writeSetting } from "../../../platform/settings/index.ts";
import { applyGiftCard } from "../../carts/index.ts";
import type { PaymentMethodChoice } from "../../payments/index.ts";
import { cancelOrder } from "../cancel-order.ts";
import { createFulfilment } from "../create-fulfilment.ts";
import type { ActContext } from "../deps.ts";
import { approveReturn } from "../move-return.ts";
import { orderAccessToken } from "../order-token.ts";
import { receiveReturn } from "../receive-return.ts";
import { requestReturn } from "../request-return.ts";
import { shipFulfilment } from "../ship-fulfilment.ts";
import { fulfilment, orderEvent, orderLine } from "../tables.ts";
import type { Item } from "../units.ts";
import { aCartOf, aSku, card, deliver, guest, place, type Shop } from "./checkout.ts";

const staffId: StaffId = newId("stf");

export function staffWith(...rights: Right[]): Extract<Actor, { kind: "staff" }> {
  const person = { userId: "user", name: "Grace", email: "grace@shop.example", roles: [] };
  return { kind: "staff", staffId, ...person, rights: new Set(rights) };
}

export const packer = staffWith("orders:read", "orders:write", "payments:refund", "inventory:write");

/** Somebody's act in a transaction of its own. */
export function act<T>(shop: Shop, work: (context: ActContext) => Promise<T>, actor: Actor = packer): Promise<T> {
  return transact(shop.db, (tx) => work({ tx, now: shop.clock.now(), actor }));
}

/** The guest who bought cancels the whole order. */
export function cancelAsGuest({ orders }: Shop, orderId: OrderId) {
  const accessToken = orderAccessToken(orders.orderTokenSecret, orderId);
  return cancelOrder(orders, guest, { orderId, accessToken });
}

export interface SoldOrder {
  readonly orderId: OrderId;
  /** One a line, in their order. */
  readonly skus: readonly string[];
}

interface Buyer {
  readonly actor?: ShopActor;
  readonly payment?: PaymentMethodChoice;
  /** Code of a card that pays what it can. */
  readonly giftCard?: string;
}

/** A confirmed order with lines of so many units; there are ten of each on the shelf. */
export async function aSoldOrder(
  shop: Shop,
  quantities: readonly number[] = [2, 3],
  { actor = guest, giftCard, payment = card("pm_card_visa") }: Buyer = {},
): Promise<SoldOrder> {
  const skus: string[] = [];
  for (const _ of quantities) skus.push(await aSku(shop, 10));
  const items = skus.map((sku, line) => ({ sku, quantity: quantities[line] ?? 1 }));
  const cartId = await aCartOf(shop, items, actor);
  if (giftCard !== undefined) {
    const applied = { cartId, code: giftCard };
    await transact(shop.db, (tx) => applyGiftCard(shop.carts, { tx, now: shop.clock.now(), actor }, applied));
  }
  const orderId = await place(shop, cartId, { payment }, actor);
  await deliver(shop, orderId);
  return { orderId, skus };
}

interface Parcel {
  readonly items?: readonly Item[];
  readonly locationId?: LocationId;
  readonly trackingNumber?: string;
}

/** Packs and ships, without running what follows. */
export async function shipped(shop: Shop, orderId: OrderId, parcel: Parcel = {}): Promise<FulfilmentId> {
  const { items, locationId, ...tracking } = parcel;
  const fulfilmentId = await act(shop, (context) => createFulfilment(context, { orderId, items, locationId }));
  await act(shop, (context) => shipFulfilment(context, { fulfilmentId, carrier: "DHL", ...tracking }));
  return fulfilmentId;
}

/** The counters of an order's lines, by position. */
export async function countersOf(shop: Shop, orderId: OrderId) {
  const rows = await shop.db
    .select()
    .from(orderLine)
    .where(sql`${orderLine.orderId} = ${sql.param(orderId, orderLine.orderId)}`);
  return rows
    .sort((left, right) => left.position - right.position)
    .map(({ fulfilled, shipped: left, cancelled, returnRequested, returned, writtenOff, refunded }) => ({
      ...{ fulfilled, shipped: left, cancelled, returnRequested, returned, writtenOff, refunded },
    }));
}

export async function parcelStates(shop: Shop, orderId: OrderId): Promise<string[]> {
  const rows = await shop.db
    .select()
    .from(fulfilment)
    .where(sql`${fulfilment.orderId} = ${sql.param(orderId, fulfilment.orderId)}`);
  return rows.map((row) => row.state).sort();
}

/** The timeline's types, and whether its numbers run from 1 without a gap. */
export async function timelineOf(shop: Shop, orderId: OrderId) {
  const rows = await shop.db
    .select()
    .from(orderEvent)
    .where(sql`${orderEvent.orderId} = ${sql.param(orderId, orderEvent.orderId)}`);
  const events = rows.sort((left, right) => left.seq - right.seq);
  const isGapless = events.every((event, index) => event.seq === index + 1);
  return { types: events.map((event) => event.type), actors: events.map((event) => event.actorName), isGapless };
}

/** What of a SKU is on the shelf, and how much of that belongs to orders. */
export async function shelfOf(shop: Shop, sku: string) {
  const [row] = await shop.db.execute<{ onHand: number; allocated: number }>(sql`
    select coalesce(sum(on_hand), 0)::int as "onHand", coalesce(sum(allocated), 0)::int as allocated
    from inventory.stock_level where sku = ${sku}`);
  return { onHand: row?.onHand ?? 0, allocated: row?.allocated ?? 0 };
}

/** Messages of a type about an order that left for the queue. */
export async function announced(shop: Shop, orderId: OrderId, type: string): Promise<unknown[]> {
  const rows = await shop.db.execute<{ payload: unknown }>(sql`
    select payload from platform.outbox where type = ${type} and key = ${orderId} order by id`);
  return rows.map((row) => row.payload);
}

/** Money is taken when parcels leave. */
export function captureAtShipment(shop: Shop): Promise<void> {
  const value = { ...checkoutSetting.fallback, capture: "at_shipment" } as const;
  return transact(shop.db, (tx) => writeSetting(tx, shop.clock.now(), checkoutSetting, value));
}

interface Back extends Buyer {
  readonly quantities?: readonly number[];
  readonly restock?: number;
  readonly writeOff?: number;
}

/** A shipped order of which some of the first line's units have come back. */
export async function aReceivedReturn(
  shop: Shop,
  { quantities = [3], restock = 1, writeOff = 1, ...buyer }: Back = {},
) {
  const { orderId, skus } = await aSoldOrder(shop, quantities, buyer);
  const [sku = ""] = skus;
  const returnId = await aReturnOf(shop, orderId, { sku, restock, writeOff });
  return { orderId, returnId, skus, sku };
}

/** Ships all of an order, and lets some of a SKU's units come back. */
export async function aReturnOf(
  shop: Shop,
  orderId: OrderId,
  { sku, restock, writeOff = 0 }: { readonly sku: string; readonly restock: number; readonly writeOff?: number },
): Promise<ReturnId> {
  await shipped(shop, orderId);
  await deliver(shop, orderId);
  const items = [{ sku, quantity: restock + writeOff, reason: "too small" }];
  const returnId = await act(shop, (context) => requestReturn(context, { orderId, items }));
  await act(shop, (context) => approveReturn(context, { returnId }));
  await act(shop, (context) => receiveReturn(context, { returnId, items: [{ sku, restock, writeOff }] }));
  return returnId;
}

import { type FulfilmentId, type LocationId, newId, type OrderId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { noTargets } from "../../../testing/index.ts";
import { adjustStock, ensureDefaultLocation, saveLocation } from "../../inventory/index.ts";
import { createFulfilment } from "../create-fulfilment.ts";
import { shipFulfilment } from "../ship-fulfilment.ts";
import { act } from "./after-sale.ts";
import { aCart, aSku, deliver, place, type Shop } from "./checkout.ts";
import { one } from "./edits.ts";

/** Units in the first place and in another, all of them one order's; `ordered` makes of the SKU what is bought. */
export async function inTwoPlaces(
  shop: Shop,
  [here, there]: readonly [number, number] = [2, 1],
  ordered: (sku: string) => string = (sku) => sku,
) {
  const sku = await aSku(shop, here);
  const other = await act(shop, async (context) => {
    const input = { code: `store-${newId("evt")}`, name: "Store", kind: "store", priority: 200 } as const;
    const { id } = await saveLocation({ ...context, findTargets: noTargets }, input);
    const came = { sku, locationId: id, delta: there, kind: "receipt", cause: newId("evt"), reason: null } as const;
    await adjustStock(context, { ...came, actor: context.actor });
    return id;
  });
  const house = await act(shop, (context) => ensureDefaultLocation(context));
  const bought = ordered(sku);
  const orderId = await place(shop, await aCart(shop, bought, here + there));
  await deliver(shop, orderId);
  return { orderId, sku, bought, house, other };
}

export const pack = (shop: Shop, orderId: OrderId, sku: string, quantity: number, locationId?: LocationId) =>
  act(shop, (context) => createFulfilment(context, { orderId, items: [one(sku, quantity)], locationId }));

export const ship = (shop: Shop, fulfilmentId: FulfilmentId) =>
  act(shop, (context) => shipFulfilment(context, { fulfilmentId }));

/** On hand and allocated, place by place. */
export async function shelves(shop: Shop, sku: string, places: readonly LocationId[]) {
  const rows = await shop.db.execute<{ place: string; onHand: number; allocated: number }>(sql`
    select location_id::text as place, on_hand as "onHand", allocated from inventory.stock_level where sku = ${sku}`);
  return places.map((id) => {
    const level = rows.find(({ place: at }) => at === toUuid(id));
    return [level?.onHand, level?.allocated];
  });
}

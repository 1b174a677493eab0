import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { eventually } from "../../testing/index.ts";
import { deleteShippingZone, saveOption, saveShippingZone } from "./save-shipping.ts";
import { listShippingZones } from "./term-queries.ts";
import { type CartShop, cartShop, NOW } from "./testing/fixture.ts";

let shop: CartShop;
beforeAll(async () => {
  shop = await cartShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

async function isAnybodyWaiting(): Promise<boolean> {
  const [row] = await shop.db.execute(sql`select from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where not l.granted and a.datname = current_database() limit 1`);
  return row !== undefined;
}

test("a zone that is taken away goes with the option that it gets at the same moment", async () => {
  const zoneId = await shop.inTx((tx) => saveShippingZone({ tx, now: NOW }, { name: "Islands", countries: ["IS"] }));
  const { removing } = await shop.inTx(async (tx) => {
    await saveOption({ tx, now: NOW }, { zoneId, name: "Boat", rates: { USD: { kind: "flat", price: 300 } } });
    const removing = shop.inTx((other) => deleteShippingZone({ tx: other, now: NOW }, zoneId));
    await eventually(isAnybodyWaiting);
    return { removing };
  });
  await removing;
  expect((await listShippingZones(shop.db)).map((zone) => zone.name)).not.toContain("Islands");
});

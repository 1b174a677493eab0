import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { eventually } from "../../testing/index.ts";
import { deleteShippingZone, saveOption, saveShippingZone } from "./save-shipping.ts";
import { saveTaxRate } from "./save-tax.ts";
import { listShippingZones } from "./term-queries.ts";
import { type CartShop, cartShop, NOW, refusalOf } from "./testing/fixture.ts";

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

test("no more zones, options and rates are made than are listed and offered; those there are can be changed", async () => {
  const flat = { USD: { kind: "flat" as const, price: 300 } };
  const zoneId = await shop.inTx((tx) => saveShippingZone({ tx, now: NOW }, { name: "Moon", countries: ["XM"] }));
  const id = await shop.inTx((tx) => saveOption({ tx, now: NOW }, { zoneId, name: "Rocket", rates: flat }));
  await shop.db.execute(sql`
    insert into carts.shipping_option (id, zone_id, name, rates, position, active, created_at, updated_at)
    select gen_random_uuid(), zone_id, 'Rocket ' || n, rates, 0, true, created_at, updated_at
    from carts.shipping_option, generate_series(2, 100) n where name = 'Rocket'`);
  await shop.db.execute(sql`
    insert into carts.shipping_zone (id, name, countries, created_at)
    select gen_random_uuid(), 'Crater ' || n, array['X' || n], now()
    from generate_series((select count(*) from carts.shipping_zone) + 1, 500) n`);
  await shop.db.execute(sql`
    insert into carts.tax_rate (id, country, region, tax_class, name, basis_points, included, updated_at)
    select gen_random_uuid(), 'XM', 'crater ' || n, 'standard', 'Toll', 100, false, now() from generate_series(1, 5000) n`);
  const save = {
    zone: (name: string, country: string, of?: string) =>
      shop.inTx((tx) => saveShippingZone({ tx, now: NOW }, { id: of, name, countries: [country] })),
    option: (name: string, of?: typeof id) =>
      shop.inTx((tx) => saveOption({ tx, now: NOW }, { id: of, zoneId, name, rates: flat })),
    rate: (region: string) =>
      shop.inTx((tx) =>
        saveTaxRate(
          { tx, now: NOW },
          { country: "XM", region, taxClass: "standard", name: "Toll", basisPoints: 200, isIncluded: false },
        ),
      ),
  };
  for (const more of [() => save.zone("Mars", "YM"), () => save.option("Sail"), () => save.rate("crater 0")]) {
    expect((await refusalOf(more())).code).toBe("state_conflict");
  }
  await Promise.all([save.zone("The Moon", "XM", zoneId), save.option("Great rocket", id), save.rate("Crater 1")]);
});

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { LocationId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { codeOf, testDatabase } from "../../testing/index.ts";
import {
  commitReservation,
  ensureDefaultLocation,
  expireReservations,
  readAvailability,
  reserveStock,
  setStockLevels,
  sweepStockAlerts,
  verifyStock,
} from "./index.ts";
import { LOCATIONS_MAX, STOCK_UNITS_MAX } from "./stock.ts";
import { announced, furtherLocation, LATER, levelsOf, NOW, newOrder, newSku, stockedSku } from "./testing/fixture.ts";
import { staffCalls } from "./testing/staff-calls.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
let main: LocationId;
let annex: LocationId;
beforeAll(async () => {
  database = await testDatabase();
  main = await transact(database.db, (tx) => ensureDefaultLocation({ tx, now: NOW }));
  annex = (await furtherLocation(database.db, "annex")).id;
  await furtherLocation(database.db, "cellar");
});
afterAll(() => database[Symbol.asyncDispose]());

const staff = staffCalls(() => database.db);

test("a SKU of which every place has the most there can be is seen, counted and sold like any other", async () => {
  const sku = newSku();
  const lines = ["main", "annex", "cellar"].map((locationCode) => ({ sku, onHand: STOCK_UNITS_MAX, locationCode }));
  await transact(database.db, (tx) => setStockLevels({ tx, now: NOW }, { lines }));
  const all = 3 * STOCK_UNITS_MAX;
  const available = async () => (await readAvailability({ db: database.db }, [sku])).get(sku)?.available;
  expect(await available()).toBe(all);
  await transact(database.db, (tx) =>
    reserveStock({ tx, now: NOW }, { holder: newOrder(), lines: [{ sku, quantity: 7 }], expiresAt: LATER }),
  );
  expect(await available()).toBe(all - 7);
  expect((await announced(database.db, sku)).at(-1)?.available).toBe(all - 7);
  const listed = (await staff().list({ search: sku })).items[0];
  expect(listed).toMatchObject({ available: all - 7, onHand: all, reserved: 7, incoming: 0 });
  expect((await staff().list({ availableMax: 5 })).items).toEqual([]);
  await staff().setAlertThreshold({ sku, threshold: 5 });
  expect((await sweepStockAlerts({ db: database.db, now: NOW })).opened).toEqual([]);
  expect(await verifyStock({ db: database.db }, { skus: [sku] })).toEqual([]);
});

test("no place comes to hold more than there can be, by whichever way", async () => {
  const sku = await stockedSku(database.db, STOCK_UNITS_MAX);
  const more = { sku, locationId: main, kind: "receipt", reason: "delivery" } as const;
  expect(await codeOf(staff().adjust({ ...more, delta: STOCK_UNITS_MAX }))).toBe("state_conflict");
  expect(await codeOf(staff().adjust({ ...more, delta: 1 }))).toBe("state_conflict");
  const lines = [{ sku, quantity: STOCK_UNITS_MAX }];
  const sent = await staff().transfers.send({ fromLocationId: main, toLocationId: annex, lines });
  await staff().adjust({ ...more, delta: 1 });
  const onTop = { fromLocationId: main, toLocationId: annex, lines: [{ sku, quantity: 1 }] };
  expect(await codeOf(staff().transfers.send(onTop))).toBe("state_conflict");
  await staff().transfers.receive({ id: sent.id, lines: [{ sku, received: STOCK_UNITS_MAX }] });
  const move = { sku, fromLocationId: main, toLocationId: annex, quantity: 1, reason: "fair" };
  expect(await codeOf(staff().transfer(move))).toBe("state_conflict");
  expect((await levelsOf(database.db, sku)).map((level) => level.onHand)).toEqual([1, STOCK_UNITS_MAX]);
});

test("a full order that was taken from a dozen places can be taken again once its hold has lapsed", async () => {
  const codes = Array.from({ length: 12 }, (_, place) => `shop-${place}`);
  for (const code of codes) await furtherLocation(database.db, code);
  const skus = Array.from({ length: 100 }, newSku);
  const onHand = skus.flatMap((sku) => codes.map((locationCode) => ({ sku, onHand: 1, locationCode })));
  await transact(database.db, (tx) => setStockLevels({ tx, now: NOW }, { lines: onHand }));
  const orderId = newOrder();
  const lines = skus.map((sku) => ({ sku, quantity: codes.length }));
  await transact(database.db, (tx) => reserveStock({ tx, now: NOW }, { holder: orderId, lines, expiresAt: LATER }));
  await expireReservations({ db: database.db, now: LATER });
  const commit = () => transact(database.db, (tx) => commitReservation({ tx, now: LATER }, { orderId }));
  const committed = await commit();
  expect(committed).toMatchObject({ kind: "allocated" });
  expect(await commit()).toEqual(committed);
  expect(committed.kind === "allocated" && committed.allocations.length).toBe(1_200);
});

test("no more locations are made than there can be, and those there are can be changed", async () => {
  await database.db.execute(sql`
    insert into inventory.location (id, code, name, kind, priority, created_at, updated_at)
    select gen_random_uuid(), 'depot-' || n, 'Depot', 'warehouse', 900, now(), now()
    from generate_series((select count(*) from inventory.location) + 1, ${LOCATIONS_MAX}) n`);
  const place = { code: "one-more", name: "One more", kind: "store", priority: 901 } as const;
  expect(await codeOf(staff().saveLocation(place))).toBe("state_conflict");
  expect(await staff().saveLocation({ ...place, id: annex })).toMatchObject({ code: "one-more" });
});

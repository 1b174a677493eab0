import { beforeAll, expect, test } from "bun:test";
import type { Instant, LocationId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { writeSetting } from "../../platform/settings/index.ts";
import { codeOf, databaseForFile } from "../../testing/index.ts";
import {
  checkStock,
  commitReservation,
  ensureDefaultLocation,
  readAvailability,
  reserveStock,
  setStockLevels,
  verifyPromises,
} from "./index.ts";
import { inventorySetting } from "./settings.ts";
import { announced, furtherLocation, LATER, levelsOf, NOW, newOrder, newSku, stockedSku } from "./testing/fixture.ts";
import { kits, staffCalls } from "./testing/staff-calls.ts";

const database = await databaseForFile();
let main: LocationId;
beforeAll(async () => {
  main = await transact(database.db, (tx) => ensureDefaultLocation({ tx, now: NOW }));
  await furtherLocation(database.db, "annex");
});

const staff = staffCalls(() => database.db);
const clock = { now: () => NOW };
const available = async (sku: string) => (await readAvailability({ db: database.db }, [sku])).get(sku)?.available;

async function inBothPlaces(here: number, there: number): Promise<string> {
  const sku = newSku();
  const lines = [
    { sku, onHand: here, locationCode: "main" },
    { sku, onHand: there, locationCode: "annex" },
  ];
  await transact(database.db, (tx) => setStockLevels({ tx, now: NOW }, { lines }));
  return sku;
}
const reserve = (sku: string, quantity: number) => {
  const holder = newOrder();
  const lines = [{ sku, quantity }];
  return transact(database.db, (tx) => reserveStock({ tx, now: NOW }, { holder, lines, expiresAt: LATER })).then(
    () => holder,
  );
};

test("the shop takes from the first place, or from the fullest when it says so", async () => {
  const byPriority = await inBothPlaces(3, 9);
  await reserve(byPriority, 4);
  expect((await levelsOf(database.db, byPriority)).map((level) => level.reserved)).toEqual([3, 1]);
  const owner = staff({ rights: ["settings:read", "settings:write"] });
  await owner.settings.save({ ...(await owner.settings.get()), allocation: "most_stock" });
  try {
    const byStock = await inBothPlaces(3, 9);
    await reserve(byStock, 4);
    expect((await levelsOf(database.db, byStock)).map((level) => level.reserved)).toEqual([0, 4]);
    await reserve(byStock, 7);
    expect((await levelsOf(database.db, byStock)).map((level) => level.reserved)).toEqual([2, 9]);
  } finally {
    await transact(database.db, (tx) => writeSetting(tx, NOW, inventorySetting, inventorySetting.fallback));
  }
  expect(await codeOf(staff().settings.get())).toBe("forbidden");
});

test("units kept back cannot be bought, and no more can be kept back than are free", async () => {
  const sku = await stockedSku(database.db, 5);
  await staff().setBuffer({ sku, locationId: main, units: 3 });
  expect(await available(sku)).toBe(2);
  expect((await announced(database.db, sku)).at(-1)).toMatchObject({ available: 2 });
  await reserve(sku, 2);
  expect(await codeOf(reserve(sku, 1))).toBe("out_of_stock");
  expect(await codeOf(staff().setBuffer({ sku, locationId: main, units: 4 }))).toBe("state_conflict");
  await staff().setBuffer({ sku, locationId: main, units: 0 });
  expect(await available(sku)).toBe(3);
});

test("a feed sets what was counted by SKU and place, refuses single lines, and counts once under its key", async () => {
  const [known, fresh] = [await stockedSku(database.db, 5), newSku()];
  const lines = [
    { sku: known, onHand: 7 },
    { sku: fresh, onHand: 4, locationCode: "annex" },
    { sku: fresh, onHand: 1, locationCode: "moon" },
  ];
  const feed = () => staff({ idempotencyKey: "feed-1" }).feed({ lines, reason: "nightly count" });
  expect(await feed()).toEqual({
    applied: 2,
    refused: [{ sku: fresh, locationCode: "moon", reason: "location_unknown" }],
  });
  await reserve(known, 6);
  await feed();
  expect([await available(known), await available(fresh)]).toEqual([1, 4]);
  const short = await staff().feed({ lines: [{ sku: known, onHand: 5 }], reason: "count" });
  expect(short).toMatchObject({ applied: 0, refused: [{ sku: known, reason: "below_promised" }] });
  const { items } = await staff().movements({ sku: fresh });
  expect(items).toMatchObject([{ kind: "count", onHand: 4, actorName: "Grace", reason: "nightly count" }]);
});

test("stock of any past instant is told from its movements", async () => {
  const sku = newSku();
  const hour = (n: number) => (NOW + n * 3_600_000) as Instant;
  const change = (n: number, delta: number) =>
    staff({ now: hour(n) }).adjust({ sku, locationId: main, delta, reason: "delivery" });
  await change(0, 10);
  await change(2, -3);
  const orderId = await reserve(sku, 2);
  await transact(database.db, (tx) => commitReservation({ tx, now: hour(3) }, { orderId }));
  const at = async (n: number) => {
    const { items } = await staff().past({ skus: [sku], at: new Date(hour(n)).toISOString() });
    return items.map(({ onHand, reserved, allocated }) => [onHand, reserved, allocated]);
  };
  expect(await at(-1)).toEqual([]);
  expect(await at(1)).toEqual([[10, 2, 0]]);
  expect(await at(2)).toEqual([[7, 2, 0]]);
  expect(await at(3)).toEqual([[7, 0, 2]]);
});

test("the regular check repairs levels and tells of promises that do not agree", async () => {
  const [level, promise] = [await stockedSku(database.db, 6), await stockedSku(database.db, 6)];
  await reserve(promise, 2);
  expect(await checkStock({ db: database.db, clock })).toEqual({ mismatches: [], repaired: 0, promises: [] });
  await database.db.execute(sql`update inventory.stock_level set on_hand = 9 where sku = ${level}`);
  await database.db.execute(sql`
    update inventory.reservation_line set quantity = 3 where sku = ${promise}`);
  const check = await checkStock({ db: database.db, clock });
  expect(check).toMatchObject({
    mismatches: [{ sku: level }],
    repaired: 1,
    promises: [{ sku: promise, counter: "reserved", level: 2, rows: 3 }],
  });
  expect(await available(level)).toBe(6);
  await database.db.execute(sql`update inventory.reservation_line set quantity = 2 where sku = ${promise}`);
  expect(await verifyPromises({ db: database.db })).toEqual([]);
});

test("a level that owes units once it is set right is set right nonetheless, and the check goes on", async () => {
  const sku = await stockedSku(database.db, 6);
  await database.db.execute(sql`update inventory.stock_level set on_hand = 9 where sku = ${sku}`);
  await reserve(sku, 8);
  expect(await checkStock({ db: database.db, clock })).toMatchObject({ mismatches: [{ sku }], repaired: 1 });
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 6, reserved: 8, allocated: 0 }]);
  expect(await available(sku)).toBe(0);
  expect(await checkStock({ db: database.db, clock })).toMatchObject({ mismatches: [] });
});

test("a shop that wants to look first has its levels told of and left as they are", async () => {
  const sku = await stockedSku(database.db, 6);
  await transact(database.db, (tx) =>
    writeSetting(tx, NOW, inventorySetting, { ...inventorySetting.fallback, repairLevels: false }),
  );
  await database.db.execute(sql`update inventory.stock_level set on_hand = 5 where sku = ${sku}`);
  expect(await checkStock({ db: database.db, clock })).toMatchObject({ mismatches: [{ sku }], repaired: 0 });
  await transact(database.db, (tx) => writeSetting(tx, NOW, inventorySetting, inventorySetting.fallback));
  expect(await checkStock({ db: database.db, clock })).toMatchObject({ mismatches: [{ sku }], repaired: 1 });
});

test("what staff would do to a kit's own stock is refused, since it has none", async () => {
  const [kit, part] = [newSku(), await stockedSku(database.db, 5)];
  kits.add(kit);
  const annex = await furtherLocation(database.db, `annex-${kit}`);
  const reason = "found";
  expect(await codeOf(staff().adjust({ sku: kit, locationId: main, delta: 1, reason }))).toBe("validation_failed");
  expect(await codeOf(staff().setBuffer({ sku: kit, locationId: main, units: 1 }))).toBe("validation_failed");
  expect(await codeOf(staff().setAlertThreshold({ sku: kit, threshold: 1 }))).toBe("validation_failed");
  const move = { sku: kit, fromLocationId: main, toLocationId: annex.id, quantity: 1, reason };
  expect(await codeOf(staff().transfer(move))).toBe("validation_failed");
  const parcel = { fromLocationId: main, toLocationId: annex.id, lines: [{ sku: kit, quantity: 1 }] };
  expect(await codeOf(staff().transfers.send(parcel))).toBe("validation_failed");
  const lines = [kit, part].map((sku) => ({ sku, onHand: 7 }));
  const { applied, refused } = await staff().feed({ lines, reason });
  expect([applied, refused.map((line) => [line.sku, line.reason])]).toEqual([1, [[kit, "is_a_kit"]]]);
  expect([await levelsOf(database.db, kit), (await levelsOf(database.db, part))[0]?.onHand]).toEqual([[], 7]);
});

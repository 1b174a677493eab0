import { expect, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { databaseForFile } from "../../testing/index.ts";
import {
  commitReservation,
  expireReservations,
  extendReservation,
  releaseReservation,
  reserveStock,
  verifyStock,
} from "./index.ts";
import { announced, at, LATER, levelsOf, NOW, newOrder, newSku, stockedSku } from "./testing/fixture.ts";

const database = await databaseForFile();

const AFTER = at("2026-11-24T10:15:01Z");

async function hold(sku: string, quantity: number, holder: OrderId = newOrder()): Promise<OrderId> {
  await transact(database.db, (tx) =>
    reserveStock({ tx, now: NOW }, { holder, lines: [{ sku, quantity }], expiresAt: LATER }),
  );
  return holder;
}
const release = (holder: OrderId) => transact(database.db, (tx) => releaseReservation({ tx, now: NOW }, { holder }));
const commit = (orderId: OrderId) => transact(database.db, (tx) => commitReservation({ tx, now: AFTER }, { orderId }));
const expire = () => expireReservations({ db: database.db, now: AFTER });

test("released units can be bought again; a second release and one of nothing are harmless", async () => {
  const sku = await stockedSku(database.db, 3);
  const holder = await hold(sku, 3);
  const outcomes = await Promise.all([release(holder), release(holder), release(holder)]);
  expect(outcomes.filter((outcome) => outcome.released)).toHaveLength(1);
  expect(await release(newOrder())).toEqual({ released: false });
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 3, reserved: 0, allocated: 0 }]);
  expect(await release(await hold(sku, 3))).toEqual({ released: true });
});

test("the sweep ends what has expired, and only that, however many sweep at once", async () => {
  const sku = await stockedSku(database.db, 300);
  await Promise.all(Array.from({ length: 120 }, () => hold(sku, 2)));
  const extended = await hold(sku, 5);
  const until = at("2026-11-24T11:00:00Z");
  const kept = await transact(database.db, (tx) => extendReservation({ tx, now: NOW }, { holder: extended, until }));
  expect(kept).toEqual({ held: true });
  const sweeps = await Promise.all([expire(), expire(), expire()]);
  expect(sweeps.reduce((sum, sweep) => sum + sweep.expired, 0)).toBe(120);
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 300, reserved: 5, allocated: 0 }]);
  expect(await verifyStock({ db: database.db }, { skus: [sku] })).toEqual([]);
});

test("a hold that its level no longer covers keeps no other from lapsing, and is told of", async () => {
  const [damaged, fine] = [await stockedSku(database.db, 5), await stockedSku(database.db, 5)];
  const holder = await hold(damaged, 2);
  await hold(fine, 2);
  await database.db.execute(sql`update inventory.stock_level set reserved = 1 where sku = ${damaged}`);
  const { expired, failed } = await expire();
  expect([expired, failed.length]).toEqual([1, 1]);
  expect(await levelsOf(database.db, fine)).toEqual([{ onHand: 5, reserved: 0, allocated: 0 }]);
  await database.db.execute(sql`update inventory.stock_level set reserved = 2 where sku = ${damaged}`);
  expect(await expire()).toEqual({ expired: 1, failed: [] });
  expect(await release(holder)).toEqual({ released: false });
});

test("an ended reservation cannot be extended, and a shorter time does not shorten one", async () => {
  const sku = await stockedSku(database.db, 2);
  const holder = await hold(sku, 1);
  const extend = (until: typeof NOW) =>
    transact(database.db, (tx) => extendReservation({ tx, now: NOW }, { holder, until }));
  expect(await extend(NOW)).toEqual({ held: true });
  await expireReservations({ db: database.db, now: NOW });
  expect((await levelsOf(database.db, sku))[0]?.reserved).toBe(1);
  await release(holder);
  expect(await extend(AFTER)).toEqual({ held: false });
});

test("committing allocates what was held, once, without changing what can be bought", async () => {
  const sku = await stockedSku(database.db, 4);
  const orderId = await hold(sku, 3);
  const before = await announced(database.db, sku);
  const first = await commit(orderId);
  expect(first).toMatchObject({ kind: "allocated", allocations: [{ sku, quantity: 3 }] });
  expect(await commit(orderId)).toEqual(first);
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 4, reserved: 0, allocated: 3 }]);
  expect(await announced(database.db, sku)).toEqual(before);
  expect(await release(orderId)).toEqual({ released: false });
  expect(await verifyStock({ db: database.db }, { skus: [sku] })).toEqual([]);
});

test("a hold that has lapsed is taken again while the units are there", async () => {
  const sku = await stockedSku(database.db, 2);
  const orderId = await hold(sku, 2);
  await expire();
  expect((await levelsOf(database.db, sku))[0]?.reserved).toBe(0);
  expect(await commit(orderId)).toMatchObject({ kind: "allocated", allocations: [{ sku, quantity: 2 }] });
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 2, reserved: 0, allocated: 2 }]);
});

test("a hold that was let go of, as a cancellation does, is not taken again", async () => {
  const sku = await stockedSku(database.db, 2);
  const orderId = await hold(sku, 2);
  await release(orderId);
  expect(await commit(orderId)).toEqual({ kind: "allocated", allocations: [] });
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 2, reserved: 0, allocated: 0 }]);
});

test("a lapsed hold whose units are gone is answered, and one that may be sold ahead is allocated", async () => {
  const sku = await stockedSku(database.db, 2);
  const late = await hold(sku, 2);
  await expire();
  await hold(sku, 1);
  expect(await commit(late)).toEqual({ kind: "short", items: [{ sku, requested: 2, available: 1 }] });
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 2, reserved: 1, allocated: 0 }]);

  const ahead = await stockedSku(database.db, 2, { allowBackorder: true });
  const lateAhead = await hold(ahead, 2);
  await expire();
  await hold(ahead, 2);
  expect(await commit(lateAhead)).toMatchObject({ kind: "allocated", allocations: [{ sku: ahead, quantity: 2 }] });
});

test("an order of SKUs that are not tracked commits without allocations", async () => {
  const holder = newOrder();
  const line = { sku: newSku(), quantity: 1, policy: { tracked: false, allowBackorder: false } };
  await transact(database.db, (tx) => reserveStock({ tx, now: NOW }, { holder, lines: [line], expiresAt: LATER }));
  expect(await commit(holder)).toEqual({ kind: "allocated", allocations: [] });
});

import { expect, test } from "bun:test";
import { type OrderId, Problem } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { databaseForFile } from "../../testing/index.ts";
import {
  commitReservation,
  releaseAllocations,
  reserveStock,
  type StockLine,
  setStockLevels,
  shipAllocations,
  verifyStock,
} from "./index.ts";
import { announced, furtherLocation, LATER, levelsOf, NOW, newOrder, stockedSku } from "./testing/fixture.ts";

const database = await databaseForFile();

async function order(lines: readonly StockLine[]): Promise<OrderId> {
  const orderId = newOrder();
  await transact(database.db, async (tx) => {
    await reserveStock({ tx, now: NOW }, { holder: orderId, lines, expiresAt: LATER });
    await commitReservation({ tx, now: NOW }, { orderId });
  });
  return orderId;
}
const cancel = (orderId: OrderId) => transact(database.db, (tx) => releaseAllocations({ tx, now: NOW }, { orderId }));
const ship = (orderId: OrderId, lines: readonly StockLine[], cause: string) =>
  transact(database.db, (tx) => shipAllocations({ tx, now: NOW }, { orderId, lines, cause }));
async function statusOf(holder: OrderId): Promise<unknown> {
  const [row] = await database.db.execute(sql`select status from inventory.reservation where holder = ${holder}`);
  return row?.status;
}

test("cancelling gives every unit back once, however often and at once it is asked for", async () => {
  const sku = await stockedSku(database.db, 5);
  const orderId = await order([{ sku, quantity: 5 }]);
  await Promise.all([cancel(orderId), cancel(orderId), cancel(orderId)]);
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 5, reserved: 0, allocated: 0 }]);
  expect((await announced(database.db, sku)).at(-1)?.available).toBe(5);
  expect(await statusOf(orderId)).toBe("released");
  expect(await cancel(newOrder())).toEqual([]);
});

test("shipping takes units off the shelf, first location first, and a shipment told twice ships once", async () => {
  const sku = await stockedSku(database.db, 2);
  await furtherLocation(database.db, "annex");
  await transact(database.db, (tx) =>
    setStockLevels({ tx, now: NOW }, { lines: [{ sku, locationCode: "annex", onHand: 6 }] }),
  );
  const orderId = await order([{ sku, quantity: 5 }]);
  const first = await ship(orderId, [{ sku, quantity: 3 }], "ful-1");
  expect(first.map((units) => units.quantity)).toEqual([2, 1]);
  expect(await ship(orderId, [{ sku, quantity: 3 }], "ful-1")).toEqual(first);
  expect(await levelsOf(database.db, sku)).toEqual([
    { onHand: 0, reserved: 0, allocated: 0 },
    { onHand: 5, reserved: 0, allocated: 2 },
  ]);
  const tooMany = await ship(orderId, [{ sku, quantity: 3 }], "ful-2").catch((error: unknown) => error);
  expect(tooMany).toBeInstanceOf(Problem);
  await ship(orderId, [{ sku, quantity: 2 }], "ful-3");
  expect(await statusOf(orderId)).toBe("consumed");
  expect(await cancel(orderId)).toEqual([]);
  expect(await verifyStock({ db: database.db }, { skus: [sku] })).toEqual([]);
});

test("cancelling after a part was shipped gives back the rest only", async () => {
  const sku = await stockedSku(database.db, 4);
  const orderId = await order([{ sku, quantity: 4 }]);
  await ship(orderId, [{ sku, quantity: 1 }], "ful-4");
  expect((await cancel(orderId)).map((units) => units.quantity)).toEqual([3]);
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 3, reserved: 0, allocated: 0 }]);
});

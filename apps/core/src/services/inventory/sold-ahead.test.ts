import { afterAll, beforeAll, expect, test } from "bun:test";
import type { LocationId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { type Transaction, transact } from "../../platform/db/index.ts";
import { codeOf, eventually, noTargets, testDatabase } from "../../testing/index.ts";
import {
  adjustStock,
  ensureDefaultLocation,
  readAvailability,
  reserveStock,
  saveLocation,
  setStockLevels,
  setStockPolicies,
  verifyStock,
} from "./index.ts";
import { furtherLocation, LATER, levelsOf, NOW, newOrder, newSku, stockedSku } from "./testing/fixture.ts";
import { staffCalls } from "./testing/staff-calls.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
let main: LocationId;
let annex: LocationId;
beforeAll(async () => {
  database = await testDatabase();
  main = await transact(database.db, (tx) => ensureDefaultLocation({ tx, now: NOW }));
  annex = (await furtherLocation(database.db, "annex")).id;
});
afterAll(async () => {
  expect(await verifyStock({ db: database.db })).toEqual([]);
  await database[Symbol.asyncDispose]();
});

const staff = staffCalls(() => database.db);
const inTx = <T>(work: (tx: Transaction) => Promise<T>) => transact(database.db, work);
const available = async (sku: string) => (await readAvailability({ db: database.db }, [sku])).get(sku)?.available;
const reserve = (skus: readonly string[], quantity: number) =>
  inTx((tx) => {
    const lines = skus.map((sku) => ({ sku, quantity }));
    return reserveStock({ tx, now: NOW }, { holder: newOrder(), lines, expiresAt: LATER });
  });
const sellAhead = (sku: string, allowBackorder: boolean) => (tx: Transaction) =>
  setStockPolicies({ tx, now: NOW }, [{ sku, tracked: true, allowBackorder }]);

/** A SKU that was sold ahead, owes three units and is sold ahead no more. */
async function inDebt(): Promise<string> {
  const sku = await stockedSku(database.db, 2, { allowBackorder: true });
  await reserve([sku], 5);
  await inTx(sellAhead(sku, false));
  return sku;
}

async function isAnybodyWaiting(): Promise<boolean> {
  const [row] = await database.db.execute(sql`select from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where not l.granted and a.datname = current_database() limit 1`);
  return row !== undefined;
}

test("units that are not there go nowhere, though they may be sold", async () => {
  const sku = await stockedSku(database.db, 2, { allowBackorder: true });
  const move = { sku, fromLocationId: main, toLocationId: annex, reason: "fair" };
  expect(await codeOf(staff().transfer({ ...move, quantity: 10 }))).toBe("state_conflict");
  const lines = [{ sku, quantity: 10 }];
  expect(await codeOf(staff().transfers.send({ fromLocationId: main, toLocationId: annex, lines }))).toBe(
    "state_conflict",
  );
  expect(await available(sku)).toBe(2);
  await staff().transfer({ ...move, quantity: 2 });
  expect((await levelsOf(database.db, sku)).map((level) => level.onHand)).toEqual([0, 2]);
});

test("a count that lessens what is owed is kept, as a receipt of the same units is; one that owes more is not", async () => {
  const sku = await inDebt();
  const count = (onHand: number) => inTx((tx) => setStockLevels({ tx, now: NOW }, { lines: [{ sku, onHand }] }));
  expect(await count(4)).toEqual({ applied: 1, refused: [] });
  expect((await count(3)).refused).toEqual([{ sku, locationCode: null, reason: "below_promised" }]);
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 4, reserved: 5, allocated: 0 }]);
});

test("a level that owed units is one like any other once it is filled", async () => {
  const sku = await inDebt();
  expect(await codeOf(staff().setBuffer({ sku, locationId: main, units: 1 }))).toBe("state_conflict");
  await staff().adjust({ sku, locationId: main, delta: 5, kind: "receipt", reason: "delivery" });
  expect(await codeOf(staff().setBuffer({ sku, locationId: main, units: 3 }))).toBe("state_conflict");
  await staff().setBuffer({ sku, locationId: main, units: 2 });
  const [level] = await database.db.execute(sql`select allow_backorder from inventory.stock_level where sku = ${sku}`);
  expect(level).toEqual({ allow_backorder: false });
});

test("a level that owes units may keep back fewer than before, and no more", async () => {
  const sku = await stockedSku(database.db, 9);
  await staff().setBuffer({ sku, locationId: main, units: 5 });
  await inTx(sellAhead(sku, true));
  await reserve([sku], 7);
  await inTx(sellAhead(sku, false));
  const keepBack = (units: number) => staff().setBuffer({ sku, locationId: main, units });
  expect(await codeOf(keepBack(6))).toBe("state_conflict");
  await keepBack(4);
  await keepBack(1);
  expect(await available(sku)).toBe(1);
  expect(await codeOf(keepBack(3))).toBe("state_conflict");
});

test("a place that a SKU comes to just as it may be sold ahead may owe its units", async () => {
  const sku = await stockedSku(database.db, 1);
  const input = { code: "nearest", name: "Nearest", kind: "store", priority: 1 } as const;
  const nearest = await inTx((tx) => saveLocation({ tx, now: NOW, findTargets: noTargets }, input));
  const { receiving } = await inTx(async (tx) => {
    await sellAhead(sku, true)(tx);
    const receiving = inTx((other) =>
      adjustStock(
        { tx: other, now: NOW },
        {
          ...{ sku, locationId: nearest.id, delta: 1, kind: "receipt", cause: "delivery", reason: null },
          actor: { kind: "system", name: "test" },
        },
      ),
    );
    await eventually(isAnybodyWaiting);
    return { receiving };
  });
  await receiving;
  await reserve([sku], 5);
  expect((await levelsOf(database.db, sku)).map((level) => level.reserved)).toEqual([4, 1]);
  await inTx((tx) => tx.execute(sql`delete from inventory.reservation_line where sku = ${sku}`));
});

test("a count that opens a level waits for nobody who waits for it", async () => {
  const [first, last] = [newSku(), newSku()].toSorted() as [string, string];
  const lines = [first, last].map((sku) => ({ sku, onHand: 5 }));
  await inTx((tx) => setStockLevels({ tx, now: NOW }, { lines }));
  let counts = 0;
  let buys = 0;
  const { counting } = await inTx(async (tx) => {
    buys += 1;
    await tx.execute(sql`select from inventory.stock_item where sku = ${first} for update`);
    const counting = inTx(async (other) => {
      counts += 1;
      const there = { sku: last, onHand: 1, locationCode: "annex" };
      await setStockLevels({ tx: other, now: NOW }, { lines: [{ sku: first, onHand: 6 }, there] });
    });
    await eventually(isAnybodyWaiting);
    await tx.execute(sql`select from inventory.stock_item where sku = ${last} for update`);
    return { counting };
  });
  await counting;
  expect([counts, buys]).toEqual([1, 1]);
});

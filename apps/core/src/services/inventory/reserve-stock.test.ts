import { expect, test } from "bun:test";
import { Problem } from "@stoa/kernel";
import { transact } from "../../platform/db/index.ts";
import { databaseForFile } from "../../testing/index.ts";
import {
  type ReserveLine,
  readAvailability,
  reserveStock,
  type StockHolder,
  setStockLevels,
  verifyStock,
} from "./index.ts";
import {
  announced,
  furtherLocation,
  LATER,
  levelsOf,
  NOW,
  newCart,
  newOrder,
  newSku,
  stockedSku,
} from "./testing/fixture.ts";

const database = await databaseForFile();

const reserve = (lines: readonly ReserveLine[], holder: StockHolder = newOrder()) =>
  transact(database.db, (tx) => reserveStock({ tx, now: NOW }, { holder, lines, expiresAt: LATER }));

async function refusal(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => null,
    (failure: unknown) => failure,
  );
  if (error instanceof Problem) return error;
  throw new Error("was not refused", { cause: error });
}

test("reserved units can no longer be bought, and the change is announced once", async () => {
  const sku = await stockedSku(database.db, 5);
  await reserve([{ sku, quantity: 2 }]);
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 5, reserved: 2, allocated: 0 }]);
  const now = (await readAvailability({ db: database.db }, [sku])).get(sku);
  expect(now).toEqual({ available: 3, allowBackorder: false, tracked: true, version: 3 });
  expect((await announced(database.db, sku)).map((stock) => stock.available)).toEqual([0, 5, 3]);
});

test("two lines of one SKU are checked as a sum, and a shortage of one SKU keeps no other", async () => {
  const [scarce, plenty] = [await stockedSku(database.db, 3), await stockedSku(database.db, 50)];
  const unknown = newSku();
  const refused = await refusal(
    reserve([
      { sku: scarce, quantity: 2 },
      { sku: plenty, quantity: 1 },
      { sku: scarce, quantity: 2 },
      { sku: unknown, quantity: 1 },
    ]),
  );
  expect(refused.code).toBe("out_of_stock");
  expect(refused.members.items).toEqual([
    { sku: scarce, requested: 4, available: 3 },
    { sku: unknown, requested: 1, available: 0 },
  ]);
  expect(await levelsOf(database.db, plenty)).toEqual([{ onHand: 50, reserved: 0, allocated: 0 }]);
  expect(await levelsOf(database.db, scarce)).toEqual([{ onHand: 3, reserved: 0, allocated: 0 }]);
});

test("a holder that asks twice, even at once, holds its units once", async () => {
  const sku = await stockedSku(database.db, 10);
  const holder = newCart();
  const both = await Promise.all([1, 2, 3, 4].map(() => reserve([{ sku, quantity: 4 }], holder)));
  expect(new Set(both.map((one) => one.reservationId)).size).toBe(1);
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 10, reserved: 4, allocated: 0 }]);
});

test("a reservation is split over locations by priority", async () => {
  const sku = await stockedSku(database.db, 3);
  await furtherLocation(database.db, "annex");
  await transact(database.db, (tx) =>
    setStockLevels({ tx, now: NOW }, { lines: [{ sku, locationCode: "annex", onHand: 4 }] }),
  );
  await reserve([{ sku, quantity: 5 }]);
  expect((await levelsOf(database.db, sku)).map((level) => level.reserved)).toEqual([3, 2]);
  const refused = await refusal(reserve([{ sku, quantity: 3 }]));
  expect(refused.members.items).toEqual([{ sku, requested: 3, available: 2 }]);
});

test("a SKU that may be sold ahead goes below zero, and one that is not tracked is not counted", async () => {
  const ahead = await stockedSku(database.db, 1, { allowBackorder: true });
  await reserve([{ sku: ahead, quantity: 4 }]);
  expect((await levelsOf(database.db, ahead))[0]?.reserved).toBe(4);
  expect((await readAvailability({ db: database.db }, [ahead])).get(ahead)?.available).toBe(0);

  const untracked = newSku();
  await reserve([{ sku: untracked, quantity: 900, policy: { tracked: false, allowBackorder: false } }]);
  expect(await levelsOf(database.db, untracked)).toEqual([]);

  const neverStocked = newSku();
  await reserve([{ sku: neverStocked, quantity: 2, policy: { tracked: true, allowBackorder: true } }]);
  expect((await levelsOf(database.db, neverStocked))[0]?.reserved).toBe(2);
});

test("200 buyers at once of 100 units: exactly 100 are served, and every counter is the sum of its movements", async () => {
  const sku = await stockedSku(database.db, 100);
  const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => reserve([{ sku, quantity: 1 }])));
  expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(100);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(Problem);
  }
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 100, reserved: 100, allocated: 0 }]);
  expect(await verifyStock({ db: database.db }, { skus: [sku] })).toEqual([]);
});

test("buyers of the same SKUs in opposite order do not wait for each other in a circle", async () => {
  const skus = await Promise.all(Array.from({ length: 6 }, () => stockedSku(database.db, 40)));
  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) => {
      const lines = skus.map((sku) => ({ sku, quantity: 1 }));
      return reserve(index % 2 === 0 ? lines : lines.reverse());
    }),
  );
  expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(40);
  for (const sku of skus) expect((await levelsOf(database.db, sku))[0]?.reserved).toBe(40);
});

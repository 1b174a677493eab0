import { expect, test } from "bun:test";
import { transact } from "../../platform/db/index.ts";
import { databaseForFile } from "../../testing/index.ts";
import { readAvailability, reserveStock, type StockLevelLine, setStockLevels, verifyStock } from "./index.ts";
import { announced, LATER, levelsOf, NOW, newOrder, newSku, stockedSku } from "./testing/fixture.ts";

const database = await databaseForFile();

const set = (lines: readonly StockLevelLine[], cause?: string) =>
  transact(database.db, (tx) => setStockLevels({ tx, now: NOW }, { lines, ...(cause !== undefined && { cause }) }));

test("2,500 levels are set in one call, and setting them again changes and announces nothing", async () => {
  const lines = Array.from({ length: 2_500 }, (_, index) => ({ sku: newSku(), onHand: index % 50 }));
  expect(await set(lines)).toEqual({ applied: 2_500, refused: [] });
  const skus = lines.map((line) => line.sku);
  const stock = await readAvailability({ db: database.db }, skus);
  for (const line of lines) expect(stock.get(line.sku)?.available).toBe(line.onHand);
  expect(await set(lines)).toEqual({ applied: 2_500, refused: [] });
  expect(await readAvailability({ db: database.db }, skus)).toEqual(stock);
  expect(await verifyStock({ db: database.db })).toEqual([]);
});

test("a line that cannot be is refused alone", async () => {
  const promised = await stockedSku(database.db, 5);
  const fine = newSku();
  await transact(database.db, (tx) =>
    reserveStock({ tx, now: NOW }, { holder: newOrder(), lines: [{ sku: promised, quantity: 4 }], expiresAt: LATER }),
  );
  const { applied, refused } = await set([
    { sku: promised, onHand: 3 },
    { sku: fine, onHand: 7 },
    { sku: fine, onHand: 9, locationCode: "nowhere" },
    { sku: newSku(), onHand: -1 },
  ]);
  expect(applied).toBe(1);
  expect(refused.map((line) => line.reason)).toEqual(["location_unknown", "not_a_count", "below_promised"]);
  expect(await levelsOf(database.db, promised)).toEqual([{ onHand: 5, reserved: 4, allocated: 0 }]);
  expect(await levelsOf(database.db, fine)).toEqual([{ onHand: 7, reserved: 0, allocated: 0 }]);
});

test("a kit has nothing to count: its line is refused alone", async () => {
  const [kit, part] = [newSku(), newSku()];
  const lines = [
    { sku: kit, onHand: 5 },
    { sku: part, onHand: 5 },
  ];
  const input = { lines, kits: new Set([kit]) };
  const { applied, refused } = await transact(database.db, (tx) => setStockLevels({ tx, now: NOW }, input));
  expect([applied, refused]).toEqual([1, [{ sku: kit, locationCode: null, reason: "is_a_kit" }]]);
  expect(await levelsOf(database.db, kit)).toEqual([]);
});

test("parallel counts and purchases of the same SKUs end with versions that grow one by one", async () => {
  const skus = await Promise.all(Array.from({ length: 5 }, () => stockedSku(database.db, 100)));
  await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      index % 3 === 0
        ? set(skus.map((sku) => ({ sku, onHand: 100 + index })))
        : transact(database.db, (tx) =>
            reserveStock(
              { tx, now: NOW },
              { holder: newOrder(), lines: skus.map((sku) => ({ sku, quantity: 1 })), expiresAt: LATER },
            ),
          ),
    ),
  );
  for (const sku of skus) {
    const versions = (await announced(database.db, sku)).map((stock) => stock.version);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
    expect((await levelsOf(database.db, sku))[0]?.reserved).toBe(20);
  }
  expect(await verifyStock({ db: database.db }, { skus })).toEqual([]);
});

test("a policy told with the stock is kept, and one that changes is announced", async () => {
  const sku = await stockedSku(database.db, 1);
  await set([{ sku, onHand: 1, tracked: true, allowBackorder: true }]);
  const stock = (await readAvailability({ db: database.db }, [sku])).get(sku);
  expect(stock).toMatchObject({ allowBackorder: true, tracked: true, available: 1 });
  expect((await announced(database.db, sku)).at(-1)).toMatchObject({ allowBackorder: true, version: stock?.version });
});

import { beforeAll, expect, test } from "bun:test";
import { type LocationId, newId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { verifyAuditChain } from "../../platform/audit/index.ts";
import { transact } from "../../platform/db/index.ts";
import { codeOf, databaseForFile } from "../../testing/index.ts";
import {
  ensureDefaultLocation,
  readAvailability,
  repairStock,
  reserveStock,
  setStockPolicies,
  sweepStockAlerts,
  verifyStock,
} from "./index.ts";
import { announced, furtherLocation, LATER, levelsOf, NOW, newOrder, newSku, stockedSku } from "./testing/fixture.ts";
import { staffCalls } from "./testing/staff-calls.ts";

const database = await databaseForFile();
let main: LocationId;
let annex: LocationId;
beforeAll(async () => {
  main = await transact(database.db, (tx) => ensureDefaultLocation({ tx, now: NOW }));
  annex = (await furtherLocation(database.db, "annex")).id;
});

const staff = staffCalls(() => database.db);

test("an adjustment moves stock, tells who and why, and stands in the audit log", async () => {
  const sku = newSku();
  expect(await staff().adjust({ sku, locationId: main, delta: 7, kind: "receipt", reason: "delivery 12" })).toEqual({
    before: 0,
    after: 7,
  });
  expect(await staff().adjust({ sku, locationId: main, delta: -2, reason: "broken" })).toEqual({ before: 7, after: 5 });
  const { items } = await staff().movements({ sku });
  expect(items).toMatchObject([
    { kind: "adjustment", onHand: -2, reason: "broken", actorName: "Grace" },
    { kind: "receipt", onHand: 7, reason: "delivery 12", actorName: "Grace" },
  ]);
  const rows = await database.db.execute(sql`
    select action, actor_name from platform.audit_log where entity = 'stock' and entity_id = ${sku} order by seq`);
  expect([...rows]).toEqual([
    { action: "stock.adjusted", actor_name: "Grace" },
    { action: "stock.adjusted", actor_name: "Grace" },
  ]);
  expect(await verifyAuditChain(database.db)).toMatchObject({ brokenAt: null });
});

test("units that are promised cannot be taken away, and a request that is sent twice counts once", async () => {
  const sku = await stockedSku(database.db, 5);
  await transact(database.db, (tx) =>
    reserveStock({ tx, now: NOW }, { holder: newOrder(), lines: [{ sku, quantity: 4 }], expiresAt: LATER }),
  );
  const away = { sku, locationId: main, reason: "lost" };
  expect(await codeOf(staff().adjust({ ...away, delta: -2 }))).toBe("state_conflict");
  const same = staff({ idempotencyKey: "key" });
  const twice = [await same.adjust({ ...away, delta: -1 }), await same.adjust({ ...away, delta: -1 })];
  expect(twice.map((change) => change.after)).toEqual([4, 4]);
  expect(await levelsOf(database.db, sku)).toEqual([{ onHand: 4, reserved: 4, allocated: 0 }]);
  expect(await codeOf(staff().adjust({ ...away, locationId: newId("loc"), delta: 1 }))).toBe("not_found");
});

test("without a key each change counts, however many one request has", async () => {
  const sku = await stockedSku(database.db, 1);
  const inOneRequest = staff();
  const receipt = { sku, locationId: main, kind: "receipt", reason: "delivery" } as const;
  await inOneRequest.adjust({ ...receipt, delta: 2 });
  expect(await inOneRequest.adjust({ ...receipt, delta: 3 })).toEqual({ before: 3, after: 6 });
  const lines = [{ sku, quantity: 6 }];
  const { id } = await inOneRequest.transfers.send({ fromLocationId: main, toLocationId: annex, lines });
  await inOneRequest.transfers.receive({ id, lines: [{ sku, received: 2 }] });
  await inOneRequest.transfers.receive({ id, lines: [{ sku, received: 4 }] });
  expect((await levelsOf(database.db, sku)).map((level) => level.onHand)).toEqual([0, 6]);
});

test("a transfer moves units between places and changes nothing of what can be bought", async () => {
  const sku = await stockedSku(database.db, 5);
  const before = await announced(database.db, sku);
  const move = { sku, fromLocationId: main, toLocationId: annex, reason: "fair" };
  await staff().transfer({ ...move, quantity: 3 });
  expect((await levelsOf(database.db, sku)).map((level) => level.onHand)).toEqual([2, 3]);
  expect(await announced(database.db, sku)).toEqual(before);
  expect(await codeOf(staff().transfer({ ...move, quantity: 3 }))).toBe("state_conflict");
  expect(await codeOf(staff().transfer({ ...move, toLocationId: main, quantity: 1 }))).toBe("state_conflict");
  expect(await verifyStock({ db: database.db }, { skus: [sku] })).toEqual([]);
});

test("stock is listed by SKU, page by page, by place and when it is low", async () => {
  const skus: string[] = [];
  for (let onHand = 0; onHand < 5; onHand += 1) skus.push(await stockedSku(database.db, onHand));
  const wanted = skus.toSorted();
  const all: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await staff().list({ limit: 3, ...(cursor !== undefined && { cursor }) });
    all.push(...page.items.map((item) => item.sku));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(new Set(all).size).toBe(all.length);
  expect(all.filter((sku) => wanted.includes(sku))).toEqual(wanted);
  const low = await staff().list({ limit: 100, availableMax: 1 });
  expect(low.items.map((item) => item.sku).filter((sku) => skus.includes(sku))).toEqual(skus.slice(0, 2).toSorted());
  const found = await staff().list({ search: skus[3] });
  expect(found.items[0]).toMatchObject({ sku: skus[3], available: 3, levels: [{ code: "main", onHand: 3 }] });
  expect((await staff().list({ search: skus[3], locationId: annex })).total).toBe(0);
  const few = await staff().list({ skus: [...skus.slice(1, 3), "NOBODY-COUNTED-IT"] });
  expect(few.items.map(({ sku }): string => sku)).toEqual(skus.slice(1, 3).toSorted());
  expect(few.total).toBe(2);
  expect(await codeOf(staff().list({ cursor: "bm9uc2Vuc2U" }))).toBe("validation_failed");
});

test("reservations are listed with what they hold", async () => {
  const sku = await stockedSku(database.db, 5);
  const holders = [newOrder(), newOrder(), newOrder()];
  for (const holder of holders) {
    await transact(database.db, (tx) =>
      reserveStock({ tx, now: NOW }, { holder, lines: [{ sku, quantity: 1 }], expiresAt: LATER }),
    );
  }
  const first = await staff().reservations({ sku, limit: 2 });
  const ofStock = (await staff().list({ limit: 1 })).nextCursor ?? "";
  expect(await codeOf(staff().reservations({ cursor: ofStock }))).toBe("validation_failed");
  const rest = await staff().reservations({ sku, limit: 2, cursor: first.nextCursor ?? "" });
  expect([...first.items, ...rest.items].map((item) => item.holder)).toEqual(holders.toReversed());
  expect(first.items[0]?.lines).toMatchObject([{ sku, quantity: 1, locationId: main }]);
  expect((await staff().reservations({ sku, states: ["expired"] })).total).toBe(0);
});

test("without the right nothing is shown and nothing is changed", async () => {
  expect(await codeOf(staff({ rights: [] }).list({}))).toBe("forbidden");
  const input = { sku: "any", locationId: main, delta: 1, reason: "none" };
  expect(await codeOf(staff({ rights: ["inventory:read"] }).adjust(input))).toBe("forbidden");
  expect(await codeOf(staff().adjust({ ...input, delta: 0 }))).toBe("validation_failed");
});

test("an alert opens when a SKU runs low, once, and closes when it is filled", async () => {
  const sku = await stockedSku(database.db, 3);
  const opened: unknown[] = [];
  const alerts = async () => {
    opened.push(...(await sweepStockAlerts({ db: database.db, now: NOW })).opened);
    const rows = await database.db.execute<{ open: boolean }>(
      sql`select closed_at is null as open from inventory.stock_alert where sku = ${sku} order by seq`,
    );
    return rows.map((row) => row.open);
  };
  await staff().setAlertThreshold({ sku, threshold: 2 });
  expect(await alerts()).toEqual([]);
  await staff().adjust({ sku, locationId: main, delta: -1, reason: "sold by hand" });
  expect(await alerts()).toEqual([true]);
  expect(await alerts()).toEqual([true]);
  expect((await staff().alerts({ isOpen: true })).items.filter((alert) => alert.sku === sku)).toHaveLength(1);
  await staff().adjust({ sku, locationId: main, delta: 5, reason: "filled" });
  expect(await alerts()).toEqual([false]);
  expect(opened).toEqual([{ sku, threshold: 2, available: 2 }]);
  expect((await staff().alerts({ isOpen: false })).items.filter((alert) => alert.sku === sku)).toHaveLength(1);
});

test("what is not counted never runs low, and does so no more once it is counted no more", async () => {
  const sku = await stockedSku(database.db, 1);
  await staff().setAlertThreshold({ sku, threshold: 2 });
  const opened = async () => {
    const alerts = await sweepStockAlerts({ db: database.db, now: NOW });
    return alerts.opened.filter((alert) => alert.sku === sku).length;
  };
  const count = (tracked: boolean) =>
    transact(database.db, (tx) => setStockPolicies({ tx, now: NOW }, [{ sku, tracked, allowBackorder: false }]));
  await count(false);
  expect(await opened()).toBe(0);
  await count(true);
  expect(await opened()).toBe(1);
  await count(false);
  expect(await opened()).toBe(0);
  expect((await staff().alerts({ isOpen: true })).items.filter((alert) => alert.sku === sku)).toEqual([]);
});

test("a level that was tampered with is found and repaired from its movements", async () => {
  const sku = await stockedSku(database.db, 6);
  await database.db.execute(sql`update inventory.stock_level set on_hand = 9 where sku = ${sku}`);
  expect(await verifyStock({ db: database.db })).toMatchObject([
    { sku, level: { onHand: 9 }, movements: { onHand: 6 } },
  ]);
  const repaired = await transact(database.db, (tx) => repairStock({ tx, now: NOW }, { skus: [sku] }));
  expect(repaired).toEqual({ repaired: 1 });
  expect(await verifyStock({ db: database.db })).toEqual([]);
  const stock = (await readAvailability({ db: database.db }, [sku])).get(sku);
  expect((await announced(database.db, sku)).at(-1)).toMatchObject({ available: 6, version: stock?.version });
});

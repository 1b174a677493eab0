import { afterAll, beforeAll, expect, test } from "bun:test";
import { type LocationId, toTimestamp } from "@stoa/kernel";
import { transact } from "../../platform/db/index.ts";
import { codeOf, testDatabase } from "../../testing/index.ts";
import { ensureDefaultLocation, readAvailability, verifyPromises, verifyStock } from "./index.ts";
import { furtherLocation, NOW, stockedSku } from "./testing/fixture.ts";
import { staffCalls } from "./testing/staff-calls.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
let from: LocationId;
let to: LocationId;
beforeAll(async () => {
  database = await testDatabase();
  from = await transact(database.db, (tx) => ensureDefaultLocation({ tx, now: NOW }));
  to = (await furtherLocation(database.db, "annex")).id;
});
afterAll(async () => {
  // Whatever the tests did: every counter is the sum of its movements and of the promises behind it.
  expect(await verifyStock({ db: database.db })).toEqual([]);
  expect(await verifyPromises({ db: database.db })).toEqual([]);
  await database[Symbol.asyncDispose]();
});

const staff = staffCalls(() => database.db);
const available = async (sku: string) => (await readAvailability({ db: database.db }, [sku])).get(sku)?.available;
const send = (sku: string, quantity: number) =>
  staff().transfers.send({ fromLocationId: from, toLocationId: to, lines: [{ sku, quantity }], reference: "DN-7" });
async function levels(sku: string) {
  const { items } = await staff().list({ search: sku });
  const found = items.find((item) => item.sku === sku);
  return found?.levels.map(({ onHand, incoming }) => ({ onHand, incoming }));
}

test("units on their way can be bought nowhere, and again when they have come in", async () => {
  const sku = await stockedSku(database.db, 10);
  const sent = await send(sku, 6);
  expect(sent).toMatchObject({ state: "in_transit", lines: [{ sku, quantity: 6, received: 0, lost: 0 }] });
  expect(await levels(sku)).toEqual([
    { onHand: 4, incoming: 0 },
    { onHand: 0, incoming: 6 },
  ]);
  expect(await available(sku)).toBe(4);
  const half = await staff().transfers.receive({ id: sent.id, lines: [{ sku, received: 4 }] });
  expect(half.state).toBe("in_transit");
  expect(await available(sku)).toBe(8);
  const whole = await staff().transfers.receive({
    id: sent.id,
    lines: [{ sku, received: 1, lost: 1 }],
    reason: "dented",
  });
  expect(whole).toMatchObject({ state: "received", closedAt: toTimestamp(NOW), lines: [{ received: 5, lost: 1 }] });
  expect(await levels(sku)).toEqual([
    { onHand: 4, incoming: 0 },
    { onHand: 5, incoming: 0 },
  ]);
});

test("a transfer that is asked for twice under one key is sent once, even at once; another request under it is refused", async () => {
  const sku = await stockedSku(database.db, 10);
  const same = staff({ idempotencyKey: "pallet-1" });
  const asked = { fromLocationId: from, toLocationId: to, lines: [{ sku, quantity: 3 }], reference: "DN-8" };
  const sent = await Promise.all(Array.from({ length: 6 }, () => same.transfers.send(asked)));
  expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
  expect(await levels(sku)).toEqual([
    { onHand: 7, incoming: 0 },
    { onHand: 0, incoming: 3 },
  ]);
  const other = { ...asked, lines: [{ sku, quantity: 4 }] };
  await expect(same.transfers.send(other)).rejects.toMatchObject({ cause: { code: "idempotency_key_reused" } });
});

test("a receipt that is sent twice counts once, even at once", async () => {
  const sku = await stockedSku(database.db, 5);
  const { id } = await send(sku, 5);
  const same = staff({ idempotencyKey: "parcel-1" });
  await Promise.all(Array.from({ length: 8 }, () => same.transfers.receive({ id, lines: [{ sku, received: 2 }] })));
  expect((await staff().transfers.get({ id })).lines[0]?.received).toBe(2);
  expect(await available(sku)).toBe(2);
});

test("no more comes in than is on its way, and nothing of a receipt that cannot be is kept", async () => {
  const [first, second] = [await stockedSku(database.db, 3), await stockedSku(database.db, 3)];
  const lines = [first, second].map((sku) => ({ sku, quantity: 2 }));
  const { id } = await staff().transfers.send({ fromLocationId: from, toLocationId: to, lines });
  const tooMany = [
    { sku: first, received: 2 },
    { sku: second, received: 2, lost: 1 },
  ];
  expect(await codeOf(staff().transfers.receive({ id, lines: tooMany }))).toBe("state_conflict");
  expect((await staff().transfers.get({ id })).lines.map((line) => line.received)).toEqual([0, 0]);
  const parallel = Array.from({ length: 4 }, () =>
    staff()
      .transfers.receive({ id, lines: [{ sku: first, received: 1 }] })
      .then(
        () => "done",
        () => "refused",
      ),
  );
  expect((await Promise.all(parallel)).filter((outcome) => outcome === "done")).toHaveLength(2);
});

test("a cancelled transfer gives back what was still on its way, once", async () => {
  const sku = await stockedSku(database.db, 8);
  const { id } = await send(sku, 6);
  await staff().transfers.receive({ id, lines: [{ sku, received: 2 }] });
  const reason = "the van broke down";
  await Promise.all(Array.from({ length: 4 }, () => staff().transfers.cancel({ id, reason })));
  expect(await levels(sku)).toEqual([
    { onHand: 6, incoming: 0 },
    { onHand: 2, incoming: 0 },
  ]);
  expect(await codeOf(staff().transfers.receive({ id, lines: [{ sku, received: 1 }] }))).toBe("state_conflict");
});

test("a transfer that cannot be is refused: too many units, to where they are, without the right", async () => {
  const sku = await stockedSku(database.db, 1);
  expect(await codeOf(send(sku, 2))).toBe("state_conflict");
  const toItself = { fromLocationId: from, toLocationId: from, lines: [{ sku, quantity: 1 }] };
  expect(await codeOf(staff().transfers.send(toItself))).toBe("state_conflict");
  const readOnly = staff({ rights: ["inventory:read"] });
  expect(
    await codeOf(readOnly.transfers.send({ fromLocationId: from, toLocationId: to, lines: [{ sku, quantity: 1 }] })),
  ).toBe("forbidden");
  expect(await available(sku)).toBe(1);
});

test("transfers are listed by state, page by page", async () => {
  const sku = await stockedSku(database.db, 3);
  const sent = [await send(sku, 1), await send(sku, 1)];
  const page = await staff().transfers.list({ limit: 1, states: ["in_transit"] });
  expect(page.items[0]).toEqual(sent[1]);
  const next = await staff().transfers.list({ limit: 1, states: ["in_transit"], cursor: page.nextCursor ?? "" });
  expect(next.items[0]).toEqual(sent[0]);
  expect(await codeOf(staff().transfers.list({ cursor: "none" }))).toBe("validation_failed");
});

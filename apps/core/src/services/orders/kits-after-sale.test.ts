import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { Problem } from "@stoa/kernel";
import fc from "fast-check";
import { transact } from "../../platform/db/index.ts";
import { runSaga, sagasOf } from "../../platform/saga/index.ts";
import { noTargets } from "../../testing/index.ts";
import { saveTaxRate } from "../carts/index.ts";
import { adjustStock, ensureDefaultLocation, saveLocation, verifyPromises, verifyStock } from "../inventory/index.ts";
import { CANCEL_LINES } from "./cancel-lines.saga.ts";
import { cancelLines } from "./cancel-lines.ts";
import { createFulfilment } from "./create-fulfilment.ts";
import { cancelChange } from "./end-change.ts";
import { linesOf, type OrderLineRow } from "./lock-order.ts";
import { readOrder } from "./queries.ts";
import { refundReturn } from "./refund-return.ts";
import { act, aReturnOf, packer, shelfOf, shipped } from "./testing/after-sale.ts";
import {
  aCartOf,
  aKit,
  aShop,
  aSku,
  available,
  deliver,
  place,
  type Shop,
  sweepUntilQuiet,
} from "./testing/checkout.ts";
import { at, edit, payEdit } from "./testing/edits.ts";
import { exchange, swap } from "./testing/exchanges.ts";

setDefaultTimeout(60_000);

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const ON_HAND = 40;
const one = (sku: string, quantity = 1) => ({ sku, quantity });

/** Kits of two bolts and a board, and units of either, at forty of each on the shelf. */
async function aShelf() {
  const [bolt, board] = [await aSku(shop, ON_HAND), await aSku(shop, ON_HAND)];
  return { bolt, board, kit: aKit(shop, { [bolt]: 2, [board]: 1 }) };
}

async function anOrder(items: Readonly<Record<string, number>>): Promise<OrderId> {
  const wanted = Object.entries(items).map(([sku, quantity]) => one(sku, quantity));
  const orderId = await place(shop, await aCartOf(shop, wanted));
  await deliver(shop, orderId);
  return orderId;
}

const viewOf = async (orderId: OrderId) => (await readOrder(shop.db, orderId)).view;
const linesIn = (orderId: OrderId) => shop.db.transaction((tx) => linesOf(tx, orderId));

/** What is on the shelf, and what of it is promised, is what the orders' counters say, kit by kit. */
async function expectShelf(sku: string, orders: readonly OrderId[]): Promise<void> {
  const lines = (await Promise.all(orders.map(linesIn))).flat();
  const units = (of: (line: OrderLineRow) => number) =>
    lines.reduce((sum, line) => sum + of(line) * (line.parts ? perKit(line, sku) : Number(line.sku === sku)), 0);
  expect(await shelfOf(shop, sku)).toEqual({
    onHand: ON_HAND - units((line) => line.shipped - line.returned + line.writtenOff),
    allocated: units((line) => line.quantity - line.shipped - line.cancelled),
  });
  expect(await verifyStock({ db: shop.db })).toEqual([]);
  expect(await verifyPromises({ db: shop.db })).toEqual([]);
}

const perKit = ({ parts }: OrderLineRow, sku: string) => parts?.find((part) => part.sku === sku)?.quantity ?? 0;

async function expectShelves({ bolt, board }: { bolt: string; board: string }, ...orders: OrderId[]): Promise<void> {
  await sweepUntilQuiet(shop);
  for (const sku of [bolt, board]) await expectShelf(sku, orders);
}

describe("an edit", () => {
  test("that puts a kit in holds its parts until it is paid, and makes them the order's then", async () => {
    const shelf = await aShelf();
    const orderId = await anOrder({ [shelf.bolt]: 1 });
    const change = await edit(shop, orderId, { add: [one(shelf.kit, 3)] });
    expect(change.state).toBe("awaiting_payment");
    expect([await available(shop, shelf.bolt), await available(shop, shelf.board)]).toEqual([33, 37]);
    await expectShelves(shelf, orderId);
    await payEdit(shop, change);
    await expectShelves(shelf, orderId);
    const { items } = await viewOf(orderId);
    expect(items.at(-1)?.parts).toMatchObject([one(shelf.bolt, 2), one(shelf.board)]);
    await shipped(shop, orderId);
    await expectShelves(shelf, orderId);
    expect((await viewOf(orderId)).state).toBe("completed");
  });

  test("that is taken back, or that its parts are not there for, keeps none of them", async () => {
    const shelf = await aShelf();
    const orderId = await anOrder({ [shelf.bolt]: 1 });
    const change = await edit(shop, orderId, { add: [one(shelf.kit, 2)] });
    await act(shop, (context) => cancelChange(context, change.changeId));
    await expectShelves(shelf, orderId);
    const beyond = edit(shop, orderId, { add: [one(shelf.kit, 20)] });
    await expect(beyond).rejects.toMatchObject({
      code: "out_of_stock",
      members: { items: [{ sku: shelf.kit, requested: 20, available: 19 }] },
    });
    await expectShelves(shelf, orderId);
  });

  test("that swaps a kit for its parts, and back, moves just those and no more money than it says", async () => {
    const shelf = await aShelf();
    const orderId = await anOrder({ [shelf.kit]: 3, [shelf.bolt]: 1 });
    const first = await edit(shop, orderId, { remove: [one(shelf.kit)], add: [at(shelf.board, 700)] });
    await expectShelves(shelf, orderId);
    expect((await viewOf(orderId)).payment.refundedTotal.amount).toBe(-first.difference.amount);
    const second = await edit(shop, orderId, { remove: [one(shelf.board)], add: [at(shelf.kit, 700)] });
    expect(second.difference.amount).toBe(0);
    await expectShelves(shelf, orderId);
    await shipped(shop, orderId);
    await expectShelves(shelf, orderId);
  });

  test("leaves with what it put in, and lets go of what is cancelled, before what follows from it has run", async () => {
    const shelf = await aShelf();
    const orderId = await anOrder({ [shelf.kit]: 2 });
    await edit(shop, orderId, { remove: [one(shelf.kit)], add: [at(shelf.board, 10)] });
    await shipped(shop, orderId);
    await expectShelves(shelf, orderId);
    const other = await anOrder({ [shelf.kit]: 2 });
    await edit(shop, other, { remove: [one(shelf.kit)], add: [at(shelf.board, 10, 3)] });
    await act(shop, (context) => cancelLines(context, { orderId: other, items: [one(shelf.board, 2)] }));
    const cancelling = (await sagasOf(shop.db, other)).find(({ type }) => type === CANCEL_LINES);
    if (!cancelling) throw new Error("nothing follows");
    await runSaga(shop.engine, cancelling.id);
    await expectShelves(shelf, orderId, other);
  });
});

test("a kit that comes back for another one puts its parts back, and the other's parts leave", async () => {
  const [shelf, other] = [await aShelf(), await aShelf()];
  const orderId = await anOrder({ [shelf.kit]: 2 });
  const returnId = await aReturnOf(shop, orderId, { sku: shelf.kit, restock: 1, writeOff: 1 });
  const { orderId: replacement } = await exchange(shop, returnId, { lines: [swap(other.kit, 2, 1_000)] });
  if (!replacement) throw new Error("not exchanged");
  await expectShelves(shelf, orderId);
  await expectShelves(other, replacement);
  await shipped(shop, replacement);
  await expectShelves(other, replacement);
});

test("kits leave some now and some later, with their parts beside them, and what is left can be cancelled", async () => {
  const shelf = await aShelf();
  const orderId = await anOrder({ [shelf.kit]: 3, [shelf.bolt]: 2 });
  await shipped(shop, orderId, { items: [one(shelf.kit), one(shelf.bolt)] });
  await expectShelves(shelf, orderId);
  await act(shop, (context) => cancelLines(context, { orderId, items: [one(shelf.kit)] }));
  await expectShelves(shelf, orderId);
  await shipped(shop, orderId);
  await expectShelves(shelf, orderId);
  expect((await viewOf(orderId)).state).toBe("completed");
});

describe("a kit whose parts lie at two places", () => {
  async function apart() {
    const shelf = await aShelf();
    const store = await act(shop, (context) =>
      saveLocation(
        { ...context, findTargets: noTargets },
        { code: crypto.randomUUID(), name: "Store", kind: "store", priority: 500 },
      ),
    );
    const house = await transact(shop.db, (tx) => ensureDefaultLocation({ tx, now: shop.clock.now() }));
    const { board, kit } = shelf;
    await act(shop, async (context) => {
      const moved = { sku: board, kind: "adjustment", reason: null, actor: packer } as const;
      const cause = crypto.randomUUID();
      await adjustStock(context, { ...moved, cause, locationId: house, delta: -ON_HAND });
      await adjustStock(context, { ...moved, cause: `${cause}/2`, locationId: store.id, delta: ON_HAND });
    });
    return { shelf, store, house, orderId: await anOrder({ [kit]: 2 }) };
  }

  test("leaves neither alone, and is told which part is missing", async () => {
    const { shelf, store, house, orderId } = await apart();
    for (const [place, missing] of [
      [store.id, shelf.bolt],
      [house, shelf.board],
    ] as const) {
      const parcel = act(shop, (context) => createFulfilment(context, { orderId, locationId: place }));
      await expect(parcel).rejects.toMatchObject({
        code: "state_conflict",
        members: { detail: `${missing}: only 0 units are allocated there.` },
      });
    }
    await expectShelves(shelf, orderId);
  });

  test("leaves both at once, whole", async () => {
    const { shelf, orderId } = await apart();
    await shipped(shop, orderId, { items: [one(shelf.kit)] });
    await expectShelves(shelf, orderId);
    await shipped(shop, orderId);
    await expectShelves(shelf, orderId);
  });
});

test("a kit is taxed as its parts, and what is refunded of it, however it is cut, adds up to what was paid", async () => {
  await using taxed = await aShop();
  const vat = { country: "DE", taxClass: "standard", name: "VAT", basisPoints: 1_900, isIncluded: false };
  await transact(taxed.db, async (tx) => {
    await saveTaxRate({ tx, now: taxed.clock.now() }, vat);
    await saveTaxRate({ tx, now: taxed.clock.now() }, { ...vat, taxClass: "books", basisPoints: 700 });
  });
  const [book, pen] = [await aSku(taxed, 10), await aSku(taxed, 30)];
  const kit = aKit(taxed, { [book]: 1, [pen]: 3 });
  taxed.taxShares.set(kit, [
    { taxClass: "books", worth: 3_000 },
    { taxClass: "standard", worth: 1_000 },
  ]);
  const orderId = await place(taxed, await aCartOf(taxed, [one(kit, 3)]));
  await deliver(taxed, orderId);
  const { view } = await readOrder(taxed.db, orderId);
  expect(
    view.taxLines?.map(({ sku, basisPoints, taxable, amount }) => [sku, basisPoints, taxable.amount, amount.amount]),
  ).toEqual([
    [kit, 700, 5_625, 394],
    [kit, 1_900, 1_875, 356],
  ]);
  expect(view.totals.tax.amount).toBe(750);
  await act(taxed, (context) => cancelLines(context, { orderId, items: [one(kit)] }));
  await sweepUntilQuiet(taxed);
  const change = await edit(taxed, orderId, { add: [one(kit)] });
  expect(change.difference.amount).toBe(2_500 + 131 + 119);
  await payEdit(taxed, change);
  await sweepUntilQuiet(taxed);
  const returnId = await aReturnOf(taxed, orderId, { sku: kit, restock: 3 });
  await act(taxed, (context) => refundReturn(context, { returnId }));
  await sweepUntilQuiet(taxed);
  const after = (await readOrder(taxed.db, orderId)).view;
  expect(after.payment.refundedTotal.amount).toBe(
    after.totals.total.amount - view.totals.shipping.amount + (await shippingBack(taxed, orderId)),
  );
});

/** Of shipping, what went back with the unit that was cancelled. */
async function shippingBack(taxed: Shop, orderId: OrderId): Promise<number> {
  const [line] = await taxed.db.transaction((tx) => linesOf(tx, orderId));
  return Math.floor((line?.shippingShare ?? 0) / 3);
}

test("whatever is done to kits and their parts, the shelf holds just what the orders say", async () => {
  const acts = fc.record({
    kind: fc.constantFrom("edit", "cancel", "ship", "return"),
    isKit: fc.boolean(),
    quantity: fc.integer({ min: 1, max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { minLength: 2, maxLength: 7 }), async (steps) => {
      const shelf = await aShelf();
      const orderId = await anOrder({ [shelf.kit]: 3, [shelf.bolt]: 3 });
      for (const { kind, isKit, quantity } of steps) {
        const [sku, other] = isKit ? [shelf.kit, shelf.board] : [shelf.bolt, shelf.kit];
        const done = async () => {
          const items = [one(sku, quantity)];
          if (kind === "edit") await edit(shop, orderId, { remove: items, add: [at(other, 1)] });
          else if (kind === "cancel") await act(shop, (context) => cancelLines(context, { orderId, items }));
          else if (kind === "ship") await shipped(shop, orderId, { items });
          else await aReturnOf(shop, orderId, { sku, restock: quantity - 1, writeOff: 1 });
        };
        await done().catch((error: unknown) => {
          if (!(error instanceof Problem)) throw error;
        });
        await expectShelves(shelf, orderId);
      }
    }),
    { numRuns: 12 },
  );
}, 120_000);

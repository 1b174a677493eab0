import { describe, expect, test } from "bun:test";
import { transact } from "../../platform/db/index.ts";
import { noTargets } from "../../testing/index.ts";
import { adjustStock, ensureDefaultLocation, saveLocation } from "../inventory/index.ts";
import { cancelLines } from "./cancel-lines.ts";
import { createFulfilment } from "./create-fulfilment.ts";
import { act, aReturnOf, packer, shipped } from "./testing/after-sale.ts";
import { one } from "./testing/edits.ts";
import { exchange, swap } from "./testing/exchanges.ts";
import { anOrderOf, aShelfOfKits, expectShelves, PARTS_ON_HAND } from "./testing/kits.ts";
import { shopForFile, viewOf } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

test("kits leave some now and some later, with their parts beside them, and what is left can be cancelled", async () => {
  const shelf = await aShelfOfKits(shop);
  const orderId = await anOrderOf(shop, { [shelf.kit]: 3, [shelf.bolt]: 2 });
  await shipped(shop, orderId, { items: [one(shelf.kit), one(shelf.bolt)] });
  await expectShelves(shop, shelf, orderId);
  await act(shop, (context) => cancelLines(context, { orderId, items: [one(shelf.kit)] }));
  await expectShelves(shop, shelf, orderId);
  await shipped(shop, orderId);
  await expectShelves(shop, shelf, orderId);
  expect((await viewOf(shop, orderId)).state).toBe("completed");
});

describe("a kit whose parts lie at two places", () => {
  async function apart() {
    const shelf = await aShelfOfKits(shop);
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
      await adjustStock(context, { ...moved, cause, locationId: house, delta: -PARTS_ON_HAND });
      await adjustStock(context, { ...moved, cause: `${cause}/2`, locationId: store.id, delta: PARTS_ON_HAND });
    });
    return { shelf, store, house, orderId: await anOrderOf(shop, { [kit]: 2 }) };
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
    await expectShelves(shop, shelf, orderId);
  });

  test("leaves both at once, whole", async () => {
    const { shelf, orderId } = await apart();
    await shipped(shop, orderId, { items: [one(shelf.kit)] });
    await expectShelves(shop, shelf, orderId);
    await shipped(shop, orderId);
    await expectShelves(shop, shelf, orderId);
  });
});

test("a kit that comes back for another one puts its parts back, and the other's parts leave", async () => {
  const [shelf, other] = [await aShelfOfKits(shop), await aShelfOfKits(shop)];
  const orderId = await anOrderOf(shop, { [shelf.kit]: 2 });
  const returnId = await aReturnOf(shop, orderId, { sku: shelf.kit, restock: 1, writeOff: 1 });
  const { orderId: replacement } = await exchange(shop, returnId, { lines: [swap(other.kit, 2, 1_000)] });
  if (!replacement) throw new Error("not exchanged");
  await expectShelves(shop, shelf, orderId);
  await expectShelves(shop, other, replacement);
  await shipped(shop, replacement);
  await expectShelves(shop, other, replacement);
});

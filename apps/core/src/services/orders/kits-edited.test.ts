import { describe, expect, test } from "bun:test";
import { runSaga, sagasOf } from "../../platform/saga/index.ts";
import { CANCEL_LINES } from "./cancel-lines.saga.ts";
import { cancelLines } from "./cancel-lines.ts";
import { cancelChange } from "./end-change.ts";
import { act, shipped } from "./testing/after-sale.ts";
import { available } from "./testing/checkout.ts";
import { at, edit, one, payEdit } from "./testing/edits.ts";
import { anOrderOf, aShelfOfKits, expectShelves } from "./testing/kits.ts";
import { shopForFile, viewOf } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

describe("an edit of an order", () => {
  test("that puts a kit in holds its parts until it is paid, and makes them the order's then", async () => {
    const shelf = await aShelfOfKits(shop);
    const orderId = await anOrderOf(shop, { [shelf.bolt]: 1 });
    const change = await edit(shop, orderId, { add: [one(shelf.kit, 3)] });
    expect(change.state).toBe("awaiting_payment");
    expect([await available(shop, shelf.bolt), await available(shop, shelf.board)]).toEqual([33, 37]);
    await expectShelves(shop, shelf, orderId);
    await payEdit(shop, change);
    await expectShelves(shop, shelf, orderId);
    const { items } = await viewOf(shop, orderId);
    expect(items.at(-1)?.parts).toMatchObject([one(shelf.bolt, 2), one(shelf.board)]);
    await shipped(shop, orderId);
    await expectShelves(shop, shelf, orderId);
    expect((await viewOf(shop, orderId)).state).toBe("completed");
  });

  test("that is taken back, or that its parts are not there for, keeps none of them", async () => {
    const shelf = await aShelfOfKits(shop);
    const orderId = await anOrderOf(shop, { [shelf.bolt]: 1 });
    const change = await edit(shop, orderId, { add: [one(shelf.kit, 2)] });
    await act(shop, (context) => cancelChange(context, change.changeId));
    await expectShelves(shop, shelf, orderId);
    const beyond = edit(shop, orderId, { add: [one(shelf.kit, 20)] });
    await expect(beyond).rejects.toMatchObject({
      code: "out_of_stock",
      members: { items: [{ sku: shelf.kit, requested: 20, available: 19 }] },
    });
    await expectShelves(shop, shelf, orderId);
  });

  test("that swaps a kit for its parts, and back, moves just those and no more money than it says", async () => {
    const shelf = await aShelfOfKits(shop);
    const orderId = await anOrderOf(shop, { [shelf.kit]: 3, [shelf.bolt]: 1 });
    const first = await edit(shop, orderId, { remove: [one(shelf.kit)], add: [at(shelf.board, 700)] });
    await expectShelves(shop, shelf, orderId);
    expect((await viewOf(shop, orderId)).payment.refundedTotal.amount).toBe(-first.difference.amount);
    const second = await edit(shop, orderId, { remove: [one(shelf.board)], add: [at(shelf.kit, 700)] });
    expect(second.difference.amount).toBe(0);
    await expectShelves(shop, shelf, orderId);
    await shipped(shop, orderId);
    await expectShelves(shop, shelf, orderId);
  });

  test("leaves with what it put in, and lets go of what is cancelled, before what follows from it has run", async () => {
    const shelf = await aShelfOfKits(shop);
    const orderId = await anOrderOf(shop, { [shelf.kit]: 2 });
    await edit(shop, orderId, { remove: [one(shelf.kit)], add: [at(shelf.board, 10)] });
    await shipped(shop, orderId);
    await expectShelves(shop, shelf, orderId);
    const other = await anOrderOf(shop, { [shelf.kit]: 2 });
    await edit(shop, other, { remove: [one(shelf.kit)], add: [at(shelf.board, 10, 3)] });
    await act(shop, (context) => cancelLines(context, { orderId: other, items: [one(shelf.board, 2)] }));
    const cancelling = (await sagasOf(shop.db, other)).find(({ type }) => type === CANCEL_LINES);
    if (!cancelling) throw new Error("nothing follows");
    await runSaga(shop.engine, cancelling.id);
    await expectShelves(shop, shelf, orderId, other);
  });
});

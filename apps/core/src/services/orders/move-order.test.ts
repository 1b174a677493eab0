import { expect, test } from "bun:test";
import { transact } from "../../platform/db/index.ts";
import { moveOrder } from "./move-order.ts";
import { aCart, aSku, deliver, place } from "./testing/checkout.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

test("an order moves as its table allows, and any other move changes nothing", async () => {
  const orderId = await place(shop, await aCart(shop, await aSku(shop, 5)));
  await deliver(shop, orderId);
  const move = (to: Parameters<typeof moveOrder>[2]["to"]) =>
    transact(shop.db, (tx) => moveOrder(tx, shop.clock.now(), { orderId, to }));
  expect(await move("refused")).toBeNull();
  expect(await move("confirmed")).toBeNull();
  expect((await move("cancelled"))?.state).toBe("cancelled");
  expect(await move("completed")).toBeNull();
});

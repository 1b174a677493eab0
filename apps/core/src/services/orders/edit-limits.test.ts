import { expect, test } from "bun:test";
import { AMOUNT_MAX } from "@stoa/kernel";
import { and, eq, gt } from "drizzle-orm";
import { codeOf } from "../../testing/index.ts";
import { order, orderLine } from "./tables.ts";
import { aSoldOrder } from "./testing/after-sale.ts";
import { aSku } from "./testing/checkout.ts";
import { edit, one } from "./testing/edits.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

test("an order that would become too long, or dearer than can be counted, is not edited", async () => {
  const { orderId, skus } = await aSoldOrder(shop, [2]);
  const extra = await aSku(shop, 5);
  const [first] = await shop.db.select().from(orderLine).where(eq(orderLine.orderId, orderId));
  if (!first) throw new Error("no line");
  const more = Array.from({ length: 999 }, (_, place) => ({ ...first, position: place + 1, shippingShare: 0 }));
  await shop.db.insert(orderLine).values(more);
  expect(await codeOf(edit(shop, orderId, { add: [one(extra)] }))).toBe("state_conflict");
  await shop.db.delete(orderLine).where(and(eq(orderLine.orderId, orderId), gt(orderLine.position, 0)));
  await shop.db.update(order).set({ total: AMOUNT_MAX }).where(eq(order.id, orderId));
  expect(await codeOf(edit(shop, orderId, { add: [one(extra)] }))).toBe("state_conflict");
  expect((await edit(shop, orderId, { remove: [one(skus[0] ?? "")] })).state).toBe("applied");
});

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { sql } from "drizzle-orm";
import { codeOf } from "../../testing/index.ts";
import { cancelChange, expireChanges } from "./end-change.ts";
import { acceptManually } from "./pay-change.ts";
import { act, aSoldOrder, cancelAsGuest, shelfOf, timelineOf } from "./testing/after-sale.ts";
import { aSku, available, leftBehind, sweepUntilQuiet } from "./testing/checkout.ts";
import { edit, expectExact, one, payEdit, stateOf } from "./testing/edits.ts";
import { shopForFile, viewOf } from "./testing/shop-for-file.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

describe("an edit that waits to be paid", () => {
  async function waiting() {
    const { orderId, skus } = await aSoldOrder(shop, [2]);
    const extra = await aSku(shop, 3);
    return { orderId, sku: skus[0] ?? "", extra, change: await edit(shop, orderId, { add: [one(extra, 2)] }) };
  }

  test("is over when nobody pays in time, and its units are free", async () => {
    const { orderId, extra, change } = await waiting();
    shop.clock.advance(3_600_000);
    await expireChanges({ db: shop.db, now: shop.clock.now() });
    expect(await stateOf(shop, change)).toBe("expired");
    expect(await available(shop, extra)).toBe(3);
    expect(await codeOf(payEdit(shop, change))).toBe("state_conflict");
    expect((await timelineOf(shop, orderId)).types.at(-1)).toBe("change_expired");
    await expectExact(shop, orderId);
  });

  test("that cannot be ended keeps no other from being over, and is told of", async () => {
    const [broken, fine] = [await waiting(), await waiting()];
    await shop.db.execute(sql`update inventory.stock_level set reserved = 1 where sku = ${broken.extra}`);
    shop.clock.advance(3_600_000);
    const sweep = () => expireChanges({ db: shop.db, now: shop.clock.now() });
    expect(await sweep()).toMatchObject({ expired: 1, failed: [{ changeId: broken.change.changeId }] });
    expect([await stateOf(shop, broken.change), await stateOf(shop, fine.change)]).toEqual([
      "awaiting_payment",
      "expired",
    ]);
    await shop.db.execute(sql`update inventory.stock_level set reserved = 2 where sku = ${broken.extra}`);
    expect(await sweep()).toEqual({ expired: 1, failed: [] });
  });

  test("stays open when a card is declined, and another pays", async () => {
    const { orderId, change } = await waiting();
    await payEdit(shop, change, "pm_card_visa_chargeDeclined");
    await sweepUntilQuiet(shop);
    expect(await stateOf(shop, change)).toBe("awaiting_payment");
    await payEdit(shop, change);
    await sweepUntilQuiet(shop);
    expect(await stateOf(shop, change)).toBe("applied");
    await expectExact(shop, orderId);
  });

  test("may be taken on account by staff", async () => {
    const { orderId, change, extra } = await waiting();
    await act(shop, (context) => acceptManually(shop.orders, context, change.changeId));
    await sweepUntilQuiet(shop);
    expect(await stateOf(shop, change)).toBe("applied");
    expect(await shelfOf(shop, extra)).toEqual({ onHand: 3, allocated: 2 });
    expect((await viewOf(shop, orderId)).items).toHaveLength(2);
  });

  test("paid by two at once is paid once", async () => {
    for (let round = 0; round < 4; round += 1) {
      const { orderId, change } = await waiting();
      await Promise.allSettled([payEdit(shop, change), payEdit(shop, change), payEdit(shop, change)]);
      await sweepUntilQuiet(shop);
      expect(await stateOf(shop, change)).toBe("applied");
      const { charges } = await leftBehind(shop, orderId, "");
      expect(charges.filter(({ state }) => state === "captured" || state === "held")).toHaveLength(2);
      expect((await viewOf(shop, orderId)).items).toHaveLength(2);
    }
  }, 60_000);

  test("taken back while it is paid ends with one winner, and no money is kept for nothing", async () => {
    for (let round = 0; round < 4; round += 1) {
      const { orderId, extra, change } = await waiting();
      await payEdit(shop, change);
      await Promise.allSettled([sweepUntilQuiet(shop), act(shop, (context) => cancelChange(context, change.changeId))]);
      await sweepUntilQuiet(shop);
      const isApplied = (await stateOf(shop, change)) === "applied";
      const { charges } = await leftBehind(shop, orderId, extra);
      expect(charges.filter(({ state }) => state === "captured" || state === "held")).toHaveLength(isApplied ? 2 : 1);
      expect(await available(shop, extra)).toBe(isApplied ? 1 : 3);
    }
  }, 60_000);

  test("is paid in vain when the order was cancelled: the money goes back, the units are free", async () => {
    const { orderId, extra, change } = await waiting();
    await payEdit(shop, change);
    await cancelAsGuest(shop, orderId);
    await sweepUntilQuiet(shop);
    await expireChanges({ db: shop.db, now: shop.clock.now() });
    const { charges, view } = await leftBehind(shop, orderId, extra);
    expect(view.state).toBe("cancelled");
    expect(charges.filter(({ state }) => state === "captured" || state === "held")).toEqual([]);
    expect(await available(shop, extra)).toBe(3);
    expect(await stateOf(shop, change)).toBe("expired");
  });
});

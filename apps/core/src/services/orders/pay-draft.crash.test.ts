import { describe, expect, test } from "bun:test";
import { crashAt, recordGates } from "../../platform/saga/testing/crash.ts";
import { holdDraft } from "./cancel-draft.ts";
import { aSku, card, deliver, leftBehind, sweepUntilQuiet } from "./testing/checkout.ts";
import { aDraft, aLink, aStaffRequest, draftOf, expectPaid, pay } from "./testing/drafts.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

const staff = aStaffRequest();
const declined = card("pm_card_visa_chargeDeclined");

describe("a crash while a link is paid", () => {
  test("at any point ends in one confirmed order, every step run twice or not", async () => {
    const rehearsal = await pay(shop, await aLink(shop, await aDraft(shop, await aSku(shop, 3))));
    const gates = await recordGates(() => deliver(shop, rehearsal.orderId));
    expect(gates.length).toBeGreaterThanOrEqual(7);
    for (let point = 0; point < gates.length; point += 1) {
      const sku = await aSku(shop, 3);
      const draftId = await aDraft(shop, sku, 2);
      await holdDraft(shop.orders, staff, { draftId, seconds: 86_400 });
      const { orderId } = await pay(shop, await aLink(shop, draftId));
      await crashAt(point, () => deliver(shop, orderId));
      await sweepUntilQuiet(shop);
      await expectPaid(shop, draftId, orderId, { sku, quantity: 2 });
    }
  }, 60_000);

  test("at any point of the way back leaves the draft open and nothing charged, every undo run twice or not", async () => {
    const rehearsal = await aLink(shop, await aDraft(shop, await aSku(shop, 3)));
    const first = await pay(shop, rehearsal, { payment: declined });
    const gates = await recordGates(() => deliver(shop, first.orderId));
    for (let point = 0; point < gates.length; point += 1) {
      const sku = await aSku(shop, 3);
      const draftId = await aDraft(shop, sku, 2);
      const { orderId } = await pay(shop, await aLink(shop, draftId), { payment: declined });
      await crashAt(point, () => deliver(shop, orderId));
      await sweepUntilQuiet(shop);
      const left = await leftBehind(shop, orderId, sku);
      expect(left.view.state).toBe("refused");
      expect(left.charges.filter(({ state }) => state === "held" || state === "captured")).toEqual([]);
      expect([left.reserved, left.allocated]).toEqual([0, 0]);
      expect(await draftOf(shop, draftId)).toMatchObject({ state: "open", orderId: null });
    }
  }, 60_000);
});

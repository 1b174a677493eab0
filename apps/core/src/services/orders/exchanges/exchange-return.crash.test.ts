import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { runSaga, sagasOf } from "../../../platform/saga/index.ts";
import { crashAt, recordGates } from "../../../platform/saga/testing/crash.ts";
import { readReturn } from "../return-queries.ts";
import { announced, cancelAsGuest, shelfOf } from "../testing/after-sale.ts";
import { card, deliver } from "../testing/checkout.ts";
import { pay } from "../testing/drafts.ts";
import {
  anExchangeableReturn,
  exchange,
  expectLinked,
  isSound,
  placingSagaOf,
  settled,
  swap,
} from "../testing/exchanges.ts";
import { shopForFile } from "../testing/shop-for-file.ts";
import { REFUND_EXCHANGE } from "./refund-exchange.saga.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

const declined = card("pm_card_visa_chargeDeclined");

describe("a crash", () => {
  test("at any point while the replacement is made makes it once, paid once, with the rest given back once", async () => {
    async function begun() {
      const { orderId, returnId, value, total, other } = await anExchangeableReturn(shop);
      const id = (await exchange(shop, returnId, { lines: [swap(other, 1, value - 700)] })).orderId ?? orderId;
      const saga = await placingSagaOf(shop, id);
      return { orderId, returnId, id, total, value, other, run: () => runSaga(shop.engine, saga) };
    }
    const gates = await recordGates((await begun()).run);
    expect(gates.length).toBeGreaterThanOrEqual(4);
    for (let point = 0; point < gates.length; point += 1) {
      const { orderId, returnId, id, total, value, other, run } = await begun();
      await crashAt(point, run);
      const { kept, credited, views: _, ...sound } = await settled(shop, [orderId, id]);
      expect([point, sound, credited, kept]).toEqual([point, isSound, value - 700, total - 700]);
      await expectLinked(shop, orderId, returnId);
      expect(await shelfOf(shop, other)).toEqual({ onHand: 5, allocated: 1 });
    }
  }, 120_000);

  test("at any point of a declined payment leaves the goods' value where it was", async () => {
    async function begun() {
      const { orderId, returnId, value, total, other } = await anExchangeableReturn(shop);
      const { token } = await exchange(shop, returnId, { lines: [swap(other, 2, value)] });
      const { orderId: id } = await pay(shop, token ?? "", { payment: declined });
      const saga = await placingSagaOf(shop, id);
      return { orderId, returnId, total, other, run: () => runSaga(shop.engine, saga) };
    }
    const gates = await recordGates((await begun()).run);
    for (let point = 0; point < gates.length; point += 1) {
      const { orderId, returnId, total, run } = await begun();
      await crashAt(point, run);
      const end = await settled(shop, [orderId]);
      expect(end).toMatchObject({ ...isSound, credited: 0, kept: total });
      expect(await readReturn(shop.db, returnId)).toMatchObject({ state: "received", replacementId: null });
    }
  }, 120_000);

  test("at any point while a cancelled replacement's value goes back gives it back once", async () => {
    async function cancelled() {
      const { orderId, returnId, value, total, other } = await anExchangeableReturn(shop);
      const id = (await exchange(shop, returnId, { lines: [swap(other, 1, value)] })).orderId ?? orderId;
      await deliver(shop, id);
      await cancelAsGuest(shop, id);
      await deliver(shop, id);
      const saga = (await sagasOf(shop.db, id)).find(({ type }) => type === REFUND_EXCHANGE);
      if (!saga) throw new Error("nothing gives it back");
      return { orderId, id, total, value, run: () => runSaga(shop.engine, saga.id) };
    }
    const gates = await recordGates((await cancelled()).run);
    expect(gates.length).toBeGreaterThanOrEqual(3);
    for (let point = 0; point < gates.length; point += 1) {
      const { orderId, id, total, value, run } = await cancelled();
      await crashAt(point, run);
      const { kept, credited, views: _, ...sound } = await settled(shop, [orderId, id]);
      expect([point, sound, credited, kept]).toEqual([point, isSound, 0, total - value]);
      expect(await announced(shop, id, "order.refunded")).toHaveLength(1);
    }
  }, 120_000);
});

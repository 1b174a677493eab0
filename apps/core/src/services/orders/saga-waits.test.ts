import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { sagasOf } from "../../platform/saga/index.ts";
import { CANCEL_ORDER } from "./cancel-order.saga.ts";
import { aSoldOrder, cancelAsGuest } from "./testing/after-sale.ts";
import { aShop, deliver, type Shop, sweepUntilQuiet } from "./testing/checkout.ts";

setDefaultTimeout(60_000);

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const cancellationOf = async (orderId: OrderId) =>
  (await sagasOf(shop.db, orderId)).find(({ type }) => type === CANCEL_ORDER);

async function cancelled(fault: Parameters<NonNullable<Shop["stripe"]["faults"]>["arm"]>[0]) {
  const { orderId } = await aSoldOrder(shop, [2]);
  shop.stripe.faults?.arm(fault);
  await cancelAsGuest(shop, orderId);
  await deliver(shop, orderId);
  return orderId;
}

test("a cancellation whose provider is away says so, with its word, and when it is asked again; then it ends", async () => {
  const orderId = await cancelled({ operation: "refunds.create", action: { kind: "fail", status: 503 }, times: 4 });
  const { waits, wakeAt } = (await cancellationOf(orderId)) ?? {};
  expect(waits).toMatchObject({ step: "payment", for: "failure", until: wakeAt });
  expect(waits?.error).toContain("stripe, refund: 503");
  expect(Date.parse(waits?.until ?? "")).toBeGreaterThan(shop.clock.now());
  shop.stripe.faults?.clear();
  await sweepUntilQuiet(shop);
  expect(await cancellationOf(orderId)).toMatchObject({ state: "done", waits: null });
});

test("one whose provider will not give the money back says that", async () => {
  const orderId = await cancelled({
    ...{ operation: "refunds.create", times: 4 },
    action: { kind: "fail", status: 400, code: "charge_disputed" },
  });
  expect((await cancellationOf(orderId))?.waits).toMatchObject({ step: "payment", for: "refused_refund", error: null });
  shop.stripe.faults?.clear();
});

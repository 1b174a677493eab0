import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { fixedClock, newId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { applyProviderEvents } from "./apply-event.ts";
import { providerEvent } from "./tables.ts";
import { storeProviderEvent } from "./take-event.ts";
import { authorize, paymentRow, type TestShop, testOrder, testShop } from "./testing/shop.ts";
import { begin, intent, stripeEvent, take } from "./testing/stripe-events.ts";

const clock = fixedClock("2026-11-24T10:00:00Z");
let shop: TestShop;
beforeAll(async () => {
  shop = await testShop({ clock });
});
afterAll(() => shop[Symbol.asyncDispose]());

describe("an event", () => {
  test("counts once, however often it is sent", async () => {
    const told = await begin(shop);
    const rawBody = stripeEvent("payment_intent.amount_capturable_updated", intent(told, "requires_capture"));
    expect(await take(shop, rawBody)).toBe("applied");
    expect(await take(shop, rawBody)).toBeNull();
    expect(await paymentRow(shop, told.order)).toMatchObject({ state: "authorized", authorized: 5_200 });
    expect(shop.told.filter((orderId) => orderId === told.order.orderId)).toHaveLength(1);
  });

  test("and others that tell the same at the same time are taken one after another", async () => {
    for (let round = 0; round < 10; round += 1) {
      const told = await begin(shop);
      const bodies = Array.from({ length: 4 }, () =>
        stripeEvent("payment_intent.amount_capturable_updated", intent(told, "requires_capture")),
      );
      expect(await Promise.all(bodies.map((rawBody) => take(shop, rawBody)))).toEqual([
        "applied",
        "applied",
        "applied",
        "applied",
      ]);
    }
  });

  test("about a smaller amount or another currency never counts as paid", async () => {
    for (const wrong of [{ amount: 1 }, { currency: "eur" }]) {
      const told = await begin(shop);
      expect(
        await take(shop, stripeEvent("payment_intent.succeeded", intent({ ...told, ...wrong }, "succeeded"))),
      ).toBe("mismatch");
      expect(await paymentRow(shop, told.order)).toMatchObject({ state: "pending", authorized: 0, captured: 0 });
    }
  });

  test("that names our payment but another object than ours is about nobody", async () => {
    const order = testOrder();
    await authorize(shop, order);
    const { id } = await paymentRow(shop, order);
    const foreign = { paymentId: id, reference: "pi_of_somebody_else" };
    expect(await take(shop, stripeEvent("payment_intent.succeeded", intent(foreign, "succeeded")))).toBe("unmatched");
    expect(await paymentRow(shop, order)).toMatchObject({ state: "authorized", captured: 0 });
  });

  test("about a payment that is not ours is kept, and waits in case it becomes ours", async () => {
    const stranger = { paymentId: newId("pay"), reference: "pi_stranger" };
    const rawBody = stripeEvent("payment_intent.succeeded", intent(stranger, "succeeded"));
    expect(await take(shop, rawBody)).toBe("unmatched");
    const [row] = await shop.db.select().from(providerEvent).where(eq(providerEvent.rawBody, rawBody));
    expect(row).toMatchObject({ result: "unmatched", appliedAt: null });
  });

  test("of an unknown kind is kept and ignored", async () => {
    expect(await take(shop, stripeEvent("customer.subscription.paused", { id: "sub_1" }))).toBe("ignored");
  });

  test("whose snapshot cannot be read is kept as failed and tried again", async () => {
    expect(await take(shop, stripeEvent("payment_intent.succeeded", { id: "pi_odd" }))).toBe("failed");
  });

  test("that nobody applied is applied by the sweep", async () => {
    const told = await begin(shop);
    const rawBody = stripeEvent("payment_intent.succeeded", intent(told, "succeeded"));
    await storeProviderEvent(shop.deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
    clock.advance(11_000);
    await applyProviderEvents(shop.deps);
    expect(await paymentRow(shop, told.order)).toMatchObject({ state: "captured", captured: 5_200 });
  });
});

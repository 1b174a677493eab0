import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { money, newId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { auditLog } from "../../platform/tables.ts";
import { applyProviderEvents } from "./apply-event.ts";
import type { VerbContext } from "./attempt.ts";
import { holdCredits, redeemCredits } from "./credits/hold-credits.ts";
import { issueGiftCard } from "./credits/issue-gift-card.ts";
import { paymentDetails } from "./queries.ts";
import { providerEvent } from "./tables.ts";
import { storeProviderEvent } from "./take-event.ts";
import { callerFor, staff } from "./testing/callers.ts";
import { authorize, capture, paymentRow, type TestShop, testOrder, testShop } from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const desk = () => callerFor(shop, staff("payments:read", "payments:refund", "orders:write"));
const actionsOf = async (entityId: string) =>
  (await shop.db.select().from(auditLog).where(eq(auditLog.entityId, entityId))).map((row) => row.action);

describe("the payments desk", () => {
  test("takes and gives back what can be charged only: dinars whose last digit is 0", async () => {
    const order = { ...testOrder(), amount: money(5_120, "KWD") };
    await authorize(shop, order);
    const { orderId } = order;
    const odd = { code: "UNPROCESSABLE_CONTENT" };
    const foreign = { orderId, amount: money(1_000, "USD"), key: "foreign" };
    const refusal = { cause: { code: "currency_mismatch" } };
    await expect(desk().captureOrder(foreign)).rejects.toMatchObject(refusal);
    await expect(desk().refund({ ...foreign, reason: "x" })).rejects.toMatchObject(refusal);
    await expect(desk().captureOrder({ orderId, amount: money(1_005, "KWD"), key: "odd" })).rejects.toMatchObject(odd);
    for (const amount of [money(1_010, "KWD"), undefined]) {
      expect(await desk().captureOrder({ orderId, amount, key: `${amount?.amount}` })).toMatchObject({
        kind: "captured",
      });
    }
    await expect(desk().refund({ orderId, amount: money(11, "KWD"), key: "odd", reason: "x" })).rejects.toMatchObject(
      odd,
    );
    expect(await desk().refund({ orderId, amount: money(20, "KWD"), key: "even", reason: "x" })).toMatchObject({
      kind: "refunded",
    });
    const card = {
      amount: money(1_005, "KWD"),
      customerId: null,
      expiresAt: null,
      reason: null,
      actor: { kind: "system" as const, name: "test" },
    };
    const issued = transact(shop.db, (tx) => issueGiftCard({ tx, now: shop.deps.clock.now() }, card));
    await expect(issued).rejects.toMatchObject({ code: "validation_failed" });
  });

  test("takes the name of an act from the header, as every other procedure does, and acts on none without one", async () => {
    const order = testOrder();
    await authorize(shop, order);
    await capture(shop, order);
    const { orderId } = order;
    const staffed = staff("payments:read", "payments:refund", "orders:write");
    const act = { orderId, amount: money(300, "USD"), reason: "late" };
    const sender = callerFor(shop, staffed, "once");
    for (const _ of [1, 2]) expect(await sender.refund(act)).toMatchObject({ kind: "refunded" });
    expect(await paymentRow(shop, order)).toMatchObject({ refunded: 300 });
    // What a body names is the act's name, whatever the header says.
    expect(await sender.refund({ ...act, key: "another" })).toMatchObject({ kind: "refunded" });
    expect(await paymentRow(shop, order)).toMatchObject({ refunded: 600 });
    const nameless = { cause: { code: "validation_failed" } };
    await expect(desk().refund(act)).rejects.toMatchObject(nameless);
    await expect(desk().captureOrder({ orderId })).rejects.toMatchObject(nameless);
    await expect(callerFor(shop, staffed, "k".repeat(101)).refund(act)).rejects.toMatchObject(nameless);
  });

  test("captures in parts, refunds part and all, each key once, and writes each into the audit log", async () => {
    const order = testOrder();
    await authorize(shop, order);
    const { orderId } = order;
    expect(await desk().captureOrder({ orderId, amount: { amount: 2_000, currency: "USD" }, key: "a" })).toMatchObject({
      kind: "captured",
    });
    expect(await desk().captureOrder({ orderId, key: "b" })).toMatchObject({ kind: "captured" });
    for (const _ of [1, 2]) {
      expect(
        await desk().refund({ orderId, amount: { amount: 200, currency: "USD" }, key: "c", reason: "late" }),
      ).toMatchObject({
        kind: "refunded",
      });
    }
    for (const _ of [1, 2]) {
      expect(await desk().refund({ orderId, key: "d", reason: "gone" })).toMatchObject({ kind: "refunded" });
    }
    const row = await paymentRow(shop, order);
    expect(row).toMatchObject({ captured: 5_200, refunded: 5_200 });
    const actions = await actionsOf(row.id);
    const count = (sought: string) => actions.filter((action) => action === sought).length;
    expect(["payment.capture_asked", "payment.refund_asked"].map(count)).toEqual([2, 2]);
    expect(actions.filter((action) => action === "payment.captured")).toHaveLength(2);
    expect(actions.filter((action) => action === "payment.refunded")).toHaveLength(4);
    await expect(
      desk().refund({ orderId, amount: { amount: 1, currency: "USD" }, key: "e", reason: "more" }),
    ).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });

  test("gives back all that is left when no amount is named: what gift cards paid is among it, what is on its way is not", async () => {
    const order = testOrder();
    const { orderId } = order;
    const actor = { kind: "system", name: "test" } as const;
    const context = <T>(work: (context: VerbContext) => Promise<T>) =>
      transact(shop.db, (tx) => work({ tx, now: shop.deps.clock.now() }));
    const { giftCardId } = await context((at) =>
      issueGiftCard(at, { amount: money(1_500, "USD"), expiresAt: null, customerId: null, reason: null, actor }),
    );
    const credits = [{ giftCardId, amount: 1_500 }];
    await context((at) => holdCredits(at, { orderId, currency: "USD", customerId: null, credits }));
    await authorize(shop, order);
    await context((at) => redeemCredits(at, { orderId }));
    await capture(shop, order);
    expect(
      await desk().refund({ orderId, amount: { amount: 200, currency: "USD" }, key: "part", reason: "late" }),
    ).toMatchObject({
      kind: "refunded",
    });
    for (const _ of [1, 2]) {
      expect(await desk().refund({ orderId, key: "rest", reason: "gone" })).toMatchObject({
        kind: "refunded",
        refunded: money(6_500, "USD"),
      });
    }
    expect(await paymentRow(shop, order)).toMatchObject({ refunded: 5_200 });
  });

  test("lets go of what is held, and says so when nothing is", async () => {
    const order = testOrder();
    await authorize(shop, order);
    const { id: paymentId } = await paymentRow(shop, order);
    await desk().void({ id: paymentId });
    expect(await paymentRow(shop, order)).toMatchObject({ state: "voided", held: 0 });
    await expect(desk().void({ id: paymentId })).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await actionsOf(paymentId)).toEqual(["payment.void_asked", "payment.voided"]);
  });

  test("shows disputes and answers them through the provider's own API", async () => {
    const order = testOrder({ provider: "stripe", paymentMethod: "pm_card_createDispute" });
    await authorize(shop, order);
    await capture(shop, order);
    const [opened] = (await shop.stripeClient.disputes.list()).data;
    if (!opened) throw new Error("no dispute");
    const told = async (id: string) => {
      const object = await shop.stripeClient.disputes.retrieve(opened.id);
      const rawBody = JSON.stringify({ id, type: "charge.dispute.updated", data: { object } });
      await storeProviderEvent(shop.deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
      await shop.db.update(providerEvent).set({ retryAt: shop.deps.clock.now() });
      await applyProviderEvents(shop.deps);
    };
    await told("evt_dispute_opened");
    const { items } = await desk().disputes({ states: ["opened"] });
    expect(items).toMatchObject([
      { reference: opened.id, orderId: order.orderId, amount: { amount: 5_200 }, state: "opened" },
    ]);
    expect(items[0]?.dueAt).not.toBeNull();
    const answer = { provider: "stripe", reference: opened.id, text: "winning_evidence" } as const;
    expect(await desk().submitEvidence(answer)).toMatchObject({ state: "evidence_sent", evidence: answer.text });
    const shown = { reference: opened.id, evidence: answer.text, dueAt: items[0]?.dueAt };
    expect(await paymentDetails(shop.db, order.orderId)).toMatchObject([{ disputes: [shown] }]);
    await told("evt_dispute_closed");
    expect((await desk().disputes({})).items).toMatchObject([{ state: "won" }]);
    await expect(desk().submitEvidence(answer)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(desk().submitEvidence({ ...answer, reference: "dp_none" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("applies an event anew, and has books that add up to zero", async () => {
    const rawBody = JSON.stringify({ id: "evt_again", type: "payment_intent.succeeded", data: { object: {} } });
    const id = await storeProviderEvent(shop.deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
    if (!id) throw new Error("not stored");
    for (const _ of [1, 2]) expect(await desk().reapplyEvent({ id })).toEqual({ result: "failed" });
    const { isBalanced, totals, unbalanced } = await desk().trialBalance();
    expect([isBalanced, unbalanced]).toEqual([true, []]);
    expect(totals.every((total) => total.amount === 0)).toBe(true);
  });

  test("is closed to whoever may only look", async () => {
    const { orderId } = testOrder();
    const reader = callerFor(shop, staff("payments:read"));
    const paymentId = newId("pay");
    for (const act of [
      () => reader.captureOrder({ orderId, key: "a" }),
      () => reader.refund({ orderId, key: "a", reason: "no" }),
      () => reader.void({ id: paymentId }),
      () => reader.submitEvidence({ provider: "stripe", reference: "dp_1", text: "no" }),
      () => reader.reapplyEvent({ id: newId("evt") }),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: "FORBIDDEN" });
    }
    const support = callerFor(shop, staff("payments:read", "orders:write"));
    await expect(support.refund({ orderId, key: "a", reason: "no" })).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(callerFor(shop, staff()).trialBalance()).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

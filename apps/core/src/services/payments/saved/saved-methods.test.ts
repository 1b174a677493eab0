import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type CustomerId, type Instant, money, newId, type SavedMethodId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { transact } from "../../../platform/db/index.ts";
import type { Actor } from "../../../platform/rpc/index.ts";
import { perform } from "../perform.ts";
import type { PaymentMethodChoice } from "../providers/provider.ts";
import { createPaymentsRouter } from "../router.ts";
import { payment, providerCustomer, savedMethod } from "../tables.ts";
import { crashAfterCall, decide, type TestShop, testShop, timed } from "../testing/shop.ts";
import { chosenMethod } from "./chosen-method.ts";
import { forgetSavedMethods, listSavedMethods, SAVED_METHODS_MAX } from "./saved-methods.ts";
import { sweepSavedMethods } from "./sweep-saved-methods.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

function callerFor(customerId: CustomerId) {
  const actor: Actor = {
    ...{ kind: "customer", customerId, userId: crypto.randomUUID() },
    ...{ email: "ann@shop.example", emailVerified: true },
  };
  const context = { actor, requestId: "req", traceparent: null, idempotencyKey: null, clock: shop.deps.clock };
  return createPaymentsRouter(shop.deps).createCaller(context);
}

function orderOf(customerId: CustomerId | null, method: Partial<PaymentMethodChoice>) {
  const input = {
    orderId: newId("ord"),
    amount: money(5_200, "USD"),
    method: { provider: "stripe", paymentMethod: "pm_card_visa", ...method } as const,
    customer: customerId === null ? undefined : { customerId },
  };
  return { key: `${newId("saga")}/payment`, input };
}

function pay(customerId: CustomerId | null, method: Partial<PaymentMethodChoice>, order = orderOf(customerId, method)) {
  const { authorizePayment } = shop.verbs;
  return perform(shop.deps, { verb: authorizePayment, context: timed(order.key, null), input: order.input });
}

const save = (customerId: CustomerId, paymentMethod = "pm_card_visa") =>
  pay(customerId, { paymentMethod, savePaymentMethod: true });
const cardsOf = (customerId: CustomerId) => listSavedMethods(shop.db, customerId);

async function stripeCustomer(customerId: CustomerId): Promise<string> {
  const [row] = await shop.db.select().from(providerCustomer).where(eq(providerCustomer.customerId, customerId));
  if (!row) throw new Error("Stripe does not know the customer");
  return row.reference;
}

describe("a card that is to be kept", () => {
  test("is kept once it has paid: what is printed on it and the provider's token, no number", async () => {
    const ann = newId("cus");
    expect(await save(ann)).toMatchObject({ kind: "authorized" });
    expect(await cardsOf(ann)).toMatchObject([{ provider: "stripe", brand: "visa", last4: "4242", expiryMonth: 12 }]);
    const customer = await stripeCustomer(ann);
    const { data } = await shop.stripeClient.paymentMethods.list({ customer, type: "card" });
    expect(data).toHaveLength(1);
    expect(await shop.stripeClient.customers.retrieve(customer)).toMatchObject({
      ...{ metadata: { customerId: ann }, email: null, name: null },
    });
  });

  test("is not kept when nobody asked, when it is declined, or while the shopper has yet to act", async () => {
    const ann = newId("cus");
    await pay(ann, {});
    await save(ann, "pm_card_visa_chargeDeclined");
    await save(ann, "pm_card_authenticationRequired");
    expect(await cardsOf(ann)).toEqual([]);
  });

  test("is kept after 3-D Secure", async () => {
    const ann = newId("cus");
    const method = { paymentMethod: "pm_card_authenticationRequired", returnUrl: "https://shop.example/done" };
    const order = orderOf(ann, { ...method, savePaymentMethod: true });
    const first = await pay(ann, {}, order);
    if (first.kind !== "requires_action" || first.nextAction.type !== "redirect") throw new Error("no 3-D Secure");
    await decide(first.nextAction.url, "pay");
    expect(await pay(ann, {}, order)).toMatchObject({ kind: "authorized" });
    expect(await cardsOf(ann)).toMatchObject([{ last4: "3155" }]);
  });

  test("is kept once, though the process died before it could write it down", async () => {
    const ann = newId("cus");
    const order = orderOf(ann, { savePaymentMethod: true });
    await crashAfterCall(shop, shop.verbs.authorizePayment, timed(order.key, null), order.input);
    expect(await cardsOf(ann)).toEqual([]);
    for (const _ of [1, 2]) await pay(ann, {}, order);
    expect(await cardsOf(ann)).toHaveLength(1);
  });

  test("makes one customer at Stripe, however many orders save at once", async () => {
    const ann = newId("cus");
    await Promise.all(["pm_card_visa", "pm_card_mastercard", "pm_card_amex"].map((card) => save(ann, card)));
    const rows = await shop.db.select().from(payment).where(eq(payment.customerId, ann));
    expect(new Set(rows.map((row) => row.providerCustomer)).size).toBe(1);
    expect(await cardsOf(ann)).toHaveLength(3);
  });

  test("takes its own place when it is saved again, and the oldest of too many makes room", async () => {
    const ann = newId("cus");
    await save(ann);
    await save(ann);
    expect(await cardsOf(ann)).toHaveLength(1);
    const bob = newId("cus");
    const now = shop.deps.clock.now();
    await shop.db.insert(savedMethod).values(
      Array.from({ length: SAVED_METHODS_MAX }, (_, index) => ({
        ...{ id: newId("spm"), customerId: bob, provider: "stripe" as const, reference: `pm_${bob}_${index}` },
        ...{ brand: "visa", last4: "0000", expiryMonth: 1, expiryYear: 2030 },
        createdAt: (now - 1_000 - index) as typeof now,
      })),
    );
    await save(bob);
    const kept = await cardsOf(bob);
    expect(kept).toHaveLength(SAVED_METHODS_MAX);
    expect(kept[0]?.last4).toBe("4242");
  });

  test("needs a customer who is signed in and a provider that keeps cards", async () => {
    const asked = (choice: PaymentMethodChoice, customerId: CustomerId | null) =>
      chosenMethod(shop.deps, shop.db, choice, customerId);
    const saving = { paymentMethod: "pm_card_visa", savePaymentMethod: true };
    const refusal = { code: "validation_failed", members: { errors: [{ path: "payment.savePaymentMethod" }] } };
    await expect(asked({ provider: "stripe", ...saving }, null)).rejects.toMatchObject(refusal);
    await expect(asked({ provider: "manual", ...saving }, newId("cus"))).rejects.toMatchObject(refusal);
  });
});

test("what is no id of a payment method, such as a card's number, is refused before it is written down", async () => {
  const refusal = { code: "validation_failed", members: { errors: [{ path: "payment.paymentMethod" }] } };
  for (const paymentMethod of ["4242424242424242", "4242 4242 4242 4242", "spm_nope", "visa"]) {
    for (const provider of ["stripe", "manual"] as const) {
      const asked = chosenMethod(shop.deps, shop.db, { provider, paymentMethod }, newId("cus"));
      await expect(asked).rejects.toMatchObject(refusal);
    }
  }
});

describe("a saved card", () => {
  async function aSavedCard(paymentMethod?: string): Promise<{ customerId: CustomerId; id: SavedMethodId }> {
    const customerId = newId("cus");
    await save(customerId, paymentMethod);
    const [card] = await cardsOf(customerId);
    if (!card) throw new Error("nothing was saved");
    return { customerId, id: card.id };
  }

  test("pays again for its owner", async () => {
    const { customerId, id } = await aSavedCard();
    const paid = await pay(customerId, { paymentMethod: id });
    if (paid.kind !== "authorized") throw new Error(paid.kind);
    const [row] = await shop.db.select().from(payment).where(eq(payment.id, paid.paymentId));
    expect(row?.paymentMethod).toMatch(/^pm_/);
    const { data } = await shop.stripeClient.paymentIntents.search({
      query: `metadata["paymentId"]:"${paid.paymentId}"`,
    });
    expect(data).toMatchObject([{ status: "requires_capture", customer: await stripeCustomer(customerId) }]);
  });

  test("of a stranger answers like one that never was", async () => {
    const { id } = await aSavedCard();
    const unknown = { code: "validation_failed", members: { errors: [{ path: "payment.paymentMethod" }] } };
    for (const customerId of [newId("cus"), null]) {
      await expect(pay(customerId, { paymentMethod: id })).rejects.toMatchObject(unknown);
      await expect(pay(customerId, { paymentMethod: newId("spm") })).rejects.toMatchObject(unknown);
    }
    await expect(pay(newId("cus"), { paymentMethod: id, provider: "manual" })).rejects.toMatchObject(unknown);
  });

  test("cannot be used by its token either: Stripe takes it from its own customer only", async () => {
    const { id } = await aSavedCard();
    const [row] = await shop.db.select().from(savedMethod).where(eq(savedMethod.id, id));
    expect(await pay(newId("cus"), { paymentMethod: row?.reference })).toMatchObject({ kind: "declined" });
    expect(await pay(null, { paymentMethod: row?.reference })).toMatchObject({ kind: "declined" });
  });

  test("is listed to its owner alone, without the provider's tokens, and removed by its owner alone", async () => {
    const { customerId, id } = await aSavedCard();
    const { items } = await callerFor(customerId).savedMethods();
    expect(Object.keys(items[0] ?? {}).sort()).toEqual([
      "brand",
      "expiryMonth",
      "expiryYear",
      "id",
      "last4",
      "provider",
    ]);
    const stranger = callerFor(newId("cus"));
    expect(await stranger.savedMethods()).toEqual({ items: [] });
    await expect(stranger.removeSavedMethod({ id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await callerFor(customerId).removeSavedMethod({ id });
    expect(await cardsOf(customerId)).toEqual([]);
    await expect(callerFor(customerId).removeSavedMethod({ id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(pay(customerId, { paymentMethod: id })).rejects.toMatchObject({ code: "validation_failed" });
  });

  test("that was removed is let go of at Stripe, tried again until Stripe has said so", async () => {
    const { customerId, id } = await aSavedCard();
    await callerFor(customerId).removeSavedMethod({ id });
    const [row] = await shop.db.select().from(savedMethod).where(eq(savedMethod.id, id));
    shop.stripe.faults?.arm({ operation: "payment_methods.detach", action: { kind: "loseAnswer" }, times: 2 });
    await sweepSavedMethods(shop.deps);
    shop.stripe.faults?.clear();
    // The answer was lost after the effect: the card is gone there, and the second call finds it so.
    await sweepSavedMethods(shop.deps);
    expect(await shop.db.select().from(savedMethod).where(eq(savedMethod.id, id))).toEqual([]);
    expect((await shop.stripeClient.paymentMethods.retrieve(row?.reference ?? "")).customer).toBeNull();
  });
});

test("cards of a provider that does not answer, however many, keep none of another's from being let go of", async () => {
  const rowOf = (provider: "manual" | "stripe", removedAt: Instant) => ({
    ...{ id: newId("spm"), customerId: newId("cus"), provider, reference: newId("evt"), brand: "visa", last4: "4242" },
    ...{ createdAt: removedAt, removedAt },
  });
  // Of a provider that the shop has no credentials for any more.
  await shop.db.insert(savedMethod).values(Array.from({ length: 20 }, () => rowOf("manual", 0 as Instant)));
  const later = rowOf("stripe", 1 as Instant);
  await shop.db.insert(savedMethod).values(later);
  for (let turn = 0; turn < 2; turn += 1) await sweepSavedMethods(shop.deps);
  expect(await shop.db.select().from(savedMethod).where(eq(savedMethod.id, later.id))).toEqual([]);
  await shop.db.delete(savedMethod).where(eq(savedMethod.provider, "manual"));
});

test("a customer who is forgotten leaves no card, here or at Stripe, and no token in their payments", async () => {
  const ann = newId("cus");
  await save(ann);
  const reference = await stripeCustomer(ann);
  await transact(shop.db, (tx) => forgetSavedMethods({ tx, now: shop.deps.clock.now() }, ann));
  expect(await cardsOf(ann)).toEqual([]);
  expect(await sweepSavedMethods(shop.deps)).toMatchObject({ failed: [] });
  expect(await shop.stripeClient.customers.retrieve(reference)).toMatchObject({ deleted: true });
  expect(await shop.db.select().from(savedMethod).where(eq(savedMethod.customerId, ann))).toEqual([]);
  expect(await shop.db.select().from(providerCustomer).where(eq(providerCustomer.customerId, ann))).toEqual([]);
  const paid = await shop.db.select().from(payment).where(eq(payment.customerId, ann));
  expect(paid.map((row) => [row.paymentMethod, row.providerCustomer])).toEqual([[null, null]]);
});

test("a customer who is forgotten while their payment is on its way leaves no card either", async () => {
  const ann = newId("cus");
  const { key, input } = orderOf(ann, { savePaymentMethod: true });
  const { authorizePayment } = shop.verbs;
  const now = shop.deps.clock.now();
  const prepared = await transact(shop.db, (tx) => authorizePayment.prepare({ tx, now, key, deadlineAt: null }, input));
  const report = await authorizePayment.call(prepared);
  await transact(shop.db, (tx) => forgetSavedMethods({ tx, now }, ann));
  await transact(shop.db, (tx) => authorizePayment.settle({ tx, now }, prepared, report));
  expect(await cardsOf(ann)).toEqual([]);
  await sweepSavedMethods(shop.deps);
  expect(await shop.db.select().from(savedMethod).where(eq(savedMethod.customerId, ann))).toEqual([]);
});

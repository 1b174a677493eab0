import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { startStripe } from "@stoa/devstack/stripe";
import { money, newId, systemClock } from "@stoa/kernel";
import type { ProviderAttempt } from "./providers/provider.ts";
import { createStripeProvider } from "./providers/stripe.ts";

const SECRET = "sk_test_keys";
const AMOUNT = money(5_200, "USD");

let stripe: Awaited<ReturnType<typeof startStripe>>;
let wire: Bun.Server<undefined>;
let sent: { readonly path: string; readonly key: string | null }[];
beforeAll(async () => {
  const faults = { seed: 1 };
  stripe = await startStripe({
    port: 0,
    dataDir: null,
    secretKey: SECRET,
    webhookSecret: "w",
    webhookUrl: null,
    faults,
  });
  wire = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      sent.push({ path: pathname, key: request.headers.get("idempotency-key") });
      const body = request.method === "POST" ? await request.text() : null;
      return fetch(`${stripe.url}${pathname}${search}`, { method: request.method, headers: request.headers, body });
    },
  });
});
afterAll(async () => {
  await wire.stop(true);
  await stripe.stop();
});
beforeEach(() => {
  sent = [];
  stripe.faults?.clear();
});

const provider = (apiUrl = `http://127.0.0.1:${wire.port}`) =>
  createStripeProvider({
    apiUrl,
    secretKey: SECRET,
    clock: systemClock,
    record: () => undefined,
  });

function anAttempt(): ProviderAttempt {
  return {
    paymentId: newId("pay"),
    orderId: newId("ord"),
    customerId: null,
    key: `${newId("saga")}/payment`,
    reference: null,
    amount: AMOUNT,
    paymentMethod: "pm_card_visa",
    returnUrl: null,
    customerReference: null,
    savesMethod: false,
    tries: 1,
    hasOpenCall: false,
    createdAt: systemClock.now(),
    facts: [],
  };
}

async function aHold(): Promise<ProviderAttempt> {
  const api = provider();
  const attempt = anAttempt();
  const known = { ...attempt, reference: (await api.prepareAttempt?.(attempt))?.reference ?? null };
  await api.authorize(known);
  return known;
}

async function aCapture(): Promise<ProviderAttempt> {
  const api = provider();
  const known = await aHold();
  await api.capture(known, { from: 0, to: AMOUNT.amount, round: 0, ifOnlyOnce: "take_whole", most: AMOUNT.amount });
  return known;
}

test("what is made anew after a lost answer is made with the same key: the intent, and the refund", async () => {
  const attempt = anAttempt();
  await provider().prepareAttempt?.(attempt);
  await provider().prepareAttempt?.(attempt);
  const created = sent.filter(({ path }) => path === "/v1/payment_intents");
  expect(created).toHaveLength(2);
  expect(new Set(created.map(({ key }) => key)).size).toBe(1);

  const captured = await aCapture();
  sent = [];
  const order = {
    refundId: newId("ref"),
    amount: money(1_000, "USD"),
    reason: null,
    tries: 1,
    captureReference: null,
  };
  await provider().refund(captured, order);
  await provider().refund(captured, order);
  const refunds = sent.filter(({ path }) => path === "/v1/refunds");
  expect(refunds).toHaveLength(2);
  expect(new Set(refunds.map(({ key }) => key)).size).toBe(1);
});

test("an error that Stripe keeps under a key does not cost the order: its intent is made under another one", async () => {
  const attempt = anAttempt();
  stripe.faults?.arm({ operation: "payment_intents.create", action: { kind: "fail", status: 500 }, times: 1 });
  const made = await provider().prepareAttempt?.(attempt);
  expect(made?.reference).toStartWith("pi_");
  const keys = sent.filter(({ path }) => path === "/v1/payment_intents").map(({ key }) => key);
  expect(keys).toEqual([`${attempt.key}/create`, `${attempt.key}/create`, `${attempt.key}/create/again/1`]);

  // A key that is merely in trouble is kept: what it may have made is found by it.
  stripe.faults?.arm({ operation: "payment_intents.create", action: { kind: "fail", status: 503 } });
  sent = [];
  await expect(provider().prepareAttempt?.(anAttempt())).rejects.toThrow();
  expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
});

test("an error that Stripe keeps under a key keeps no part of a hold from being taken, nor a refund from being given, for a day", async () => {
  const fail = { kind: "fail", status: 500 } as const;
  const held = await aHold();
  stripe.faults?.arm({ operation: "payment_intents.capture", action: fail, times: 1 });
  const part = { from: 0, to: 2_000, round: 0, ifOnlyOnce: "release_rest", most: 2_000 } as const;
  expect((await provider().capture(held, part)).facts).toContainEqual(
    expect.objectContaining({ type: "captured", amount: money(2_000, "USD") }),
  );
  const captured = await aCapture();
  const order = { refundId: newId("ref"), amount: money(1_000, "USD"), reason: null, captureReference: null };
  stripe.faults?.arm({ operation: "refunds.create", action: fail, times: 1 });
  await expect(provider().refund(captured, { ...order, tries: 1 })).rejects.toThrow();
  expect(await provider().refund(captured, { ...order, tries: 2 })).toMatchObject({ state: "succeeded" });
  sent = [];
  expect(await provider().refund(captured, { ...order, tries: 3 })).toMatchObject({ state: "succeeded" });
  expect(sent.map(({ path, key }) => [path, key])).toEqual([["/v1/refunds", null]]);
});

test("an error of Stripe's own and a cut connection are no decline: the order waits for Stripe's word", async () => {
  for (const action of [{ kind: "fail", status: 500 }, { kind: "drop" }] as const) {
    const attempt = anAttempt();
    const known = { ...attempt, reference: (await provider().prepareAttempt?.(attempt))?.reference ?? null };
    stripe.faults?.arm({ operation: "payment_intents.confirm", action });
    await expect(provider(stripe.url).authorize(known)).rejects.toThrow();
    stripe.faults?.clear();
  }
});

test("an attempt whose answer was lost before its id was stored is found by its key and closed", async () => {
  const attempt = anAttempt();
  const made = await provider().prepareAttempt?.(attempt);
  const report = await provider().void({ ...attempt, tries: 2, hasOpenCall: true });
  expect(report).toMatchObject({ reference: made?.reference, isClosed: true });
});

test("while Stripe is away, an attempt of which it has told no id is over at once, and one that may hold money is not", async () => {
  const attempt = anAttempt();
  const known = { ...attempt, reference: (await provider().prepareAttempt?.(attempt))?.reference ?? null };
  await provider().authorize(known);
  stripe.faults?.arm({ operation: "*", action: { kind: "drop" } });
  const unknown = { ...anAttempt(), tries: 2, hasOpenCall: true };
  expect(await provider(stripe.url).void(unknown)).toMatchObject({ reference: null, isClosed: true });
  await expect(provider(stripe.url).void({ ...known, tries: 2 })).rejects.toThrow();
});

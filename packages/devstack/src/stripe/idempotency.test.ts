import { expect, test } from "bun:test";
import { fixedClock } from "@stoa/kernel";
import { clientOf, heldOrder, refusalOf, startTestStripe } from "./test-support.ts";

test("the same key gives the same answer and one charge", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const first = await stripe.paymentIntents.create(heldOrder, { idempotencyKey: "order-1" });
  const second = await stripe.paymentIntents.create(heldOrder, { idempotencyKey: "order-1" });
  expect(second).toEqual(first);
  expect(second.lastResponse.headers).toBeInstanceOf(Headers);
  expect(Object(second.lastResponse.headers).get("idempotent-replayed")).toBe("true");
  expect((await stripe.charges.list()).data).toHaveLength(1);
});

test("a decline is replayed with its key, and a fresh key tries again", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const declined = { ...heldOrder, payment_method: "pm_card_chargeDeclined" };
  const first = await refusalOf(stripe.paymentIntents.create(declined, { idempotencyKey: "a" }));
  const replayed = await refusalOf(stripe.paymentIntents.create(declined, { idempotencyKey: "a" }));
  expect(replayed.charge).toBe(String(first.charge));
  const fresh = await refusalOf(stripe.paymentIntents.create(declined, { idempotencyKey: "b" }));
  expect(fresh.charge).not.toBe(String(first.charge));
});

test("the same key with other parameters or on another endpoint is an idempotency error", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const held = await stripe.paymentIntents.create(heldOrder, { idempotencyKey: "k" });
  const otherAmount = stripe.paymentIntents.create({ ...heldOrder, amount: 6_000 }, { idempotencyKey: "k" });
  expect(await refusalOf(otherAmount)).toMatchObject({ type: "StripeIdempotencyError", statusCode: 400 });
  const otherEndpoint = stripe.paymentIntents.capture(held.id, {}, { idempotencyKey: "k" });
  expect(await refusalOf(otherEndpoint)).toMatchObject({ type: "StripeIdempotencyError", statusCode: 400 });
});

test("parameters that fail validation do not use up the key", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const wrong = await refusalOf(stripe.paymentIntents.create({ ...heldOrder, amount: 1 }, { idempotencyKey: "k" }));
  expect(wrong.code).toBe("amount_too_small");
  expect((await stripe.paymentIntents.create(heldOrder, { idempotencyKey: "k" })).status).toBe("requires_capture");
});

test("a 500 is kept under its key and replayed; a 503 is not", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  server.faults?.arm({ operation: "payment_intents.create", action: { kind: "fail", status: 500 }, times: 1 });
  const create = (key: string) => stripe.paymentIntents.create(heldOrder, { idempotencyKey: key });
  expect(await refusalOf(create("a"))).toMatchObject({ type: "StripeAPIError", statusCode: 500 });
  expect(await refusalOf(create("a"))).toMatchObject({ type: "StripeAPIError", statusCode: 500 });
  server.faults?.arm({ operation: "payment_intents.create", action: { kind: "fail" }, times: 1 });
  expect(await refusalOf(create("b"))).toMatchObject({ statusCode: 503 });
  expect((await create("b")).status).toBe("requires_capture");
});

test("a second request with a key still in use is a conflict, and the first one wins", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  server.faults?.arm({ operation: "payment_intents.create", action: { kind: "delay", delayMs: 1_500 }, times: 1 });
  const create = () => stripe.paymentIntents.create(heldOrder, { idempotencyKey: "k" });
  const outcomes = await Promise.allSettled([create(), create()]);
  const refusals = outcomes.filter((outcome) => outcome.status === "rejected").map((outcome) => outcome.reason);
  expect(refusals).toHaveLength(1);
  expect(refusals[0]).toMatchObject({ statusCode: 409, code: "idempotency_key_in_use" });
  expect((await stripe.charges.list()).data).toHaveLength(1);
});

test("a key is forgotten after a day, so the same request charges again", async () => {
  const clock = fixedClock("2026-11-01T00:00:00Z");
  await using server = await startTestStripe({ clock });
  const stripe = clientOf(server);
  const create = () => stripe.paymentIntents.create(heldOrder, { idempotencyKey: "k" });
  const first = await create();
  clock.advance(24 * 3_600_000 - 1);
  expect((await create()).id).toBe(first.id);
  clock.advance(1);
  expect((await create()).id).not.toBe(first.id);
});

test("an answer lost on the way is found again with the key: one charge, however often it is asked", async () => {
  await using server = await startTestStripe();
  server.faults?.arm({ operation: "payment_intents.create", action: { kind: "loseAnswer" }, times: 1 });
  const stripe = clientOf(server, 2);
  const held = await stripe.paymentIntents.create(heldOrder, { idempotencyKey: "k" });
  expect(held.status).toBe("requires_capture");
  expect((await stripe.charges.list()).data.map((charge) => charge.id)).toEqual([String(held.latest_charge)]);
});

test("a dropped connection leaves no charge, and the client's own retry makes exactly one", async () => {
  await using server = await startTestStripe();
  server.faults?.arm({ operation: "payment_intents.create", action: { kind: "drop" }, times: 1 });
  const stripe = clientOf(server, 2);
  await stripe.paymentIntents.create(heldOrder);
  expect((await stripe.charges.list()).data).toHaveLength(1);
});

test("a rate limit answers 429 with the time to wait", async () => {
  await using server = await startTestStripe();
  const action = { kind: "fail", status: 429, retryAfterSeconds: 7 } as const;
  server.faults?.arm({ operation: "refunds.create", action, times: 1 });
  const refusal = await refusalOf(clientOf(server).refunds.create({ payment_intent: "pi_x" }));
  expect(refusal).toMatchObject({ type: "StripeRateLimitError", statusCode: 429, code: "rate_limit" });
  expect(Object(refusal.headers)["retry-after"]).toBe("7");
});

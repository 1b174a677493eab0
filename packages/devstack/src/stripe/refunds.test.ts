import { expect, test } from "bun:test";
import type Stripe from "stripe";
import { clientOf, heldOrder, refusalOf, startTestStripe } from "./test-support.ts";

const paidOrder = { ...heldOrder, capture_method: "automatic" } satisfies Stripe.PaymentIntentCreateParams;

test("captured money is given back in parts, never more than was captured", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const held = await stripe.paymentIntents.create(heldOrder);
  await stripe.paymentIntents.capture(held.id, { amount_to_capture: 4_000 });
  const part = await stripe.refunds.create({ payment_intent: held.id, amount: 1_000, metadata: { return: "r1" } });
  expect(part).toMatchObject({
    status: "succeeded",
    amount: 1_000,
    payment_intent: held.id,
    metadata: { return: "r1" },
  });
  const tooMuch = await refusalOf(stripe.refunds.create({ payment_intent: held.id, amount: 3_001 }));
  expect(tooMuch).toMatchObject({ type: "StripeInvalidRequestError", statusCode: 400, param: "amount" });
  const rest = await stripe.refunds.create({ payment_intent: held.id });
  expect(rest.amount).toBe(3_000);
  const again = await refusalOf(stripe.refunds.create({ payment_intent: held.id }));
  expect(again.code).toBe("charge_already_refunded");
  const listed = await stripe.refunds.list({ payment_intent: held.id });
  expect(listed.data.map((refund) => refund.id)).toEqual([rest.id, part.id]);
  expect(await stripe.charges.retrieve(String(rest.charge))).toMatchObject({ refunded: true, amount_refunded: 5_990 });
});

test("a hold cannot be refunded before it is captured", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const held = await stripe.paymentIntents.create(heldOrder);
  const refusal = await refusalOf(stripe.refunds.create({ payment_intent: held.id }));
  expect(refusal.message).toContain("does not have a successful charge to refund");
});

test.each([
  ["pm_card_refundFail", "failed", 0, "refund.failed", [500, -500]],
  ["pm_card_pendingRefund", "succeeded", 500, "charge.refund.updated", [-500]],
] as const)("a refund on %s is pending first and then %s", async (method, status, refunded, eventType, moved) => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const paid = await stripe.paymentIntents.create({ ...paidOrder, payment_method: method });
  const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 500 });
  expect(refund.status).toBe("pending");
  await fetch(`${server.url}/_stoa/clock`, { method: "POST", body: JSON.stringify({ seconds: 60 }) });
  expect((await stripe.refunds.retrieve(refund.id)).status).toBe(status);
  const charge = await stripe.charges.retrieve(String(refund.charge));
  expect(charge.amount_refunded).toBe(refunded);
  expect((await stripe.events.list({ limit: 1 })).data[0]?.type).toBe(eventType);
  const { data } = await stripe.balanceTransactions.list({ source: refund.id });
  expect(data.map(({ amount }) => amount)).toEqual([...moved]);
});

test("with three decimals, what is captured and what is given back ends in 0", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const held = await stripe.paymentIntents.create({ ...heldOrder, amount: 5_120, currency: "kwd" });
  const odd = { code: "invalid_charge_amount", statusCode: 400 };
  const tooMuch = stripe.paymentIntents.capture(held.id, { amount_to_capture: 5_115 });
  expect(await refusalOf(tooMuch)).toMatchObject({ ...odd, param: "amount_to_capture" });
  await stripe.paymentIntents.capture(held.id);
  const refund = (amount: number) => stripe.refunds.create({ payment_intent: held.id, amount });
  expect(await refusalOf(refund(1_001))).toMatchObject({ ...odd, param: "amount" });
  expect((await refund(1_010)).amount).toBe(1_010);
});

test("a disputed charge cannot be refunded, and evidence decides the dispute", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const held = await stripe.paymentIntents.create({ ...heldOrder, payment_method: "pm_card_createDispute" });
  expect((await stripe.disputes.list()).data).toEqual([]);
  await stripe.paymentIntents.capture(held.id);
  const [dispute] = (await stripe.disputes.list({ payment_intent: held.id })).data;
  expect(dispute).toMatchObject({ status: "needs_response", reason: "fraudulent", amount: 5_990 });
  const refusal = await refusalOf(stripe.refunds.create({ payment_intent: held.id }));
  expect(refusal.code).toBe("charge_disputed");
  const won = await stripe.disputes.update(String(dispute?.id), {
    evidence: { uncategorized_text: "winning_evidence" },
  });
  expect(won.status).toBe("won");
  const types = (await stripe.events.list({ type: "charge.dispute.*" })).data.map((event) => event.type);
  expect(types.toReversed()).toEqual([
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
  ]);
});

test("a shop that accepts a dispute has lost it", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const paid = await stripe.paymentIntents.create({ ...paidOrder, payment_method: "pm_card_createDispute" });
  const [dispute] = (await stripe.disputes.list({ charge: String(paid.latest_charge) })).data;
  expect((await stripe.disputes.close(String(dispute?.id))).status).toBe("lost");
});

test("a customer's saved card is listed until it is detached", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const customer = await stripe.customers.create({ email: "ada@example.com", metadata: { account: "1" } });
  const saved = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
  const paid = await stripe.paymentIntents.create({ ...paidOrder, customer: customer.id, payment_method: saved.id });
  expect(paid).toMatchObject({ status: "succeeded", customer: customer.id, payment_method: saved.id });
  const cards = () => stripe.paymentMethods.list({ customer: customer.id, type: "card" });
  expect((await cards()).data.map((method) => method.card?.last4)).toEqual(["4242"]);
  await stripe.paymentMethods.detach(saved.id);
  expect((await cards()).data).toEqual([]);
});

import { expect, test } from "bun:test";
import { fixedClock } from "@stoa/kernel";
import { clientOf, heldOrder, refusalOf, SECRET_KEY, startTestStripe } from "./test-support.ts";

test("an authorised amount is held, captured in part, and the rest is released", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const held = await stripe.paymentIntents.create(heldOrder);
  expect(held).toMatchObject({ status: "requires_capture", amount_capturable: 5_990, amount_received: 0 });
  const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 4_000 });
  expect(captured).toMatchObject({ status: "succeeded", amount_capturable: 0, amount_received: 4_000 });
  const charge = await stripe.charges.retrieve(String(captured.latest_charge));
  expect(charge).toMatchObject({ captured: true, amount_captured: 4_000, amount_refunded: 1_990, refunded: false });
  expect(held.lastResponse.requestId).toStartWith("req_");
});

test("a capture larger than the hold and a second capture are refused with Stripe's codes", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const held = await stripe.paymentIntents.create(heldOrder);
  const tooMuch = await refusalOf(stripe.paymentIntents.capture(held.id, { amount_to_capture: 6_000 }));
  expect(tooMuch).toMatchObject({ type: "StripeInvalidRequestError", statusCode: 400, code: "amount_too_large" });
  await stripe.paymentIntents.capture(held.id);
  const again = await refusalOf(stripe.paymentIntents.capture(held.id));
  expect(again).toMatchObject({ code: "payment_intent_unexpected_state", payment_intent: { status: "succeeded" } });
});

test("an intent is created, changed, confirmed and captured at once by default", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const intent = await stripe.paymentIntents.create({
    amount: 1_000,
    currency: "USD",
    metadata: { order: "7", note: "x" },
  });
  expect(intent).toMatchObject({
    status: "requires_payment_method",
    capture_method: "automatic_async",
    currency: "usd",
  });
  const changed = await stripe.paymentIntents.update(intent.id, { amount: 1_200, metadata: { note: "", cart: "c1" } });
  expect(changed).toMatchObject({ amount: 1_200, metadata: { order: "7", cart: "c1" } });
  const paid = await stripe.paymentIntents.confirm(intent.id, {
    payment_method: "pm_card_mastercard",
    return_url: "https://shop.example/back",
    expand: ["latest_charge"],
  });
  expect(paid).toMatchObject({ status: "succeeded", latest_charge: { object: "charge", amount_captured: 1_200 } });
});

test("cancelling a hold gives all of it back and cannot be done twice", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const held = await stripe.paymentIntents.create(heldOrder);
  const canceled = await stripe.paymentIntents.cancel(held.id, { cancellation_reason: "abandoned" });
  expect(canceled).toMatchObject({ status: "canceled", amount_capturable: 0, cancellation_reason: "abandoned" });
  expect(await stripe.charges.retrieve(String(held.latest_charge))).toMatchObject({ refunded: true, captured: false });
  const again = await refusalOf(stripe.paymentIntents.cancel(held.id));
  expect(again.code).toBe("payment_intent_unexpected_state");
});

test("a hold that nobody captures ends after seven days", async () => {
  const clock = fixedClock("2026-11-01T00:00:00Z");
  await using server = await startTestStripe({ clock });
  const stripe = clientOf(server);
  const held = await stripe.paymentIntents.create({ ...heldOrder, expand: ["latest_charge"] });
  const charge = held.latest_charge;
  const until = typeof charge === "object" ? charge?.payment_method_details?.card?.capture_before : undefined;
  expect(until).toBe(Date.parse("2026-11-08T00:00:00Z") / 1000);
  const advance = (seconds: number) =>
    fetch(`${server.url}/_stoa/clock`, { method: "POST", body: JSON.stringify({ seconds }) });
  await advance(7 * 86_400 - 1);
  expect((await stripe.paymentIntents.retrieve(held.id)).status).toBe("requires_capture");
  await advance(1);
  expect(await stripe.paymentIntents.retrieve(held.id)).toMatchObject({
    status: "canceled",
    cancellation_reason: "automatic",
    amount_capturable: 0,
  });
  const types = (await stripe.events.list({ limit: 2 })).data.map((event) => event.type);
  expect(types).toEqual(["payment_intent.canceled", "charge.expired"]);
});

const declines = [
  ["pm_card_chargeDeclined", "card_declined", "generic_decline"],
  ["pm_card_visa_chargeDeclined", "card_declined", "generic_decline"],
  ["pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"],
  ["pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"],
  ["pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"],
  ["pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"],
  ["pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"],
  ["pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"],
] as const;

test.each(declines)("%s is declined with %s and %s", async (method, code, declineCode) => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const refusal = await refusalOf(stripe.paymentIntents.create({ ...heldOrder, payment_method: method }));
  expect(refusal).toMatchObject({ type: "StripeCardError", statusCode: 402, code, decline_code: declineCode });
  const intent = refusal.payment_intent;
  expect(intent).toMatchObject({ status: "requires_payment_method", last_payment_error: { code } });
  // The failed attempt stays, so another card can be tried on the same intent.
  const paid = await stripe.paymentIntents.confirm(String(intent?.id), { payment_method: "pm_card_visa" });
  expect(paid.status).toBe("requires_capture");
});

test("an off-session payment on a card that needs authentication is declined", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const refusal = await refusalOf(
    stripe.paymentIntents.create({ ...heldOrder, payment_method: "pm_card_authenticationRequired", off_session: true }),
  );
  expect(refusal).toMatchObject({ statusCode: 402, code: "authentication_required" });
});

test("intents are found by metadata, and lists are walked page by page", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const ids: string[] = [];
  for (let order = 1; order <= 5; order += 1) {
    ids.push((await stripe.paymentIntents.create({ ...heldOrder, metadata: { order: `o-${order}` } })).id);
  }
  const found = await stripe.paymentIntents.search({ query: "metadata['order']:'o-3' AND status:'requires_capture'" });
  expect(found.data.map((intent) => intent.id)).toEqual([String(ids[2])]);
  const walked: string[] = [];
  for await (const intent of stripe.paymentIntents.list({ limit: 2 })) walked.push(intent.id);
  expect(walked).toEqual(ids.toReversed());
  const back = await stripe.paymentIntents.list({ limit: 2, ending_before: String(ids[1]) });
  expect(back.data.map((intent) => intent.id)).toEqual([String(ids[3]), String(ids[2])]);
  expect(back.has_more).toBe(true);
});

test("what the stand-in does not know is refused in Stripe's words, and nothing is created", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const cases = [
    [{ currency: "eur" }, { code: "parameter_missing", param: "amount" }],
    [
      { amount: "12.5", currency: "eur" },
      { code: "parameter_invalid_integer", param: "amount" },
    ],
    [{ amount: 1, currency: "eur" }, { code: "amount_too_small" }],
    [{ amount: 999_999_999, currency: "eur" }, { code: "amount_too_large" }],
    [
      { amount: 1_005, currency: "kwd" },
      { code: "invalid_charge_amount", param: "amount" },
    ],
    [
      { ...heldOrder, payment_method: "pm_unknown" },
      { code: "resource_missing", param: "payment_method" },
    ],
    [
      { ...heldOrder, surprise: "x" },
      { code: "parameter_unknown", param: "surprise" },
    ],
    [{ ...heldOrder, automatic_payment_methods: undefined }, { message: expect.stringContaining("return_url") }],
  ] as const;
  for (const [params, expected] of cases) {
    const call = stripe.rawRequest("POST", "/v1/payment_intents", { ...params });
    expect(await refusalOf(call)).toMatchObject({ type: "StripeInvalidRequestError", statusCode: 400, ...expected });
  }
  expect((await stripe.paymentIntents.list()).data).toEqual([]);
  expect(await refusalOf(stripe.paymentIntents.retrieve("pi_nope"))).toMatchObject({
    statusCode: 404,
    code: "resource_missing",
  });
  expect(await refusalOf(stripe.rawRequest("GET", "/v1/coupons"))).toMatchObject({ statusCode: 404 });
});

test("a wrong key is refused, and a body beyond the limit is not read", async () => {
  await using server = await startTestStripe();
  const post = (authorization: string, body: string) =>
    fetch(`${server.url}/v1/payment_intents`, { method: "POST", headers: { authorization }, body });
  expect((await post("Bearer sk_test_other", "")).status).toBe(401);
  expect((await post(`Bearer ${SECRET_KEY}`, `description=${"x".repeat(300_000)}`)).status).toBe(413);
});

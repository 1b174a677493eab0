import { describe, expect, test } from "bun:test";
import Stripe from "stripe";
import { clientOf, heldOrder, refusalOf, startTestStripe } from "./test-support.ts";

/** A test-mode key of a real account; with it the same promises are checked against Stripe itself. */
const realKey = process.env.TEST_REAL_STRIPE_KEY ?? "";
if (realKey !== "" && !realKey.startsWith("sk_test_")) throw new Error("TEST_REAL_STRIPE_KEY must be a test-mode key");

const REAL_TIMEOUT_MS = 60_000;

async function standIn(check: (stripe: Stripe) => Promise<void>): Promise<void> {
  await using server = await startTestStripe();
  await check(clientOf(server));
}

const accounts = [
  { name: "the stand-in", skipped: false, withStripe: standIn },
  {
    name: "Stripe's test mode",
    skipped: realKey === "",
    withStripe: (check: (stripe: Stripe) => Promise<void>) => check(new Stripe(realKey, { telemetry: false })),
  },
];

describe.each(accounts)("$name", ({ skipped, withStripe }) => {
  const promise = (name: string, check: (stripe: Stripe) => Promise<void>) =>
    test.skipIf(skipped)(name, () => withStripe(check), REAL_TIMEOUT_MS);

  promise("holds, captures in part and gives back", async (stripe) => {
    const held = await stripe.paymentIntents.create(heldOrder);
    expect(held).toMatchObject({ status: "requires_capture", amount_capturable: 5_990, amount_received: 0 });
    const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 4_000 });
    expect(captured).toMatchObject({ status: "succeeded", amount_received: 4_000, amount_capturable: 0 });
    const refund = await stripe.refunds.create({ payment_intent: held.id, amount: 1_000 });
    expect(refund).toMatchObject({ status: "succeeded", amount: 1_000 });
    const tooMuch = await refusalOf(stripe.refunds.create({ payment_intent: held.id, amount: 3_001 }));
    expect(tooMuch).toMatchObject({ type: "StripeInvalidRequestError", statusCode: 400 });
  });

  promise("declines with the codes of the test card, and leaves the intent open for another", async (stripe) => {
    const refusal = await refusalOf(
      stripe.paymentIntents.create({ ...heldOrder, payment_method: "pm_card_visa_chargeDeclinedInsufficientFunds" }),
    );
    expect(refusal).toMatchObject({
      type: "StripeCardError",
      statusCode: 402,
      code: "card_declined",
      decline_code: "insufficient_funds",
      payment_intent: { status: "requires_payment_method" },
    });
  });

  promise("asks for authentication with a redirect when there is a return URL", async (stripe) => {
    const intent = await stripe.paymentIntents.create({
      ...heldOrder,
      automatic_payment_methods: { enabled: true },
      payment_method: "pm_card_threeDSecure2Required",
      return_url: "https://shop.example/back",
    });
    expect(intent).toMatchObject({ status: "requires_action", next_action: { type: "redirect_to_url" } });
    expect((await stripe.paymentIntents.cancel(intent.id)).status).toBe("canceled");
  });

  promise("refuses a key with other parameters, and an intent that does not exist", async (stripe) => {
    const idempotencyKey = crypto.randomUUID();
    const held = await stripe.paymentIntents.create(heldOrder, { idempotencyKey });
    const other = await refusalOf(stripe.paymentIntents.create({ ...heldOrder, amount: 6_000 }, { idempotencyKey }));
    expect(other).toMatchObject({ type: "StripeIdempotencyError", statusCode: 400 });
    await stripe.paymentIntents.cancel(held.id);
    const again = await refusalOf(stripe.paymentIntents.capture(held.id));
    expect(again).toMatchObject({ statusCode: 400, code: "payment_intent_unexpected_state" });
    const missing = await refusalOf(stripe.paymentIntents.retrieve("pi_doesnotexist"));
    expect(missing).toMatchObject({ statusCode: 404, code: "resource_missing" });
  });
});

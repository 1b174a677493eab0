import { expect, test } from "bun:test";
import type Stripe from "stripe";
import { clientOf, heldOrder, startTestStripe } from "./test-support.ts";

const RETURN_URL = "https://shop.example/orders/7?lang=en";
const { automatic_payment_methods: _, ...order } = heldOrder;
const challenged = {
  ...order,
  allowed_payment_method_types: ["card"],
  payment_method: "pm_card_authenticationRequired",
  return_url: RETURN_URL,
  description: `<b>Order "7"</b>`,
} satisfies Stripe.PaymentIntentCreateParams;

const decide = (url: string, decision: string) =>
  fetch(url, { method: "POST", body: new URLSearchParams({ decision }), redirect: "manual" });

async function challenge(stripe: Stripe, params: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  const intent = await stripe.paymentIntents.create({ ...challenged, ...params });
  return { intent, url: String(intent.next_action?.redirect_to_url?.url) };
}

test("paying on the page authorises the payment and leads back with Stripe's parameters", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const { intent, url } = await challenge(stripe);
  expect(intent).toMatchObject({ status: "requires_action", next_action: { type: "redirect_to_url" } });
  const answer = await decide(url, "pay");
  expect(answer.status).toBe(303);
  const back = new URL(String(answer.headers.get("location")));
  expect(back.origin + back.pathname).toBe("https://shop.example/orders/7");
  expect(Object.fromEntries(back.searchParams)).toEqual({
    lang: "en",
    payment_intent: intent.id,
    payment_intent_client_secret: String(intent.client_secret),
    redirect_status: "succeeded",
  });
  expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe("requires_capture");
  const twice = await decide(url, "decline");
  expect(twice.headers.get("location")).toContain("redirect_status=succeeded");
  expect((await stripe.charges.list({ payment_intent: intent.id })).data).toHaveLength(1);
});

test.each(["decline", "cancel"])("%s on the page fails the authentication and charges nothing", async (decision) => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const { intent, url } = await challenge(stripe);
  const answer = await decide(url, decision);
  expect(answer.headers.get("location")).toContain("redirect_status=failed");
  expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
    status: "requires_payment_method",
    last_payment_error: { code: "payment_intent_authentication_failure" },
  });
  expect((await stripe.charges.list()).data).toEqual([]);
});

test("a card may be declined after its owner passed the check", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const payment_method = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds";
  const { intent, url } = await challenge(stripe, { payment_method });
  const answer = await decide(url, "pay");
  expect(answer.headers.get("location")).toContain("redirect_status=failed");
  expect((await stripe.paymentIntents.retrieve(intent.id)).last_payment_error?.decline_code).toBe("insufficient_funds");
});

test("the page shows amount and order escaped, under a policy that runs no script", async () => {
  await using server = await startTestStripe();
  const { url } = await challenge(clientOf(server));
  const page = await fetch(url);
  const policy = String(page.headers.get("content-security-policy"));
  expect(policy).toStartWith("default-src 'none'; style-src 'sha256-");
  expect(policy).toContain("form-action 'self' https://shop.example;");
  const html = await page.text();
  expect(html).toContain("&lt;b&gt;Order &quot;7&quot;&lt;/b&gt;");
  expect(html).toContain("59.90 EUR");
  expect(html).toContain("test page");
  expect(html).not.toContain("<script");
});

test("without a return URL the shop's own page asks, and the check ends on a page that says so", async () => {
  await using server = await startTestStripe();
  const stripe = clientOf(server);
  const intent = await stripe.paymentIntents.create({ ...heldOrder, payment_method: "pm_card_threeDSecure2Required" });
  expect(intent.next_action?.type).toBe("use_stripe_sdk");
  const url = `${server.url}/3d-secure/${intent.id}`;
  expect((await decide(url, "nonsense")).status).toBe(422);
  const answer = await decide(url, "pay");
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain("The payment was approved");
  expect((await fetch(url)).status).toBe(409);
  expect((await fetch(`${server.url}/3d-secure/pi_none`)).status).toBe(404);
});

test("a return URL that would run script is refused", async () => {
  await using server = await startTestStripe();
  const refusal = await clientOf(server)
    .paymentIntents.create({ ...challenged, return_url: "javascript:alert(1)" })
    .catch((error: unknown) => error);
  expect(refusal).toMatchObject({ statusCode: 400, param: "return_url" });
});

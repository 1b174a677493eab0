import Stripe from "stripe";
import { receiveWebhooks } from "../stand-in/testing.ts";
import { type StripeOptions, type StripeStandIn, startStripe } from "./index.ts";

export const SECRET_KEY = "sk_test_stoa";
export const WEBHOOK_SECRET = "whsec_test_stoa";

/** A receiver of webhooks that a test can make refuse. */
export function startReceiver() {
  return receiveWebhooks("/webhooks/stripe", (headers, body) => ({
    signature: headers.get("stripe-signature") ?? "",
    body,
    event: JSON.parse(body) as Stripe.Event,
  }));
}

/** A stand-in with an account of its own, faults on, everything in memory unless the test says otherwise. */
export function startTestStripe(options: Partial<StripeOptions> = {}): Promise<StripeStandIn> {
  return startStripe({
    port: 0,
    dataDir: null,
    faults: { seed: 1 },
    secretKey: SECRET_KEY,
    webhookSecret: WEBHOOK_SECRET,
    webhookUrl: null,
    ...options,
  });
}

export function clientOf(server: { readonly port: number }, maxNetworkRetries = 0): Stripe {
  return new Stripe(SECRET_KEY, {
    host: "127.0.0.1",
    port: server.port,
    protocol: "http",
    telemetry: false,
    maxNetworkRetries,
  });
}

export const heldOrder = {
  amount: 5_990,
  currency: "eur",
  capture_method: "manual",
  confirm: true,
  payment_method: "pm_card_visa",
  automatic_payment_methods: { enabled: true, allow_redirects: "never" },
} as const satisfies Stripe.PaymentIntentCreateParams;

/** The error that this call is refused with. Fails when it is not refused by Stripe. */
export async function refusalOf(call: Promise<unknown>): Promise<InstanceType<typeof Stripe.errors.StripeError>> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error("The call was not refused");
}

export { eventually } from "../stand-in/testing.ts";

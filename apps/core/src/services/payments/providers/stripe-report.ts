import type { Instant } from "@stoa/kernel";
import type { NextAction } from "@stoa/read-models";
import type Stripe from "stripe";
import { z } from "zod";
import type { OpenState, PaymentFact } from "../payment.ts";
import type { ProviderReport, RefundReport } from "./provider-report.ts";
import { fromStripeAmount } from "./stripe-amount.ts";
import { cardOf, paymentMethodSchema } from "./stripe-cards.ts";

/** Stripe ends an uncaptured PaymentIntent after about this long. */
const HOLD_MS = 7 * 24 * 60 * 60 * 1_000;

/** What we rely on in a PaymentIntent, whether it comes as an answer or inside an event. */
export const paymentIntentSchema = z.object({
  id: z.string(),
  status: z.enum([
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "succeeded",
    "canceled",
  ]),
  amount: z.int(),
  amount_capturable: z.int().default(0),
  amount_received: z.int().default(0),
  currency: z.string(),
  created: z.int(),
  client_secret: z.string().nullish(),
  payment_method: paymentMethodSchema.nullish(),
  metadata: z.record(z.string(), z.string()).default({}),
  /** An id, or the charge itself where it was asked for. */
  latest_charge: z
    .union([
      z.string(),
      z.object({
        payment_method_details: z
          .object({ card: z.object({ multicapture: z.object({ status: z.string() }).nullish() }).nullish() })
          .nullish(),
      }),
    ])
    .nullish(),
  next_action: z
    .object({ type: z.string(), redirect_to_url: z.object({ url: z.string().nullable() }).nullish() })
    .nullish(),
  last_payment_error: z
    .object({ code: z.string().optional(), decline_code: z.string().optional(), charge: z.string().optional() })
    .nullish(),
});
export type StripeIntent = z.infer<typeof paymentIntentSchema>;

/** What a PaymentIntent says about its attempt. */
export function reportOf(intent: StripeIntent): ProviderReport {
  const facts = factsOf(intent);
  return {
    reference: intent.id,
    open: openStateOf(intent),
    nextAction: intent.status === "requires_action" ? nextActionOf(intent) : null,
    facts,
    isClosed: intent.status === "canceled" || intent.status === "succeeded",
    refusal: null,
    method: cardOf(intent.payment_method),
  };
}

function openStateOf(intent: StripeIntent): OpenState {
  return intent.status === "requires_action" || intent.status === "processing" ? intent.status : "pending";
}

function nextActionOf(intent: StripeIntent): NextAction | null {
  const url = intent.next_action?.redirect_to_url?.url;
  if (url) return { type: "redirect", url };
  return intent.client_secret ? { type: "stripe_sdk", clientSecret: intent.client_secret } : null;
}

function factsOf(intent: StripeIntent): PaymentFact[] {
  const reference = intent.id;
  const of = (amount: number) => fromStripeAmount(amount, intent.currency);
  const authorized = (amount: number): PaymentFact => ({
    type: "authorized",
    reference,
    amount: of(amount),
    until: (intent.created * 1_000 + HOLD_MS) as Instant,
  });
  switch (intent.status) {
    case "requires_capture":
      return [authorized(intent.amount_capturable + intent.amount_received), ...captureOf(intent)];
    case "succeeded": {
      const rest = intent.amount - intent.amount_received;
      const released: PaymentFact[] = rest > 0 ? [{ type: "released", reference, amount: of(rest) }] : [];
      return [authorized(intent.amount), ...captureOf(intent), ...released];
    }
    case "canceled":
      return [...failureOf(intent), { type: "voided", reference, amount: null }];
    case "requires_payment_method":
      return failureOf(intent);
    default:
      return [];
  }
}

/** An intent tells what was taken in all so far, not its single captures. */
function captureOf({ id, amount, amount_received: received, currency }: StripeIntent): PaymentFact[] {
  if (received === 0) return [];
  const reference = received === amount ? id : `${id}:${received}`;
  return [{ type: "captured", reference, amount: fromStripeAmount(received, currency), isTotal: true }];
}

function failureOf(intent: StripeIntent): PaymentFact[] {
  const error = intent.last_payment_error;
  if (!error) return [];
  const declineCode = error.decline_code ?? error.code ?? "generic_decline";
  return [{ type: "failed", reference: error.charge ?? intent.id, amount: null, declineCode }];
}

/** What a refund says about itself. */
export function refundReportOf(refund: Stripe.Refund): RefundReport {
  const isFailed = refund.status === "failed" || refund.status === "canceled";
  const state = refund.status === "succeeded" ? "succeeded" : isFailed ? "failed" : "pending";
  return { reference: refund.id, state, refusal: state === "failed" ? (refund.failure_reason ?? "failed") : null };
}

/** Nobody has tried to pay it yet, so nothing has been charged on it. */
export function awaitsConfirmation(intent: StripeIntent): boolean {
  return (
    intent.status === "requires_confirmation" ||
    (intent.status === "requires_payment_method" && !intent.last_payment_error)
  );
}

/** Whether account and card let a hold be captured in parts; told with `latest_charge` expanded. */
export function allowsParts({ latest_charge: charge }: StripeIntent): boolean {
  return typeof charge === "object" && charge?.payment_method_details?.card?.multicapture?.status === "available";
}

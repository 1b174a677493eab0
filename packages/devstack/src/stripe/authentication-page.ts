import { currencyDigits, isCurrency } from "@stoa/kernel";
import { approvalPage, type Decision, decisionOf, noticePage, withParameters } from "../payment-page/page.ts";
import type { DoorAnswer, DoorRequest } from "../stand-in/http-door.ts";
import { charge, failAuthentication } from "./confirm.ts";
import { StripeRefusal } from "./errors.ts";
import type { PaymentIntent } from "./objects.ts";
import type { StoredIntent, Turn } from "./turn.ts";

const PAGE_PATH = /^\/3d-secure\/(pi_[A-Za-z0-9]+)$/;

/** The id of the intent whose 3-D Secure page this path is, or null for another path. */
export function authenticationPageOf(path: string): string | null {
  return PAGE_PATH.exec(path)?.[1] ?? null;
}

/**
 * GET shows the page, POST takes `decision` and leads back to the shop's return URL with `payment_intent`,
 * `payment_intent_client_secret` and `redirect_status` (`succeeded` or `failed`). A second answer changes nothing.
 */
export function answerAuthentication(turn: Turn, request: DoorRequest, id: string): DoorAnswer {
  const intent = turn.intents.find(id);
  if (intent === null) return notice(404, "No such payment", "This link leads to no payment of this shop.", null);
  const waiting = intent.view.status === "requires_action";
  if (request.method === "POST") {
    const decision = decisionOf(request.body);
    if (decision === null) return notice(422, "Choose one", "Go back and choose Pay, Decline or Cancel.", null);
    if (waiting) settle(turn, intent, decision);
    return leave(intent);
  }
  if (!waiting) {
    const url = returnUrlOf(intent);
    const link = url === null ? null : { url, label: "Back to the shop" };
    return notice(409, "Already answered", "This payment is no longer waiting for an answer.", link);
  }
  const page = approvalPage({
    provider: "Stripe",
    heading: "Confirm that it is you",
    merchant: "Test shop",
    amount: shownAmount(intent.view),
    reference: referenceOf(intent.view),
    action: request.path,
    declineHint: "Decline fails the 3-D Secure check; Cancel leaves it. The shop can then ask for another card.",
    returnUrls: [intent.hidden.returnUrl],
  });
  return { status: 200, ...page };
}

function settle(turn: Turn, intent: StoredIntent, decision: Decision): void {
  if (decision !== "pay") {
    failAuthentication(turn, intent);
    return;
  }
  intent.hidden.authenticated = true;
  try {
    charge(turn, intent);
  } catch (refusal) {
    // A card may be declined after its owner passed the check; the shop learns it from the intent and the webhook.
    if (!(refusal instanceof StripeRefusal) || refusal.trace !== "effects") throw refusal;
  }
}

function leave(intent: StoredIntent): DoorAnswer {
  const url = returnUrlOf(intent);
  if (url !== null) return { status: 303, headers: { location: url, "cache-control": "no-store" }, body: "" };
  const text =
    intent.view.status === "requires_payment_method"
      ? "The payment was not approved. You can close this page."
      : "The payment was approved. You can close this page.";
  return notice(200, "Thank you", text, null);
}

function returnUrlOf(intent: StoredIntent): string | null {
  const { view, hidden } = intent;
  if (hidden.returnUrl === null) return null;
  const passed = view.status === "succeeded" || view.status === "requires_capture";
  return withParameters(hidden.returnUrl, {
    payment_intent: view.id,
    payment_intent_client_secret: view.client_secret,
    redirect_status: passed ? "succeeded" : "failed",
  });
}

function notice(
  status: number,
  heading: string,
  text: string,
  link: { readonly url: string; readonly label: string } | null,
): DoorAnswer {
  return { status, ...noticePage({ provider: "Stripe", heading, text, link }) };
}

function shownAmount(intent: PaymentIntent): string {
  const code = intent.currency.toUpperCase();
  const digits = isCurrency(code) ? currencyDigits[code] : 2;
  return `${(intent.amount / 10 ** digits).toFixed(digits)} ${code}`;
}

/** The order as the shop names it: its description, else the first metadata that speaks of an order, else the intent's id. */
function referenceOf(intent: PaymentIntent): string {
  const named = Object.entries(intent.metadata).find(([key]) => key.toLowerCase().includes("order"));
  return intent.description ?? named?.[1] ?? intent.id;
}

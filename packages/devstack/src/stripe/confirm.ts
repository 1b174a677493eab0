import { z } from "zod";
import { isReturnUrl } from "../payment-page/page.ts";
import { testCards } from "./cards.ts";
import { authorizeCharge, failedCharge } from "./charges.ts";
import { cardError, invalidParameter, noSuch, refused, unexpectedState } from "./errors.ts";
import { announce } from "./events.ts";
import type { PaymentIntent, PaymentMethod, StripeErrorBody } from "./objects.ts";
import { anything, expand, flag, text } from "./parameters.ts";
import { resolveMethod } from "./payment-methods.ts";
import type { StoredIntent, Turn } from "./turn.ts";

/** What both `create` with `confirm` and `confirm` itself take. */
export const confirmationFields = {
  error_on_requires_action: flag.optional(),
  off_session: flag.optional(),
  payment_method: text.optional(),
  payment_method_options: anything.optional(),
  return_url: z.string().max(2_048).refine(isReturnUrl).optional(),
  use_stripe_sdk: flag.optional(),
  expand,
};

export const confirmIntentSchema = z.strictObject(confirmationFields);
type Confirmation = z.infer<typeof confirmIntentSchema>;

const AUTHENTICATION_REQUIRED = {
  code: "authentication_required",
  declineCode: "authentication_required",
  message: "Your card was declined. This transaction requires authentication.",
};

/**
 * Confirms: the charge is made, or 3-D Secure is asked for first.
 * @throws 402 `card_error` when the card is declined; the failed charge and its events stay.
 */
export function confirmIntent(turn: Turn, intent: StoredIntent, params: Confirmation): void {
  const { view, hidden } = intent;
  const status = view.status;
  if (status !== "requires_payment_method" && status !== "requires_confirmation" && status !== "requires_action") {
    throw unexpectedState(
      `You cannot confirm this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.`,
      view,
    );
  }
  if (params.payment_method !== undefined && params.payment_method !== view.payment_method) {
    const { view: chosen } = resolveMethod(turn, params.payment_method);
    assertUsable(view, chosen);
    view.payment_method = chosen.id;
    hidden.authenticated = false;
  }
  if (view.payment_method === null) {
    throw unexpectedState(
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
      view,
    );
  }
  hidden.returnUrl = params.return_url ?? hidden.returnUrl;
  if (view.automatic_payment_methods?.allow_redirects === "always" && hidden.returnUrl === null) {
    throw refused(
      "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
    );
  }
  const method = methodOf(turn, view.payment_method);
  if (method.card.authenticate === true && !hidden.authenticated) {
    askForAuthentication(turn, intent, method.view, params);
    return;
  }
  charge(turn, intent);
}

/** Charges the intent's payment method, which needs no authentication or has passed it. */
export function charge(turn: Turn, intent: StoredIntent): void {
  const { view } = intent;
  const method = methodOf(turn, view.payment_method ?? "");
  if (method.card.decline !== undefined) throw declineIntent(turn, intent, method.view, method.card.decline);
  view.next_action = null;
  view.last_payment_error = null;
  keepForLater(turn, view, method);
  authorizeCharge(turn, intent, method);
}

/** A saved card pays for its own customer only. @throws 400 for everybody else. */
export function assertUsable(intent: PaymentIntent, method: PaymentMethod): void {
  if (method.customer === null || method.customer === intent.customer) return;
  const message =
    intent.customer === null
      ? `The \`payment_method\` parameter supplied ${method.id} belongs to the Customer ${method.customer}. Please include the Customer in the \`customer\` parameter on the PaymentIntent.`
      : `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`;
  throw refused(message, undefined, "payment_method");
}

/** `setup_future_usage` with a customer saves the card once it has paid. */
function keepForLater(turn: Turn, { setup_future_usage, customer }: PaymentIntent, method: Method): void {
  if (setup_future_usage === null || customer === null || method.view.customer !== null) return;
  method.view.customer = customer;
  turn.methods.save({ view: method.view, hidden: method.hidden });
  announce(turn, "payment_method.attached", method.view);
}

type Method = ReturnType<typeof methodOf>;

/** The shopper did not pass, or left: the intent needs another payment method. */
export function failAuthentication(turn: Turn, intent: StoredIntent): void {
  const method = methodOf(turn, intent.view.payment_method ?? "");
  giveUpMethod(turn, intent, {
    type: "invalid_request_error",
    code: "payment_intent_authentication_failure",
    doc_url: "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
    message:
      "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
    payment_method: method.view,
  });
}

function askForAuthentication(turn: Turn, intent: StoredIntent, method: PaymentMethod, params: Confirmation): void {
  if (params.off_session === true || params.error_on_requires_action === true) {
    throw declineIntent(turn, intent, method, AUTHENTICATION_REQUIRED);
  }
  const { view, hidden } = intent;
  const url = `${turn.baseUrl}/3d-secure/${view.id}`;
  view.status = "requires_action";
  view.next_action =
    hidden.returnUrl === null || params.use_stripe_sdk === true
      ? { type: "use_stripe_sdk", use_stripe_sdk: { type: "three_d_secure_redirect", stripe_js: url } }
      : { type: "redirect_to_url", redirect_to_url: { url, return_url: hidden.returnUrl } };
  turn.intents.save(intent);
  announce(turn, "payment_intent.requires_action", view);
}

function declineIntent(
  turn: Turn,
  intent: StoredIntent,
  method: PaymentMethod,
  reason: { readonly code: string; readonly declineCode: string; readonly message: string },
): Error {
  const failed = failedCharge(turn, intent, method, reason);
  const error = {
    charge: failed.id,
    code: reason.code,
    decline_code: reason.declineCode,
    message: reason.message,
    payment_method: method,
  };
  const refusal = cardError(error);
  giveUpMethod(turn, intent, refusal.body);
  return cardError({ ...error, payment_intent: intent.view });
}

function giveUpMethod(turn: Turn, intent: StoredIntent, error: StripeErrorBody): void {
  const { view, hidden } = intent;
  view.status = "requires_payment_method";
  view.payment_method = null;
  view.next_action = null;
  view.last_payment_error = error;
  hidden.authenticated = false;
  turn.intents.save(intent);
  announce(turn, "payment_intent.payment_failed", view);
}

function methodOf(turn: Turn, id: string) {
  const method = turn.methods.find(id);
  if (method === null) throw noSuch("PaymentMethod", id, "payment_method");
  const card = testCards[method.hidden.testCard];
  if (card === undefined) throw invalidParameter(`Invalid payment_method: ${id}`, undefined, "payment_method");
  return { ...method, card };
}

import {
  CheckoutPaymentIntent,
  PaypalExperienceUserAction,
  PaypalWalletContextShippingPreference,
} from "@paypal/paypal-server-sdk";
import { toPaypalAmount } from "./paypal-amount.ts";
import { capturable, type PaypalCalls, referenceOf, refusalOf, WHOLE_ANSWER } from "./paypal-calls.ts";
import { classifyPaypalError } from "./paypal-client.ts";
import { authorizationsOf, orderSchema, type PaypalOrder, reportOf } from "./paypal-report.ts";
import { savingWallet, walletOf } from "./paypal-wallets.ts";
import type { ProviderAttempt } from "./provider.ts";
import { nothingHeld, nothingYet, type ProviderReport, unlessUnknown } from "./provider-report.ts";

/** Orders until they hold money, and letting go of it; each call is safe to make again. */
export class PaypalOrders {
  constructor(readonly calls: PaypalCalls) {}

  /** Creates the order that the shopper approves, or answers the one that an earlier call with the same key created. */
  create(attempt: ProviderAttempt): Promise<PaypalOrder> {
    const paypal = { experienceContext: experienceOf(attempt), ...savingWallet(attempt) };
    const body = {
      intent: CheckoutPaymentIntent.Authorize,
      purchaseUnits: [{ customId: attempt.paymentId, amount: toPaypalAmount(attempt.amount) }],
      // A saved wallet is named when it is to pay, so that nothing can be charged before the order's id is stored.
      ...(walletOf(attempt) === null && { paymentSource: { paypal } }),
    };
    const key = `${attempt.key}/create`;
    return this.calls.send(attempt, { operation: "create", key, schema: orderSchema }, () =>
      this.calls.orders().createOrder({ body, paypalRequestId: key, prefer: WHOLE_ANSWER }),
    );
  }

  /** PayPal forgets an order that nobody has approved within hours, and one that holds or took money never; null for the former. */
  #findUnlessForgotten(attempt: ProviderAttempt): Promise<PaypalOrder | null> {
    return unlessUnknown(this.calls.find(attempt), classifyPaypalError);
  }

  async authorize(attempt: ProviderAttempt): Promise<ProviderReport> {
    // PayPal would take a saved wallet again that it has declined, and by then the order has been refused.
    if (isDeclined(attempt)) return { ...nothingYet(attempt.reference), isClosed: true };
    const isNew = walletOf(attempt) !== null && attempt.tries === 1;
    if (isNew) return this.#authorizeReady(attempt);
    const order = await this.#findUnlessForgotten(attempt);
    if (order === null) return nothingHeld(attempt);
    return isReady(order, attempt) ? this.#authorizeReady(attempt) : reportOf(order);
  }

  async void(attempt: ProviderAttempt): Promise<ProviderReport> {
    // Without a stored id nobody can have authorised the order, and an unapproved order holds nothing; it expires by itself.
    if (!attempt.reference) return nothingHeld(attempt);
    let order = await this.#findUnlessForgotten(attempt);
    if (order === null) return nothingHeld(attempt);
    if (isReady(order, attempt) && attempt.hasOpenCall) {
      // A call to authorise may still be under way; the same call with the same key ends in the authorization that it makes.
      const replayed = await this.#authorizeReady(attempt);
      if (replayed.isClosed) return replayed;
      order = await this.calls.find(attempt);
    }
    const report = reportOf(order);
    if (report.isClosed) return report;
    const held = authorizationsOf(order).find(({ status }) => capturable.has(status)) ?? authorizationsOf(order)[0];
    if (!held) return nothingHeld(attempt);
    const key = `${attempt.key}/void`;
    try {
      await this.calls.gate.run({ operation: "void", paymentId: attempt.paymentId, key, safe: true }, () =>
        this.calls.payments().voidPayment({ authorizationId: held.id, paypalRequestId: key }),
      );
    } catch (error) {
      refusalOf(error);
    }
    const closed = reportOf(await this.calls.find(attempt));
    if (!closed.isClosed) throw new Error(`PayPal has not let go of authorization ${held.id} yet`);
    return closed;
  }

  async #authorizeReady(attempt: ProviderAttempt): Promise<ProviderReport> {
    const id = referenceOf(attempt);
    const key = `${attempt.key}/authorize`;
    const vaultId = walletOf(attempt);
    const paypal = vaultId === null ? null : { vaultId, experienceContext: experienceOf(attempt) };
    const body = paypal && { paymentSource: { paypal } };
    try {
      const order = await this.calls.send(attempt, { operation: "authorize", key, schema: orderSchema }, () =>
        this.calls.orders().authorizeOrder({ id, paypalRequestId: key, prefer: WHOLE_ANSWER, ...(body && { body }) }),
      );
      return reportOf(order);
    } catch (error) {
      const declineCode = refusalOf(error);
      const report = reportOf(await this.calls.find(attempt));
      // An order that a saved wallet was to pay leads to the page as well; its owner is sent there only when PayPal asks for them.
      const isSentOn = report.nextAction !== null && (vaultId === null || declineCode === "payer_action_required");
      if (report.facts.length > 0 || isSentOn) return report;
      // Only we can authorise an order, so a declined one is over as soon as we say so.
      return { ...report, facts: [{ type: "failed", reference: id, amount: null, declineCode }], isClosed: true };
    }
  }
}

/** How PayPal's page looks, and where it leads back to. */
function experienceOf({ returnUrl }: ProviderAttempt) {
  return {
    shippingPreference: PaypalWalletContextShippingPreference.NoShipping,
    userAction: PaypalExperienceUserAction.PayNow,
    ...(returnUrl && { returnUrl, cancelUrl: returnUrl }),
  };
}

const isDeclined = ({ facts }: ProviderAttempt) =>
  facts.some(({ type }) => type === "failed") && !facts.some(({ type }) => type === "authorized");

/** Nothing is held yet, and nobody else has to act: the payer has approved, or the wallet's owner did when it was saved. */
function isReady(order: PaypalOrder, attempt: ProviderAttempt): boolean {
  const isWallets = order.status === "CREATED" && walletOf(attempt) !== null;
  return (order.status === "APPROVED" || isWallets) && authorizationsOf(order).length === 0;
}

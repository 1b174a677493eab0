import type { Instant } from "@stoa/kernel";
import type Stripe from "stripe";
import { AttemptDeclined, type ProviderAttempt } from "./provider.ts";
import { nothingHeld, type ProviderReport } from "./provider-report.ts";
import { toStripeAmount } from "./stripe-amount.ts";
import { referenceOf, type StripeCalls } from "./stripe-calls.ts";
import { customerParams, showingCard } from "./stripe-cards.ts";
import { classifyStripeError, isKeptError, isStripeFailure } from "./stripe-client.ts";
import { awaitsConfirmation, reportOf, type StripeIntent } from "./stripe-report.ts";

/** Stripe may forget idempotency keys after 24 hours; an hour less, for clocks that differ. */
const KEY_LIFETIME_MS = 23 * 60 * 60 * 1_000;

/** Errors by which Stripe refuses an amount or a currency before anything exists. */
const refusedAmounts: ReadonlySet<string> = new Set([
  "amount_too_small",
  "amount_too_large",
  "currency_not_supported",
  "invalid_charge_amount",
]);

/** Intents until they hold money, and letting go of it; each call is safe to make again. */
export class StripeIntents {
  constructor(
    readonly calls: StripeCalls,
    readonly now: () => Instant,
  ) {}

  /**
   * Creates the intent, or answers the one that an earlier call with the same key created. Stripe keeps an error of its own under the
   * key for a day, so the intent is then made under another one: what the first call may have made has told nobody its secret, and is
   * never confirmed.
   */
  async create(attempt: ProviderAttempt): Promise<StripeIntent> {
    try {
      return await this.#createOnce(attempt);
    } catch (error) {
      if (!isKeptError(error)) throw error;
      return this.#createUnder(`${attempt.key}/create/again/${attempt.tries}`, attempt);
    }
  }

  /** The same intent, however often it is asked for. */
  #createOnce(attempt: ProviderAttempt): Promise<StripeIntent> {
    return this.#createUnder(`${attempt.key}/create`, attempt);
  }

  async #createUnder(key: string, attempt: ProviderAttempt): Promise<StripeIntent> {
    const { orderId, paymentId, customerId, amount } = attempt;
    const params: Stripe.PaymentIntentCreateParams = {
      amount: toStripeAmount(amount),
      currency: amount.currency.toLowerCase(),
      capture_method: "manual",
      // Methods that redirect cannot be confirmed without a place to come back to.
      automatic_payment_methods: { enabled: true, allow_redirects: attempt.returnUrl ? "always" : "never" },
      // Where the account and the card allow it, a hold can be captured in parts.
      payment_method_options: { card: { request_multicapture: "if_available" } },
      metadata: { orderId, paymentId, ...(customerId && { customerId }) },
      ...customerParams(attempt),
    };
    try {
      return await this.calls.send(attempt, "create", key, (call) =>
        this.calls.stripe.paymentIntents.create(params, call),
      );
    } catch (error) {
      const { outcome, code } = classifyStripeError(error);
      if (outcome === "rejected" && code !== null && refusedAmounts.has(code)) throw new AttemptDeclined(code);
      throw error;
    }
  }

  async authorize(attempt: ProviderAttempt): Promise<ProviderReport> {
    const known = attempt.tries === 1 ? null : await this.calls.find(attempt);
    const intent = known && !awaitsConfirmation(known) ? known : await this.#confirm(attempt);
    const report = reportOf(intent);
    const isDeclined = report.facts.some((fact) => fact.type === "failed") && !report.isClosed;
    if (!isDeclined) return report;
    // A declined intent could be confirmed again by whoever holds its secret, so it is closed before the order is refused.
    const closed = await this.void(attempt);
    return { ...closed, facts: [...report.facts, ...closed.facts] };
  }

  async void(attempt: ProviderAttempt): Promise<ProviderReport> {
    const known = await this.#findForVoid(attempt);
    if (!known) return nothingHeld(attempt);
    if (known.status === "canceled" || known.status === "succeeded") return reportOf(known);
    const found = { ...attempt, reference: known.id };
    if (known.amount_received > 0) return this.#releaseRest(found);
    const key = `${attempt.key}/cancel/${attempt.tries}`;
    return this.calls.act(found, "cancel", () =>
      this.calls.send(found, "cancel", key, (call) => this.calls.stripe.paymentIntents.cancel(known.id, {}, call)),
    );
  }

  /** An intent of which a part was captured cannot be cancelled; a last capture of nothing lets the rest go. */
  #releaseRest(attempt: ProviderAttempt): Promise<ProviderReport> {
    const id = referenceOf(attempt);
    const key = `${attempt.key}/release/${attempt.tries}`;
    const params = { amount_to_capture: 0, final_capture: true };
    return this.calls.act(attempt, "cancel", () =>
      this.calls.send(attempt, "release", key, (call) => this.calls.stripe.paymentIntents.capture(id, params, call)),
    );
  }

  /**
   * Without a stored id nothing can have been confirmed, and nothing ever will be. While Stripe still knows the key, the same call finds
   * (or makes) the intent for certain, so that it can be closed; later its search does. When that fails, nobody waits for Stripe because
   * of an intent that holds nothing: an order that waited would keep its cart until Stripe is back.
   */
  async #findForVoid(attempt: ProviderAttempt): Promise<StripeIntent | null> {
    if (attempt.reference) return this.calls.find(attempt);
    if (this.now() - attempt.createdAt > KEY_LIFETIME_MS) return this.calls.find(attempt);
    try {
      return await this.#createOnce(attempt);
    } catch (error) {
      if (error instanceof AttemptDeclined || isStripeFailure(error)) return null;
      throw error;
    }
  }

  async #confirm(attempt: ProviderAttempt): Promise<StripeIntent> {
    const { paymentMethod, returnUrl } = attempt;
    const id = referenceOf(attempt);
    const params: Stripe.PaymentIntentConfirmParams = {
      ...showingCard(attempt),
      ...(paymentMethod && { payment_method: paymentMethod }),
      ...(returnUrl && { return_url: returnUrl }),
    };
    try {
      return await this.calls.send(attempt, "confirm", `${attempt.key}/confirm/${attempt.tries}`, (call) =>
        this.calls.stripe.paymentIntents.confirm(id, params, call),
      );
    } catch (error) {
      const { outcome, code } = classifyStripeError(error);
      if (outcome === "unknown") throw error;
      const intent = await this.calls.retrieve(attempt, id);
      const isRefused = awaitsConfirmation(intent) || outcome === "declined";
      // A token that Stripe does not know leaves no error on the intent, so the refusal is written down for it.
      return isRefused
        ? { ...intent, last_payment_error: intent.last_payment_error ?? { code: code ?? "rejected" } }
        : intent;
    }
  }
}

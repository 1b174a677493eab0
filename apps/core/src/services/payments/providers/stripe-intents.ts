import { type Instant, money } from "@stoa/kernel";
import type Stripe from "stripe";
import type { ProviderGate } from "./gate.ts";
import { AttemptDeclined, type CaptureCall, type ProviderAttempt, type RefundOrder } from "./provider.ts";
import { nothingHeld, type ProviderReport, type RefundReport } from "./provider-report.ts";
import { toStripeAmount } from "./stripe-amount.ts";
import { customerParams, showingCard } from "./stripe-cards.ts";
import { classifyStripeError, isKeptError, isStripeFailure } from "./stripe-client.ts";
import {
  allowsParts,
  awaitsConfirmation,
  paymentIntentSchema,
  refundReportOf,
  reportOf,
  type StripeIntent,
} from "./stripe-report.ts";

/** Stripe may forget idempotency keys after 24 hours; an hour less, for clocks that differ. */
const KEY_LIFETIME_MS = 23 * 60 * 60 * 1_000;
const REFUND_LIST_MAX = 100;

/** Errors by which Stripe refuses an amount or a currency before anything exists. */
const refusedAmounts: ReadonlySet<string> = new Set([
  "amount_too_small",
  "amount_too_large",
  "currency_not_supported",
  "invalid_charge_amount",
]);

/** The calls to Stripe, each of them safe to make again. */
export class StripeIntents {
  constructor(
    readonly stripe: Stripe,
    readonly gate: ProviderGate,
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
      return await this.#send(attempt, "create", key, (call) => this.stripe.paymentIntents.create(params, call));
    } catch (error) {
      const { outcome, code } = classifyStripeError(error);
      if (outcome === "rejected" && code !== null && refusedAmounts.has(code)) throw new AttemptDeclined(code);
      throw error;
    }
  }

  async find(attempt: ProviderAttempt): Promise<StripeIntent | null> {
    const { reference, paymentId } = attempt;
    if (reference) return this.#retrieve(attempt, reference);
    const call = { operation: "search", paymentId, key: null, safe: true };
    const query = `metadata["paymentId"]:"${paymentId}"`;
    const found = await this.gate.run(call, () => this.stripe.paymentIntents.search({ query, limit: 1 }));
    return found.data[0] ? paymentIntentSchema.parse(found.data[0]) : null;
  }

  #retrieve(attempt: ProviderAttempt, id: string): Promise<StripeIntent> {
    const shown = showingCard(attempt);
    return this.#send(attempt, "retrieve", null, (call) => this.stripe.paymentIntents.retrieve(id, shown, call));
  }

  async authorize(attempt: ProviderAttempt): Promise<ProviderReport> {
    const known = attempt.tries === 1 ? null : await this.find(attempt);
    const intent = known && !awaitsConfirmation(known) ? known : await this.#confirm(attempt);
    const report = reportOf(intent);
    const isDeclined = report.facts.some((fact) => fact.type === "failed") && !report.isClosed;
    if (!isDeclined) return report;
    // A declined intent could be confirmed again by whoever holds its secret, so it is closed before the order is refused.
    const closed = await this.void(attempt);
    return { ...closed, facts: [...report.facts, ...closed.facts] };
  }

  async capture(attempt: ProviderAttempt, order: CaptureCall): Promise<ProviderReport> {
    if (order.from > 0 || order.to < attempt.amount.amount) return this.#capturePart(attempt, order);
    const id = referenceOf(attempt);
    // The whole can be captured once only, so a new key for each try is safe, and a stored 500 is never replayed.
    const key = `${attempt.key}/capture/${attempt.tries}`;
    return this.#act(attempt, "capture", () =>
      this.#send(attempt, "capture", key, (call) => this.stripe.paymentIntents.capture(id, {}, call)),
    );
  }

  /** The key names what is taken from where to where, so that a part is taken once, whatever became of an earlier answer. */
  async #capturePart(attempt: ProviderAttempt, order: CaptureCall): Promise<ProviderReport> {
    const id = referenceOf(attempt);
    const intent = await this.#send(attempt, "retrieve", null, (call) =>
      this.stripe.paymentIntents.retrieve(id, { expand: ["latest_charge"] }, call),
    );
    const of = (amount: number) => toStripeAmount(money(amount, attempt.amount.currency));
    const [received, to] = [intent.amount_received, of(order.to)];
    if (intent.status !== "requires_capture" || received >= to) return reportOf(intent);
    const isLast = order.to === attempt.amount.amount;
    const takesAll = !isLast && !allowsParts(intent) && order.ifOnlyOnce === "take_whole";
    const params: Stripe.PaymentIntentCaptureParams = takesAll
      ? { amount_to_capture: of(order.most) - received }
      : { amount_to_capture: to - received, ...(!isLast && allowsParts(intent) && { final_capture: false }) };
    const key = `${attempt.key}/capture/${received}-${takesAll ? `all/${order.most}` : to}/${order.round}`;
    return this.#act(attempt, "capture", () =>
      this.#send(attempt, "capture", key, (call) => this.stripe.paymentIntents.capture(id, params, call)),
    );
  }

  async void(attempt: ProviderAttempt): Promise<ProviderReport> {
    const known = await this.#findForVoid(attempt);
    if (!known) return nothingHeld(attempt);
    if (known.status === "canceled" || known.status === "succeeded") return reportOf(known);
    const found = { ...attempt, reference: known.id };
    if (known.amount_received > 0) return this.#releaseRest(found);
    const key = `${attempt.key}/cancel/${attempt.tries}`;
    return this.#act(found, "cancel", () =>
      this.#send(found, "cancel", key, (call) => this.stripe.paymentIntents.cancel(known.id, {}, call)),
    );
  }

  /** An intent of which a part was captured cannot be cancelled; a last capture of nothing lets the rest go. */
  #releaseRest(attempt: ProviderAttempt): Promise<ProviderReport> {
    const id = referenceOf(attempt);
    const key = `${attempt.key}/release/${attempt.tries}`;
    const params = { amount_to_capture: 0, final_capture: true };
    return this.#act(attempt, "cancel", () =>
      this.#send(attempt, "release", key, (call) => this.stripe.paymentIntents.capture(id, params, call)),
    );
  }

  async refund(attempt: ProviderAttempt, order: RefundOrder): Promise<RefundReport> {
    const { orderId, paymentId } = attempt;
    const paymentIntent = referenceOf(attempt);
    const earlier = order.tries > 1 ? await this.#findRefund(attempt, order) : null;
    if (earlier) return refundReportOf(earlier);
    const metadata = { orderId, paymentId, refundId: order.refundId };
    const key = `${order.refundId}/create`;
    try {
      const refund = await this.gate.run({ operation: "refund", paymentId, key, safe: true }, () =>
        this.stripe.refunds.create(
          { payment_intent: paymentIntent, amount: toStripeAmount(order.amount), metadata },
          { idempotencyKey: key },
        ),
      );
      return refundReportOf(refund);
    } catch (error) {
      const { outcome, code } = classifyStripeError(error);
      if (outcome === "unknown") throw error;
      return { reference: null, state: "failed", refusal: code ?? "rejected" };
    }
  }

  async #findRefund(attempt: ProviderAttempt, order: RefundOrder): Promise<Stripe.Refund | null> {
    const call = { operation: "list_refunds", paymentId: attempt.paymentId, key: null, safe: true };
    const params = { payment_intent: referenceOf(attempt), limit: REFUND_LIST_MAX };
    const { data } = await this.gate.run(call, () => this.stripe.refunds.list(params));
    return data.find((refund) => refund.metadata?.refundId === order.refundId) ?? null;
  }

  /**
   * Without a stored id nothing can have been confirmed, and nothing ever will be. While Stripe still knows the key, the same call finds
   * (or makes) the intent for certain, so that it can be closed; later its search does. When that fails, nobody waits for Stripe because
   * of an intent that holds nothing: an order that waited would keep its cart until Stripe is back.
   */
  async #findForVoid(attempt: ProviderAttempt): Promise<StripeIntent | null> {
    if (attempt.reference) return this.find(attempt);
    if (this.now() - attempt.createdAt > KEY_LIFETIME_MS) return this.find(attempt);
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
      return await this.#send(attempt, "confirm", `${attempt.key}/confirm/${attempt.tries}`, (call) =>
        this.stripe.paymentIntents.confirm(id, params, call),
      );
    } catch (error) {
      const { outcome, code } = classifyStripeError(error);
      if (outcome === "unknown") throw error;
      const intent = await this.#retrieve(attempt, id);
      const isRefused = awaitsConfirmation(intent) || outcome === "declined";
      // A token that Stripe does not know leaves no error on the intent, so the refusal is written down for it.
      return isRefused
        ? { ...intent, last_payment_error: intent.last_payment_error ?? { code: code ?? "rejected" } }
        : intent;
    }
  }

  /** Does something to an intent that can be done once only; when Stripe refuses, what the intent says now decides. */
  async #act(attempt: ProviderAttempt, operation: string, act: () => Promise<StripeIntent>): Promise<ProviderReport> {
    try {
      return reportOf(await act());
    } catch (error) {
      const { outcome, code } = classifyStripeError(error);
      if (outcome === "unknown") throw error;
      const intent = await this.find(attempt);
      if (!intent) throw error;
      const report = reportOf(intent);
      if (operation === "cancel" && !report.isClosed) throw error;
      return { ...report, refusal: code ?? "rejected" };
    }
  }

  async #send(
    attempt: ProviderAttempt,
    operation: string,
    key: string | null,
    send: (options: Stripe.RequestOptions) => Promise<unknown>,
  ): Promise<StripeIntent> {
    const call = { operation, paymentId: attempt.paymentId, key, safe: true };
    return paymentIntentSchema.parse(await this.gate.run(call, () => send(key ? { idempotencyKey: key } : {})));
  }
}

function referenceOf(attempt: ProviderAttempt): string {
  if (!attempt.reference) throw new Error(`payment ${attempt.paymentId} is not known to Stripe`);
  return attempt.reference;
}

import { money } from "@stoa/kernel";
import type Stripe from "stripe";
import type { CaptureCall, ProviderAttempt, RefundOrder } from "./provider.ts";
import type { ProviderReport, RefundReport } from "./provider-report.ts";
import { toStripeAmount } from "./stripe-amount.ts";
import { referenceOf, type StripeCalls } from "./stripe-calls.ts";
import { classifyStripeError, isKeptError } from "./stripe-client.ts";
import { allowsParts, refundReportOf, reportOf, type StripeIntent } from "./stripe-report.ts";

const REFUND_LIST_MAX = 100;

/** Taking what an intent holds, and giving it back; each call is safe to make again. */
export class StripeCaptures {
  constructor(readonly calls: StripeCalls) {}

  async capture(attempt: ProviderAttempt, order: CaptureCall): Promise<ProviderReport> {
    if (order.from > 0 || order.to < attempt.amount.amount) return this.#capturePart(attempt, order);
    // The whole can be captured once only, so a new key for each try is safe, and a stored 500 is never replayed.
    return this.#capture(attempt, `${attempt.key}/capture/${attempt.tries}`, {});
  }

  /**
   * The key names what is taken from where to where, so that a part is taken once, whatever became of an earlier answer. Stripe keeps an
   * error of its own under the key for a day: where nothing was taken by then, it is asked under another one.
   */
  async #capturePart(attempt: ProviderAttempt, order: CaptureCall): Promise<ProviderReport> {
    const intent = await this.#retrieve(attempt);
    const of = (amount: number) => toStripeAmount(money(amount, attempt.amount.currency));
    const [received, to] = [intent.amount_received, of(order.to)];
    if (intent.status !== "requires_capture" || received >= to) return reportOf(intent);
    const isLast = order.to === attempt.amount.amount;
    const takesAll = !isLast && !allowsParts(intent) && order.ifOnlyOnce === "take_whole";
    const params: Stripe.PaymentIntentCaptureParams = takesAll
      ? { amount_to_capture: of(order.most) - received }
      : { amount_to_capture: to - received, ...(!isLast && allowsParts(intent) && { final_capture: false }) };
    const take = (key: string) => this.#capture(attempt, key, params);
    const key = `${attempt.key}/capture/${received}-${takesAll ? `all/${order.most}` : to}/${order.round}`;
    try {
      return await take(key);
    } catch (error) {
      if (!isKeptError(error)) throw error;
      const now = await this.#retrieve(attempt);
      return now.amount_received > received ? reportOf(now) : take(`${key}/again/${attempt.tries}`);
    }
  }

  #capture(attempt: ProviderAttempt, key: string, params: Stripe.PaymentIntentCaptureParams): Promise<ProviderReport> {
    const { calls } = this;
    const id = referenceOf(attempt);
    return calls.act(attempt, "capture", () =>
      calls.send(attempt, "capture", key, (call) => calls.stripe.paymentIntents.capture(id, params, call)),
    );
  }

  /** With the charge, which says whether it can be taken in parts. */
  #retrieve(attempt: ProviderAttempt): Promise<StripeIntent> {
    const { calls } = this;
    const id = referenceOf(attempt);
    return calls.send(attempt, "retrieve", null, (call) =>
      calls.stripe.paymentIntents.retrieve(id, { expand: ["latest_charge"] }, call),
    );
  }

  async refund(attempt: ProviderAttempt, order: RefundOrder): Promise<RefundReport> {
    const earlier = order.tries > 1 ? await this.#findRefund(attempt, order) : null;
    if (earlier) return refundReportOf(earlier);
    const key = `${order.refundId}/create`;
    try {
      return refundReportOf(await this.#createRefund(attempt, order, key));
    } catch (error) {
      const { outcome, code } = classifyStripeError(error);
      if (outcome !== "unknown") return { reference: null, state: "failed", refusal: code ?? "rejected" };
      // An error that Stripe keeps under the key is the first call's, and it has made none: it is not on the list.
      if (order.tries === 1 || !isKeptError(error)) throw error;
      return refundReportOf(await this.#createRefund(attempt, order, `${key}/again/${order.tries}`));
    }
  }

  #createRefund(attempt: ProviderAttempt, order: RefundOrder, key: string): Promise<Stripe.Refund> {
    const { orderId, paymentId } = attempt;
    const metadata = { orderId, paymentId, refundId: order.refundId };
    const params = { payment_intent: referenceOf(attempt), amount: toStripeAmount(order.amount), metadata };
    const { stripe, gate } = this.calls;
    return gate.run({ operation: "refund", paymentId, key, safe: true }, () =>
      stripe.refunds.create(params, { idempotencyKey: key }),
    );
  }

  async #findRefund(attempt: ProviderAttempt, order: RefundOrder): Promise<Stripe.Refund | null> {
    const call = { operation: "list_refunds", paymentId: attempt.paymentId, key: null, safe: true };
    const params = { payment_intent: referenceOf(attempt), limit: REFUND_LIST_MAX };
    const { data } = await this.calls.gate.run(call, () => this.calls.stripe.refunds.list(params));
    return data.find((refund) => refund.metadata?.refundId === order.refundId) ?? null;
  }
}

import { type Instant, money } from "@stoa/kernel";
import { fromPaypalAmount, toPaypalAmount } from "./paypal-amount.ts";
import { capturable, type PaypalCalls, refusalOf, WHOLE_ANSWER } from "./paypal-calls.ts";
import {
  authorizationSchema,
  authorizationsOf,
  captureSchema,
  capturesOf,
  isTaken,
  type PaypalCapture,
  type PaypalOrder,
  type PaypalRefund,
  refundSchema,
  reportOf,
} from "./paypal-report.ts";
import type { CaptureCall, ProviderAttempt, RefundOrder } from "./provider.ts";
import type { ProviderReport, RefundReport } from "./provider-report.ts";

/** How long PayPal is sure to have the money of an authorization. Source: PayPal, "Authorization and capture". */
const HONOUR_MS = 3 * 24 * 60 * 60 * 1_000;

/** Taking what an order holds, and giving it back; each call is safe to make again. */
export class PaypalCaptures {
  constructor(
    readonly calls: PaypalCalls,
    readonly now: () => Instant,
  ) {}

  async capture(attempt: ProviderAttempt, order: CaptureCall): Promise<ProviderReport> {
    const found = await this.#findRenewed(attempt);
    const held = authorizationsOf(found).find(({ status }) => capturable.has(status));
    const taken = capturesOf(found).filter(({ status }) => isTaken(status));
    const { currency, amount: whole } = attempt.amount;
    const sum = taken.reduce((total, { amount }) => total + fromPaypalAmount(amount).amount, 0);
    if (taken.length > 0 && sum >= order.to) return reportOf(found);
    // A capture that was declined after a review is answered under its key as it was at first; the next has another key.
    const isDeclined = capturesOf(found).length - taken.length > order.round;
    if (!held || isDeclined) return { ...reportOf(found), refusal: isDeclined ? "declined" : "not_held" };
    const isWhole = order.from === 0 && order.to === whole;
    const part = `/${order.from}-${order.to}`;
    const key = `${attempt.key}/capture${isWhole ? "" : part}${order.round > 0 ? `/${order.round}` : ""}`;
    try {
      const body = { amount: toPaypalAmount(money(order.to - sum, currency)), finalCapture: order.to === whole };
      const capture = await this.calls.send(attempt, { operation: "capture", key, schema: captureSchema }, () =>
        this.calls.payments().captureAuthorizedPayment({
          authorizationId: held.id,
          body,
          paypalRequestId: key,
          prefer: WHOLE_ANSWER,
        }),
      );
      return withCapture(found, { capture, authorizationId: held.id, isLast: order.to === whole });
    } catch (error) {
      return { ...reportOf(await this.calls.find(attempt)), refusal: refusalOf(error) };
    }
  }

  /**
   * PayPal honours a hold for three days. Past them the money is secured anew before it is taken, which can be done once; should
   * PayPal refuse, the old authorization may still do.
   */
  async #findRenewed(attempt: ProviderAttempt): Promise<PaypalOrder> {
    const order = await this.calls.find(attempt);
    const [authorization, ...others] = authorizationsOf(order);
    const isOld = this.now() - Date.parse(authorization?.create_time ?? "") > HONOUR_MS;
    if (!authorization || others.length > 0 || authorization.status !== "CREATED" || !isOld) return order;
    const key = `${attempt.key}/reauthorize`;
    const body = { amount: toPaypalAmount(attempt.amount) };
    try {
      await this.calls.send(attempt, { operation: "reauthorize", key, schema: authorizationSchema }, () =>
        this.calls.payments().reauthorizePayment({
          authorizationId: authorization.id,
          paypalRequestId: key,
          prefer: WHOLE_ANSWER,
          body,
        }),
      );
    } catch (error) {
      refusalOf(error);
      return order;
    }
    return this.calls.find(attempt);
  }

  async refund(attempt: ProviderAttempt, order: RefundOrder): Promise<RefundReport> {
    const { refundId, amount, captureReference } = order;
    const captureId = captureReference ?? attempt.facts.find((fact) => fact.type === "captured")?.reference;
    if (!captureId) return { reference: null, state: "failed", refusal: "nothing_captured" };
    const key = `${refundId}/create`;
    try {
      const body = { amount: toPaypalAmount(amount), customId: refundId };
      const refund = await this.calls.send(attempt, { operation: "refund", key, schema: refundSchema }, () =>
        this.calls.payments().refundCapturedPayment({ captureId, body, paypalRequestId: key, prefer: WHOLE_ANSWER }),
      );
      // An answer kept under the key is the first one; the refund may have moved on since.
      return refundReportOf(refund.status === "PENDING" ? await this.#findRefund(attempt, refund.id) : refund);
    } catch (error) {
      return { reference: null, state: "failed", refusal: refusalOf(error) };
    }
  }

  #findRefund(attempt: ProviderAttempt, refundId: string): Promise<PaypalRefund> {
    return this.calls.send(attempt, { operation: "get_refund", key: null, schema: refundSchema }, () =>
      this.calls.payments().getRefund({ refundId }),
    );
  }
}

interface MadeCapture {
  readonly capture: PaypalCapture;
  readonly authorizationId: string;
  readonly isLast: boolean;
}

/** The order as it is after a capture, which it has not been asked about again. */
function withCapture(order: PaypalOrder, { capture, authorizationId, isLast }: MadeCapture): ProviderReport {
  const [unit] = order.purchase_units;
  const isRefused = !isTaken(capture.status);
  const captured = isLast ? "CAPTURED" : "PARTIALLY_CAPTURED";
  const authorizations = authorizationsOf(order).map((authorization) =>
    authorization.id === authorizationId && !isRefused ? { ...authorization, status: captured } : authorization,
  );
  const captures = [...capturesOf(order).filter(({ id }) => id !== capture.id), capture];
  const report = reportOf({
    ...order,
    purchase_units: [{ ...unit, payments: { authorizations, captures, refunds: unit?.payments?.refunds ?? [] } }],
  });
  return { ...report, refusal: isRefused ? capture.status.toLowerCase() : null };
}

function refundReportOf(refund: PaypalRefund): RefundReport {
  const state = refund.status === "COMPLETED" ? "succeeded" : refund.status === "PENDING" ? "pending" : "failed";
  return { reference: refund.id, state, refusal: state === "failed" ? refund.status.toLowerCase() : null };
}

import {
  type ApiResponse,
  CheckoutPaymentIntent,
  type Client,
  OrdersController,
  PaymentsController,
  PaypalExperienceUserAction,
  PaypalWalletContextShippingPreference,
} from "@paypal/paypal-server-sdk";
import { type Instant, money } from "@stoa/kernel";
import type { z } from "zod";
import type { ProviderGate } from "./gate.ts";
import { fromPaypalAmount, toPaypalAmount } from "./paypal-amount.ts";
import { classifyPaypalError } from "./paypal-client.ts";
import {
  authorizationSchema,
  authorizationsOf,
  captureSchema,
  capturesOf,
  isTaken,
  orderSchema,
  type PaypalCapture,
  type PaypalOrder,
  type PaypalRefund,
  refundSchema,
  reportOf,
} from "./paypal-report.ts";
import { savingWallet, walletOf } from "./paypal-wallets.ts";
import {
  type CaptureCall,
  nothingHeld,
  nothingYet,
  type ProviderAttempt,
  type ProviderReport,
  type RefundOrder,
  type RefundReport,
  unlessUnknown,
} from "./provider.ts";

/** How long PayPal is sure to have the money of an authorization. Source: PayPal, "Authorization and capture". */
const HONOUR_MS = 3 * 24 * 60 * 60 * 1_000;
const WHOLE_ANSWER = "return=representation";

/** The calls to PayPal, each of them safe to make again. */
export class PaypalOrders {
  constructor(
    /** Asked for every call: after a rejected token it is another one. */
    readonly client: () => Client,
    readonly gate: ProviderGate,
    readonly now: () => Instant,
  ) {}

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
    return this.#send(attempt, { operation: "create", key, schema: orderSchema }, () =>
      this.#orders().createOrder({ body, paypalRequestId: key, prefer: WHOLE_ANSWER }),
    );
  }

  find(attempt: ProviderAttempt): Promise<PaypalOrder> {
    const id = referenceOf(attempt);
    return this.#send(attempt, { operation: "get_order", key: null, schema: orderSchema }, () =>
      this.#orders().getOrder({ id }),
    );
  }

  /** PayPal forgets an order that nobody has approved within hours, and one that holds or took money never; null for the former. */
  #findUnlessForgotten(attempt: ProviderAttempt): Promise<PaypalOrder | null> {
    return unlessUnknown(this.find(attempt), classifyPaypalError);
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
      const capture = await this.#send(attempt, { operation: "capture", key, schema: captureSchema }, () =>
        this.#payments().captureAuthorizedPayment({
          authorizationId: held.id,
          body,
          paypalRequestId: key,
          prefer: WHOLE_ANSWER,
        }),
      );
      return withCapture(found, { capture, authorizationId: held.id, isLast: order.to === whole });
    } catch (error) {
      return { ...reportOf(await this.find(attempt)), refusal: refusalOf(error) };
    }
  }

  /**
   * PayPal honours a hold for three days. Past them the money is secured anew before it is taken, which can be done once; should
   * PayPal refuse, the old authorization may still do.
   */
  async #findRenewed(attempt: ProviderAttempt): Promise<PaypalOrder> {
    const order = await this.find(attempt);
    const [authorization, ...others] = authorizationsOf(order);
    const isOld = this.now() - Date.parse(authorization?.create_time ?? "") > HONOUR_MS;
    if (!authorization || others.length > 0 || authorization.status !== "CREATED" || !isOld) return order;
    const key = `${attempt.key}/reauthorize`;
    const body = { amount: toPaypalAmount(attempt.amount) };
    try {
      await this.#send(attempt, { operation: "reauthorize", key, schema: authorizationSchema }, () =>
        this.#payments().reauthorizePayment({
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
    return this.find(attempt);
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
      order = await this.find(attempt);
    }
    const report = reportOf(order);
    if (report.isClosed) return report;
    const held = authorizationsOf(order).find(({ status }) => capturable.has(status)) ?? authorizationsOf(order)[0];
    if (!held) return nothingHeld(attempt);
    const key = `${attempt.key}/void`;
    try {
      await this.gate.run({ operation: "void", paymentId: attempt.paymentId, key, safe: true }, () =>
        this.#payments().voidPayment({ authorizationId: held.id, paypalRequestId: key }),
      );
    } catch (error) {
      refusalOf(error);
    }
    const closed = reportOf(await this.find(attempt));
    if (!closed.isClosed) throw new Error(`PayPal has not let go of authorization ${held.id} yet`);
    return closed;
  }

  async refund(attempt: ProviderAttempt, order: RefundOrder): Promise<RefundReport> {
    const { refundId, amount, captureReference } = order;
    const captureId = captureReference ?? attempt.facts.find((fact) => fact.type === "captured")?.reference;
    if (!captureId) return { reference: null, state: "failed", refusal: "nothing_captured" };
    const key = `${refundId}/create`;
    try {
      const body = { amount: toPaypalAmount(amount), customId: refundId };
      const refund = await this.#send(attempt, { operation: "refund", key, schema: refundSchema }, () =>
        this.#payments().refundCapturedPayment({ captureId, body, paypalRequestId: key, prefer: WHOLE_ANSWER }),
      );
      // An answer kept under the key is the first one; the refund may have moved on since.
      return refundReportOf(refund.status === "PENDING" ? await this.#findRefund(attempt, refund.id) : refund);
    } catch (error) {
      return { reference: null, state: "failed", refusal: refusalOf(error) };
    }
  }

  async #authorizeReady(attempt: ProviderAttempt): Promise<ProviderReport> {
    const id = referenceOf(attempt);
    const key = `${attempt.key}/authorize`;
    const vaultId = walletOf(attempt);
    const paypal = vaultId === null ? null : { vaultId, experienceContext: experienceOf(attempt) };
    const body = paypal && { paymentSource: { paypal } };
    try {
      const order = await this.#send(attempt, { operation: "authorize", key, schema: orderSchema }, () =>
        this.#orders().authorizeOrder({ id, paypalRequestId: key, prefer: WHOLE_ANSWER, ...(body && { body }) }),
      );
      return reportOf(order);
    } catch (error) {
      const declineCode = refusalOf(error);
      const report = reportOf(await this.find(attempt));
      // An order that a saved wallet was to pay leads to the page as well; its owner is sent there only when PayPal asks for them.
      const isSentOn = report.nextAction !== null && (vaultId === null || declineCode === "payer_action_required");
      if (report.facts.length > 0 || isSentOn) return report;
      // Only we can authorise an order, so a declined one is over as soon as we say so.
      return { ...report, facts: [{ type: "failed", reference: id, amount: null, declineCode }], isClosed: true };
    }
  }

  #findRefund(attempt: ProviderAttempt, refundId: string): Promise<PaypalRefund> {
    return this.#send(attempt, { operation: "get_refund", key: null, schema: refundSchema }, () =>
      this.#payments().getRefund({ refundId }),
    );
  }

  #orders = () => new OrdersController(this.client());
  #payments = () => new PaymentsController(this.client());

  /** Reads the answer as it came over the wire, in the same shape in which events carry it. */
  async #send<S extends z.ZodType>(
    { paymentId }: ProviderAttempt,
    { operation, key, schema }: { readonly operation: string; readonly key: string | null; readonly schema: S },
    send: () => Promise<ApiResponse<unknown>>,
  ): Promise<z.infer<S>> {
    const { body } = await this.gate.run({ operation, paymentId, key, safe: true }, send);
    return schema.parse(JSON.parse(String(body)));
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

/** Authorizations of which something can be captured. */
const capturable: ReadonlySet<string> = new Set(["CREATED", "PARTIALLY_CAPTURED"]);

function refundReportOf(refund: PaypalRefund): RefundReport {
  const state = refund.status === "COMPLETED" ? "succeeded" : refund.status === "PENDING" ? "pending" : "failed";
  return { reference: refund.id, state, refusal: state === "failed" ? refund.status.toLowerCase() : null };
}

/** PayPal's word for its refusal, in lower case. @throws the error itself when its outcome is not known. */
function refusalOf(error: unknown): string {
  const { outcome, code } = classifyPaypalError(error);
  if (outcome === "unknown") throw error;
  return code?.toLowerCase() ?? "rejected";
}

function referenceOf(attempt: ProviderAttempt): string {
  if (!attempt.reference) throw new Error(`payment ${attempt.paymentId} is not known to PayPal`);
  return attempt.reference;
}

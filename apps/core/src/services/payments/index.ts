export { applyProviderEvent, applyProviderEvents } from "./apply-event.ts";
export {
  checkPaymentChoice,
  type OnPaymentEvent,
  type PaymentEventDeps,
  type PaymentsDeps,
  type RemoteVerb,
  type VerbContext,
} from "./attempt.ts";
export type { Authorization, AuthorizeContext, AuthorizePayment, PreparedAuthorization } from "./authorize-payment.ts";
export { declinedWith } from "./authorize-payment.ts";
export { type CallLog, type CallLogOptions, createCallLog } from "./call-log.ts";
export type { CapturedOfOrder, CaptureOfOrder } from "./capture-order.ts";
export type { Capture, CapturePayment, PreparedCapture } from "./capture-payment.ts";
export * from "./credits/index.ts";
export type { EndedAct } from "./ended-acts.ts";
export { listOpenDisputes, type OpenDisputesQuery } from "./open-disputes.ts";
export { payRequestSaga } from "./pay-request.saga.ts";
export {
  type FactType,
  type PaymentState,
  type ProviderName,
  paymentStates,
  providerNames,
  type RefundTo,
} from "./payment.ts";
export { type PaymentView, paymentOfOrder, paymentOfRequest, paymentsOfOrders } from "./payment-of-order.ts";
export { type ProviderHealth, readProviderHealth } from "./provider-health.ts";
export { createProviderStandings, type ProviderStandings } from "./provider-standings.ts";
export type { CallRecord } from "./providers/gate.ts";
export { createManualProvider } from "./providers/manual.ts";
export { createPaypalProvider, type PaypalOptions, type PaypalProvider } from "./providers/paypal.ts";
export { createPaypalClient } from "./providers/paypal-client.ts";
export type { PaymentMethodChoice, PaymentProvider } from "./providers/provider.ts";
export type { ProviderReport } from "./providers/provider-report.ts";
export { createStripeProvider, type StripeOptions } from "./providers/stripe.ts";
export { createStripeClient } from "./providers/stripe-client.ts";
export { reconcileNightly } from "./reconcile/nightly.ts";
export { type Reconciled, reconcile } from "./reconcile/reconcile.ts";
export type { PreparedRefund, RefundedOfOrder, RefundOfOrder } from "./refund-order.ts";
export {
  askedBackFor,
  findRefund,
  forgetRefundReasons,
  givenBackBesides,
  leftToRefund,
  noteExchanged,
  refundOfCause,
  refundToStoreCredit,
} from "./refund-request.ts";
export { type RefundByHand, takeRefundsByHand } from "./refunds-by-hand.ts";
export { releaseRefundsOf } from "./release-refunds.ts";
export {
  cancelPaymentRequest,
  expirePaymentRequests,
  findPaymentRequest,
  type PaymentRequest,
  type PayRequest,
  paymentRequestsOf,
  payRequest,
  type RequestPayment,
  requestPayment,
} from "./request-payment.ts";
export { createPaymentsRouter, type PaymentsRouterDeps } from "./router.ts";
export { chosenMethod } from "./saved/chosen-method.ts";
export { forgetSavedMethods, listSavedMethods } from "./saved/saved-methods.ts";
export { sweepSavedMethods } from "./saved/sweep-saved-methods.ts";
export { paymentsSetting } from "./settings.ts";
export {
  type RefundSettlement,
  settleRefundOtherwise,
  type UnsettledRefund,
  unsettledRefunds,
} from "./settle-refund.ts";
export { isBeingCaptured, sweepCaptures } from "./sweep-captures.ts";
export { expirePayments, type PaymentSweep } from "./sweep-payments.ts";
export { sweepRefunds } from "./sweep-refunds.ts";
export { type FatesOfOrders, type OrderFate, sweepStranded } from "./sweep-stranded.ts";
export { type ReceivedEvent, settleKnownEvent, type TakenEvent, takeProviderEvent } from "./take-event.ts";
export { tendHolds } from "./tend-holds.ts";
export { trialBalance } from "./trial-balance.ts";
export { createPaymentVerbs, type PaymentVerbs } from "./verbs.ts";
export type { PreparedRelease, Release, ReleasedAttempt, VoidAuthorization } from "./void-authorization.ts";

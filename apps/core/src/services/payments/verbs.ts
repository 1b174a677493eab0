import type { PaymentsDeps } from "./attempt.ts";
import { type AuthorizeVerb, createAuthorizePayment } from "./authorize-payment.ts";
import { type CaptureOrderVerb, createCaptureOrder } from "./capture-order.ts";
import { type CaptureVerb, createCapturePayment } from "./capture-payment.ts";
import { createRefundOrder, type RefundOrderVerb } from "./refund-order.ts";
import { createVoidAuthorization, type VoidVerb } from "./void-authorization.ts";

/** The verbs that call providers, in the shape of a saga's remote steps. */
export interface PaymentVerbs {
  readonly authorizePayment: AuthorizeVerb;
  readonly voidAuthorization: VoidVerb;
  readonly capturePayment: CaptureVerb;
  readonly captureOrder: CaptureOrderVerb;
  readonly refundOrder: RefundOrderVerb;
}

export function createPaymentVerbs(deps: PaymentsDeps): PaymentVerbs {
  return {
    authorizePayment: createAuthorizePayment(deps),
    voidAuthorization: createVoidAuthorization(deps),
    capturePayment: createCapturePayment(deps),
    captureOrder: createCaptureOrder(deps),
    refundOrder: createRefundOrder(deps),
  };
}

import { endpoint } from "./endpoint.ts";
import { order, payLink, paymentLink } from "./order-shapes.ts";
import { paymentLinkParams } from "./params.ts";

const link = { auth: "none", cache: "private", params: paymentLinkParams } as const;

export const paymentLinkEndpoints = [
  endpoint({
    ...link,
    id: "paymentLinks.get",
    tag: "checkout",
    method: "GET",
    path: "/v1/payment-links/{token}",
    summary: "What a payment link asks for; a link that was revoked is none",
    rateClass: "write",
    idempotency: "none",
    answers: { 200: { description: "What is bought and what is due", schema: paymentLink } },
    problems: ["not_found"],
  }),
  endpoint({
    ...link,
    id: "paymentLinks.pay",
    tag: "checkout",
    method: "POST",
    path: "/v1/payment-links/{token}/pay",
    summary: "Pays what the link asks for; waits up to 1.5 s for the order to settle",
    rateClass: "checkout",
    idempotency: "required",
    body: payLink,
    answers: {
      201: { description: "Confirmed; Location names the order", schema: order },
      202: { description: "Still pending; payment.nextAction says what the shopper must do", schema: order },
    },
    problems: ["not_found", "payment_declined", "out_of_stock", "promotion_not_applicable", "state_conflict"],
  }),
] as const;

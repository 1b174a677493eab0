import { done, refused, type SagaBuilder, saga, waiting } from "../../platform/saga/index.ts";
import type { PaymentEventDeps } from "./attempt.ts";
import { declinedWith } from "./authorize-payment.ts";
import { markRequestPaid, PAY_REQUEST, type PayRequestInput } from "./request-payment.ts";
import type { PaymentVerbs } from "./verbs.ts";

/**
 * One attempt to pay what was asked for an order beside its checkout. Up to `paid` everything can be taken back; whoever asked is
 * told in the same transaction, and then the money is captured. The order's own payments are left alone.
 */
export function payRequestSaga(
  { authorizePayment, voidAuthorization, captureOrder }: PaymentVerbs,
  {
    lockOrder,
    onPaymentEvent,
    onRequestPaid,
  }: Pick<PaymentEventDeps, "lockOrder" | "onPaymentEvent" | "onRequestPaid">,
): SagaBuilder<PayRequestInput, unknown> {
  return saga<PayRequestInput>(PAY_REQUEST)
    .remote("payment", {
      do: {
        prepare: ({ tx, now, key, deadlineAt, input: { orderId, amount, method, customer, requestId } }) =>
          authorizePayment.prepare({ tx, now, key, deadlineAt }, { orderId, amount, method, customer, requestId }),
        call: ({ prepared }) => authorizePayment.call(prepared),
        async settle({ tx, now, prepared, result, input: { orderId } }) {
          const authorization = await authorizePayment.settle({ tx, now }, prepared, result);
          const { kind, paymentId } = authorization;
          if (kind === "authorized") return done({ paymentId });
          await onPaymentEvent({ tx, now, orderId, paymentId, told: [], ended: [] });
          if (kind !== "declined") return waiting(authorization.until);
          return refused("payment_declined", declinedWith(authorization.declineCode));
        },
      },
      undo: {
        prepare: ({ tx, now, key, input: { orderId } }) =>
          voidAuthorization.prepare({ tx, now }, { orderId, keys: [key] }),
        call: ({ prepared }) => voidAuthorization.call(prepared),
        async settle({ tx, now, prepared, result }) {
          await voidAuthorization.settle({ tx, now }, prepared, result);
        },
      },
    })
    .pivot("paid", {
      async do({ tx, now, input: { orderId, requestId } }) {
        await lockOrder(tx, orderId);
        const request = await markRequestPaid({ tx, now }, requestId);
        if (!request) return refused("state_conflict", { detail: "This payment is not asked for any more." });
        await onRequestPaid({ tx, now }, request);
        return done(null);
      },
    })
    .remote("captured", {
      do: {
        prepare({ tx, now, outputs, input: { orderId, requestId } }) {
          // At once, whenever the shop takes what checkouts hold: an order is only changed when its money has been taken.
          return captureOrder.prepare(
            { tx, now },
            { orderId, amount: "rest", only: outputs.payment.paymentId, cause: `request/${requestId}` },
          );
        },
        call: async ({ prepared }) => ({ reports: await captureOrder.call(prepared) }),
        async settle({ tx, now, prepared, result, outputs, input: { orderId } }) {
          const captured = await captureOrder.settle({ tx, now }, prepared, result.reports);
          if (captured.kind === "pending") return waiting(captured.until ?? now);
          await onPaymentEvent({ tx, now, orderId, paymentId: outputs.payment.paymentId, told: [], ended: [] });
          if (captured.kind !== "failed") return done(null);
          return refused("state_conflict", { detail: `The provider will not capture: ${captured.code}` });
        },
      },
    });
}

import {
  done,
  type Outcome,
  type RemoteCall,
  type RemoteStep,
  refused,
  type SagaBuilder,
  type StepContext,
  saga,
  waiting,
} from "../../platform/saga/index.ts";
import type { PaymentEventDeps } from "./attempt.ts";
import { type Authorization, declinedWith, type PreparedAuthorization } from "./authorize-payment.ts";
import type { PreparedCaptures } from "./capture-order.ts";
import type { ProviderReport } from "./providers/provider-report.ts";
import { markRequestPaid, PAY_REQUEST, type PayRequestInput } from "./request-payment.ts";
import type { PaymentVerbs } from "./verbs.ts";
import type { PreparedRelease, ReleasedAttempt } from "./void-authorization.ts";

type PayRequestDeps = Pick<PaymentEventDeps, "lockOrder" | "onPaymentEvent" | "onRequestPaid">;

interface Paid {
  readonly paymentId: Authorization["paymentId"];
}

/**
 * One attempt to pay what was asked for an order beside its checkout. Up to `paid` everything can be taken back; whoever asked is
 * told in the same transaction, and then the money is captured. The order's own payments are left alone.
 */
export function payRequestSaga(verbs: PaymentVerbs, deps: PayRequestDeps): SagaBuilder<PayRequestInput, unknown> {
  return saga<PayRequestInput>(PAY_REQUEST)
    .remote("payment", authorize(verbs, deps))
    .pivot("paid", {
      async do({ tx, now, input: { orderId, requestId } }) {
        await deps.lockOrder(tx, orderId);
        const request = await markRequestPaid({ tx, now }, requestId);
        if (!request) return refused("state_conflict", { detail: "This payment is not asked for any more." });
        await deps.onRequestPaid({ tx, now }, request);
        return done(null);
      },
    })
    .remote("captured", capture(verbs, deps));
}

function authorize(
  { authorizePayment, voidAuthorization }: PaymentVerbs,
  { onPaymentEvent }: PayRequestDeps,
): RemoteStep<
  PayRequestInput,
  unknown,
  Paid,
  PreparedAuthorization,
  ProviderReport,
  readonly PreparedRelease[],
  readonly ReleasedAttempt[]
> {
  return {
    do: {
      prepare: ({ tx, now, key, deadlineAt, input: { orderId, amount, method, customer, requestId } }) =>
        authorizePayment.prepare({ tx, now, key, deadlineAt }, { orderId, amount, method, customer, requestId }),
      call: ({ prepared }) => authorizePayment.call(prepared),
      async settle({ tx, now, prepared, result, input: { orderId } }) {
        const authorization = await authorizePayment.settle({ tx, now }, prepared, result);
        const { kind, paymentId } = authorization;
        if (kind === "authorized") return done({ paymentId });
        await onPaymentEvent({ tx, now, orderId, paymentId, told: [], ended: [] });
        if (kind === "declined") return refused("payment_declined", declinedWith(authorization.declineCode));
        return waiting(authorization.until, kind === "requires_action" ? "shopper" : "payment");
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
  };
}

type Reports = Awaited<ReturnType<PaymentVerbs["captureOrder"]["call"]>>;
type Captured = { readonly payment: Paid };

/** At once, whenever the shop takes what checkouts hold: an order is only changed when its money has been taken. */
function capture(
  { captureOrder }: PaymentVerbs,
  { onPaymentEvent }: PayRequestDeps,
): { readonly do: RemoteCall<StepContext<PayRequestInput, Captured>, PreparedCaptures, Reports, Outcome<null>> } {
  return {
    do: {
      prepare: ({ tx, now, outputs, input: { orderId, requestId } }) =>
        captureOrder.prepare(
          { tx, now },
          { orderId, amount: "rest", only: outputs.payment.paymentId, cause: `request/${requestId}` },
        ),
      call: ({ prepared }) => captureOrder.call(prepared),
      async settle({ tx, now, prepared, result, outputs, input: { orderId } }) {
        const captured = await captureOrder.settle({ tx, now }, prepared, result);
        if (captured.kind === "pending") return waiting(captured.until ?? now, "capture");
        await onPaymentEvent({ tx, now, orderId, paymentId: outputs.payment.paymentId, told: [], ended: [] });
        if (captured.kind !== "failed") return done(null);
        return refused("state_conflict", { detail: `The provider will not capture: ${captured.code}` });
      },
    },
  };
}

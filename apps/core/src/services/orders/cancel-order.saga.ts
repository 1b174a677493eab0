import { type Instant, money, type OrderId } from "@stoa/kernel";
import {
  done,
  type Outcome,
  type RemoteCall,
  type SagaBuilder,
  type SagaType,
  saga,
  startSaga,
  waiting,
} from "../../platform/saga/index.ts";
import { giveBackPromotionUsage } from "../carts/index.ts";
import { releaseAllocations, releaseReservation } from "../inventory/index.ts";
import {
  creditsLeft,
  type PaymentVerbs,
  type PreparedRelease,
  paymentOfOrder,
  type ReleasedAttempt,
  releaseRefundsOf,
  returnCredits,
} from "../payments/index.ts";
import { countBack } from "./count-back.ts";
import { REFUND_EXCHANGE_SAGA } from "./exchanges/refund-exchange.saga.ts";
import { holdOrder } from "./lock-order.ts";
import { orderRefunded } from "./messages.ts";
import { checkoutActor, noteInTimeline, touchOrder } from "./timeline.ts";

export const CANCEL_ORDER = "cancel-order";

export interface CancelOrder {
  readonly orderId: OrderId;
}

/** How one is started. */
export const CANCEL_ORDER_SAGA: SagaType<CancelOrder> = { type: CANCEL_ORDER };

/** How soon a refund is asked about whose end nobody has told. */
const REFUND_POLL_MS = 60 * 60 * 1_000;

/** What follows from an order's cancellation; the order itself was cancelled in the transaction that started this. */
export function cancelOrderSaga(payments: PaymentVerbs): SagaBuilder<CancelOrder, unknown> {
  return saga<CancelOrder>(CANCEL_ORDER)
    .pivot("cancelled", { do: async () => done(null) })
    .step("stock", {
      async do({ tx, now, input: { orderId } }) {
        // The steps after this one lock it, and an order goes before its units.
        await holdOrder(tx, orderId);
        await releaseReservation({ tx, now }, { holder: orderId });
        await releaseAllocations({ tx, now }, { orderId });
        return done(null);
      },
    })
    .step("promotions", {
      async do({ tx, now, input: { orderId } }) {
        await giveBackPromotionUsage({ tx, now }, { orderId });
        return done(null);
      },
    })
    .step("credit", {
      async do({ tx, now, input: { orderId } }) {
        const exchanged = await creditsLeft(tx, orderId, "exchange");
        if (exchanged && exchanged.left > 0) {
          const amount = money(exchanged.left, exchanged.currency);
          await startSaga(tx, now, { saga: REFUND_EXCHANGE_SAGA, key: orderId, input: { orderId, amount } });
        }
        const returned = await returnCredits({ tx, now }, { orderId, actor: checkoutActor });
        if (returned === 0) return done(null);
        await touchOrder(tx, now, orderId);
        const entries = [{ type: "payment_refunded", detail: "What gift cards paid is back on them." }] as const;
        await noteInTimeline(tx, now, { orderId, actor: checkoutActor, entries });
        return done(null);
      },
    })
    .remote("payment", { do: letGoOfPayment(payments) });
}

interface OfOrder {
  readonly now: Instant;
  readonly input: CancelOrder;
}

function letGoOfPayment({
  voidAuthorization,
}: PaymentVerbs): RemoteCall<OfOrder, readonly PreparedRelease[], readonly ReleasedAttempt[], Outcome<null>> {
  return {
    prepare: ({ tx, now, input: { orderId } }) => voidAuthorization.prepare({ tx, now }, { orderId }),
    call: ({ prepared }) => voidAuthorization.call(prepared),
    async settle({ tx, now, prepared, result, input: { orderId } }) {
      const { kind } = await voidAuthorization.settle({ tx, now }, prepared, result);
      const refunds = await releaseRefundsOf(tx, orderId);
      const isOpen = refunds.some(({ state }) => state === "requested" || state === "pending");
      // The provider has yet to give it back, or has refused and is asked anew; its news wake this.
      const askedAgainAt = (now + REFUND_POLL_MS) as Instant;
      if (isOpen) return waiting(askedAgainAt, "refund");
      if (kind === "refund_pending") return waiting(askedAgainAt, "refused_refund");
      const given = refunds.filter(({ state }) => state === "succeeded");
      await countBack(tx, orderId);
      if (kind === "nothing" && given.length === 0) return done(null);
      await touchOrder(tx, now, orderId);
      // Staff may have given it as store credit, which is no refund of a provider's.
      const paid = await paymentOfOrder(tx, orderId);
      const isGiven = given.length > 0 || (paid?.refundedAmount ?? 0) > 0;
      // Its shopper has had it back by a dispute: nothing was held any more, and nothing has moved.
      if (!isGiven && (paid?.capturedAmount ?? 0) > 0) return done(null);
      await noteInTimeline(tx, now, {
        orderId,
        actor: checkoutActor,
        entries: [{ type: isGiven ? "payment_refunded" : "payment_voided" }],
        announce: given.map(({ refundId }) => orderRefunded.of(orderId, { orderId, refundId })),
      });
      return done(null);
    },
  };
}

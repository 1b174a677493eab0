import type { Money, OrderId } from "@stoa/kernel";
import { done, type SagaBuilder, type SagaType, type StepContext, saga } from "../../../platform/saga/index.ts";
import type { PaymentVerbs } from "../../payments/index.ts";
import { countBack } from "../count-back.ts";
import { refundCall } from "../refund-step.ts";

export const REFUND_EXCHANGE = "refund-exchange";

export interface RefundExchange {
  /** The replacement that was cancelled. */
  readonly orderId: OrderId;
  readonly amount: Money;
}

/** How one is started. */
export const REFUND_EXCHANGE_SAGA: SagaType<RefundExchange> = { type: REFUND_EXCHANGE };

/** What exchanged goods had paid of an order that was cancelled goes back to what those goods were paid by. */
export function refundExchangeSaga(payments: PaymentVerbs): SagaBuilder<RefundExchange, unknown> {
  return saga<RefundExchange>(REFUND_EXCHANGE)
    .pivot("cancelled", { do: async () => done(null) })
    .remote("refunded", {
      do: refundCall<StepContext<RefundExchange, object>>(payments, {
        of: ({ input: { orderId, amount } }) => ({
          orderId,
          currency: amount.currency,
          amount: amount.amount,
          cause: `exchange/${orderId}`,
          reason: "order_cancelled",
          only: "exchange",
        }),
        refunded: ({ tx }, { input }) => countBack(tx, input.orderId),
      }),
    });
}

import type { SagaEngineOptions } from "../../platform/saga/index.ts";
import { type PaymentVerbs, payRequestSaga } from "../payments/index.ts";
import { cancelLinesSaga } from "./cancel-lines.saga.ts";
import { cancelOrderSaga } from "./cancel-order.saga.ts";
import { editOrderSaga } from "./edit-order.saga.ts";
import { refundExchangeSaga } from "./exchanges/refund-exchange.saga.ts";
import { fulfilOrderSaga } from "./fulfil-order.saga.ts";
import { paymentEvents } from "./payment-events.ts";
import { placeOrderSaga } from "./place-order.saga.ts";
import { refundReturnSaga } from "./refund-return.saga.ts";

/** Every saga that a shop runs, by its type. */
export function sagaPlans(verbs: PaymentVerbs): SagaEngineOptions["plans"] {
  const plans = [
    placeOrderSaga(verbs),
    cancelOrderSaga(verbs),
    cancelLinesSaga(verbs),
    fulfilOrderSaga(verbs),
    editOrderSaga(verbs),
    refundReturnSaga(verbs),
    refundExchangeSaga(verbs),
    payRequestSaga(verbs, paymentEvents),
  ];
  return new Map(plans.map((plan) => [plan.type, plan]));
}

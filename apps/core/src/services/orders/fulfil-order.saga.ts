import type { FulfilmentId, Money, OrderId } from "@stoa/kernel";
import { done, refused, type SagaBuilder, type SagaType, saga, waiting } from "../../platform/saga/index.ts";
import { checkoutSetting, readSetting } from "../../platform/settings/index.ts";
import type { PaymentVerbs } from "../payments/index.ts";
import { checkoutActor, noteInTimeline, touchOrder } from "./timeline.ts";

export const FULFIL_ORDER = "fulfil-order";

export interface FulfilOrder {
  readonly orderId: OrderId;
  readonly fulfilmentId: FulfilmentId;
  /** What was paid for the units that have left. */
  readonly amount: Money;
}

/** How one is started. */
export const FULFIL_ORDER_SAGA: SagaType<FulfilOrder> = { type: FULFIL_ORDER };

/**
 * What follows from a parcel that has left; that it has was committed in the transaction that started this. Where money is taken at
 * shipment, this is where: retried until done, and shown when it cannot be.
 */
export function fulfilOrderSaga({ capturePayment }: PaymentVerbs): SagaBuilder<FulfilOrder, unknown> {
  return saga<FulfilOrder>(FULFIL_ORDER)
    .pivot("shipped", { do: async () => done(null) })
    .remote("captured", {
      do: {
        async prepare({ tx, now, input: { orderId, amount } }) {
          const { capture } = await readSetting(tx, checkoutSetting);
          if (capture === "at_confirmation" || amount.amount === 0) return null;
          return capturePayment.prepare({ tx, now }, { orderId });
        },
        call: async ({ prepared }) => (prepared === null ? null : { report: await capturePayment.call(prepared) }),
        async settle({ tx, now, prepared, result, input: { orderId } }) {
          if (prepared === null || result === null) return done({ isCaptured: false });
          const capture = await capturePayment.settle({ tx, now }, prepared, result.report);
          if (capture.kind === "left_to_staff") return done({ isCaptured: false });
          if (capture.kind === "pending") return waiting(capture.until);
          await touchOrder(tx, now, orderId);
          const isCaptured = capture.kind === "captured";
          const entry = isCaptured
            ? ({ type: "payment_captured" } as const)
            : ({ type: "payment_failed", detail: capture.code } as const);
          await noteInTimeline(tx, now, { orderId, actor: checkoutActor, entries: [entry] });
          if (capture.kind === "captured") return done({ isCaptured });
          return refused("state_conflict", { detail: `The provider will not capture: ${capture.code}` });
        },
      },
    });
}

import type { FulfilmentId, Money, OrderId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import { done, refused, type SagaBuilder, type SagaType, saga, waiting } from "../../platform/saga/index.ts";
import { type PaymentVerbs, paymentOfOrder } from "../payments/index.ts";
import { noteActs } from "./note-acts.ts";
import { releaseRest } from "./release-rest.ts";
import { afterSaleActor, noteInTimeline, touchOrder } from "./timeline.ts";

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
 * What follows from a parcel that has left; that it has was committed in the transaction that started this. Its part of the money is
 * asked for under its own name: what was taken at checkout or with another parcel is not taken again. Retried until done, and shown
 * when it cannot be.
 */
export function fulfilOrderSaga(payments: PaymentVerbs): SagaBuilder<FulfilOrder, unknown> {
  const { captureOrder } = payments;
  return saga<FulfilOrder>(FULFIL_ORDER)
    .pivot("shipped", { do: async () => done(null) })
    .remote("captured", {
      do: {
        prepare: async ({ tx, now, input: { orderId, fulfilmentId, amount } }) =>
          amount.amount === 0
            ? null
            : captureOrder.prepare({ tx, now }, { orderId, amount, cause: `fulfilment/${fulfilmentId}` }),
        call: async ({ prepared }) => (prepared === null ? null : captureOrder.call(prepared)),
        async settle({ tx, now, prepared, result, input: { orderId } }) {
          if (prepared === null || result === null) return done({ isCaptured: false });
          const { kind, until, code, ended } = await captureOrder.settle({ tx, now }, prepared, result);
          if (ended.length > 0) await touchOrder(tx, now, orderId);
          await noteActs(tx, now, orderId, ended);
          const isTaken = kind === "captured" && prepared.parts.length > 0;
          const isPaid = prepared.parts.length === 0 && (kind === "captured" || (await isHeld(tx, orderId)));
          if (kind === "left_to_staff" || isPaid) return done({ isCaptured: false });
          if (kind === "pending") return waiting(until ?? now, "capture");
          // All that it has ended was begun by hand, and stands there as that.
          if (isTaken && ended.length === prepared.parts.length) return done({ isCaptured: true });
          await touchOrder(tx, now, orderId);
          const entry = isTaken
            ? ({ type: "payment_captured" } as const)
            : ({ type: "payment_failed", detail: code } as const);
          await noteInTimeline(tx, now, { orderId, actor: afterSaleActor, entries: [entry] });
          if (isTaken) return done({ isCaptured: true });
          return refused("state_conflict", { detail: `The provider will not capture: ${code}` });
        },
      },
    })
    .remote("released", { do: releaseRest(payments) });
}

/** Nothing was asked of a hold that is there: gift cards, or what was taken before, have paid for these units. */
async function isHeld(tx: Transaction, orderId: OrderId): Promise<boolean> {
  const payment = await paymentOfOrder(tx, orderId);
  return payment !== null && payment.heldAmount > 0;
}

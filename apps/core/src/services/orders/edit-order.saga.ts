import type { CartId, OrderChangeId } from "@stoa/kernel";
import { done, type SagaBuilder, type SagaType, type StepContext, saga } from "../../platform/saga/index.ts";
import { allocateHold, releaseReservation } from "../inventory/index.ts";
import type { PaymentVerbs } from "../payments/index.ts";
import { type CancelLinesInput, decideRefund, giveBackStock, type Owed, refundedLines } from "./cancel-lines.saga.ts";
import { countUnits } from "./count-units.ts";
import { isStillConfirmed } from "./queries.ts";
import { refundCall } from "./refund-step.ts";

export const EDIT_ORDER = "edit-order";

/** What follows is what follows from cancelling the units that were taken out, at what is owed for them, and the units put in. */
export interface EditOrder extends CancelLinesInput {
  readonly changeId: OrderChangeId;
  /** Holds the units that were put in. */
  readonly holder: CartId;
  readonly hasAdded: boolean;
}

/** How one is started. */
export const EDIT_ORDER_SAGA: SagaType<EditOrder> = { type: EDIT_ORDER };

/** What follows from an edit that has taken effect; lines and amounts were changed in the transaction that started this. */
export function editOrderSaga(payments: PaymentVerbs): SagaBuilder<EditOrder, unknown> {
  return saga<EditOrder>(EDIT_ORDER)
    .pivot("applied", { do: async () => done(null) })
    .step("removed", { do: ({ tx, now, input }) => giveBackStock(tx, now, input) })
    .step("added", {
      async do({ tx, now, input: { orderId, holder, hasAdded } }) {
        if (!hasAdded) return done(null);
        // Cancelled meanwhile: nobody wants these units any more.
        const isWanted = await isStillConfirmed(tx, orderId);
        if (isWanted) await allocateHold({ tx, now }, { orderId, holder });
        else await releaseReservation({ tx, now }, { holder });
        return done(null);
      },
    })
    .step("owed", { do: ({ tx, now, input }) => decideRefund(tx, now, input) })
    .remote("refunded", {
      do: refundCall<StepContext<EditOrder, { readonly owed: Owed }>>(payments, {
        of: ({ input: { orderId, changeId, currency }, outputs: { owed } }) => ({
          orderId,
          currency,
          amount: owed.amount,
          cause: `edit/${changeId}`,
          reason: "order_edited",
        }),
        refunded: ({ tx }, { input }, given) => countUnits(tx, input.orderId, refundedLines(input, given)),
      }),
    });
}

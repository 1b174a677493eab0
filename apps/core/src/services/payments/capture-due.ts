import type { OrderId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import type { PaymentEventDeps } from "./attempt.ts";
import { type CaptureOrderVerb, createCaptureOrder } from "./capture-order.ts";
import { paymentOfOrder } from "./payment-of-order.ts";

/** How an order's money stands against what its units cost that are not cancelled; minor units. */
export interface DueOfOrder {
  /** Null where nobody knows. */
  readonly due: number | null;
  readonly captured: number;
}

/** Read under the lock of the order's row, so that units which are cancelled at the same moment count before or after, never between. */
export async function dueNow(deps: PaymentEventDeps, tx: Transaction, orderId: OrderId): Promise<DueOfOrder> {
  const due = await deps.dueOfOrder(tx, orderId);
  return { due, captured: (await paymentOfOrder(tx, orderId))?.capturedAmount ?? 0 };
}

/**
 * The capture of staff: no more than what the order costs by now, which is asked in the transaction that begins it.
 * @throws problem `state_conflict` when a named amount is more than that.
 */
export function createCaptureDue(deps: PaymentEventDeps): CaptureOrderVerb {
  const verb = createCaptureOrder(deps);
  return {
    ...verb,
    async prepare(context, input) {
      const { due, captured } = await dueNow(deps, context.tx, input.orderId);
      const atMost = due === null ? undefined : Math.max(0, due - captured);
      return verb.prepare(context, { ...input, atMost });
    },
  };
}

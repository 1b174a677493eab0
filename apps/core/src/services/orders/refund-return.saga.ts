import { allocateWithin, type Money, money, type OrderId, type ReturnId } from "@stoa/kernel";
import { asc, eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { done, type SagaBuilder, type SagaType, type StepContext, saga } from "../../platform/saga/index.ts";
import type { PaymentVerbs } from "../payments/index.ts";
import { countUnits } from "./count-units.ts";
import type { ActContext } from "./deps.ts";
import { refundCall } from "./refund-step.ts";
import { moveReturn, noteReturn } from "./return-record.ts";
import { orderReturn, returnLine } from "./tables.ts";
import { afterSaleActor } from "./timeline.ts";

export const REFUND_RETURN = "refund-return";

export interface RefundReturnInput {
  readonly orderId: OrderId;
  readonly returnId: ReturnId;
  readonly amount: Money;
  readonly reason: string | null;
  /** It is what an exchange left of the goods' value: the return stands as exchanged already. */
  readonly isExchanged?: true;
}

/** How one is started. */
export const REFUND_RETURN_SAGA: SagaType<RefundReturnInput> = { type: REFUND_RETURN };

/** The key of the saga that gives a return's money back. */
export const refundKey = (orderId: OrderId, returnId: ReturnId) => `${orderId}/${returnId}`;

/** Names the refund of a return wherever money is. */
export const causeOf = (returnId: ReturnId) => `return/${returnId}`;

/** Sends back the money for a return; that it shall was decided in the transaction that started this. */
export function refundReturnSaga(payments: PaymentVerbs): SagaBuilder<RefundReturnInput, unknown> {
  return saga<RefundReturnInput>(REFUND_RETURN)
    .pivot("decided", { do: async () => done(null) })
    .remote("refunded", {
      do: refundCall<StepContext<RefundReturnInput, object>>(payments, {
        of: ({ input: { orderId, returnId, amount, reason } }) => ({
          orderId,
          currency: amount.currency,
          amount: amount.amount,
          cause: causeOf(returnId),
          reason: reason ?? "returned",
        }),
        async refunded({ tx, now }, { input }, given) {
          const amount = money(given, input.amount.currency);
          if (given < input.amount.amount) await lowerRefund(tx, input.returnId, given);
          await writeRefunded({ tx, now, actor: afterSaleActor }, { ...input, amount });
        },
      }),
    });
}

/** The rest of what was decided went back in another way, before its turn came. */
async function lowerRefund(tx: Transaction, returnId: ReturnId, refundAmount: number): Promise<void> {
  await tx.update(orderReturn).set({ refundAmount }).where(eq(orderReturn.id, returnId));
}

/** What went back is told by line, as it had been paid. */
export async function writeRefunded(context: ActContext, input: RefundReturnInput): Promise<void> {
  const { tx, now } = context;
  const { returnId, isExchanged = false } = input;
  await countRefunded(tx, input);
  if (isExchanged) return;
  const row = await moveReturn(tx, now, { id: returnId, to: "refunded" });
  await noteReturn(context, { row, type: "return_refunded" });
}

/** Spreads what the shopper has got for a return over its lines, as it had been paid. */
export async function countRefunded(
  tx: Transaction,
  { orderId, returnId, amount }: Pick<RefundReturnInput, "orderId" | "returnId" | "amount">,
): Promise<void> {
  const lines = await tx
    .select({ position: returnLine.position, paid: returnLine.paid })
    .from(returnLine)
    .where(eq(returnLine.returnId, returnId))
    .orderBy(asc(returnLine.position));
  const shares = allocateWithin(
    amount,
    lines.map((line) => line.paid),
  );
  await countUnits(
    tx,
    orderId,
    lines.map(({ position }, place) => ({ position, refunded: shares[place]?.amount ?? 0 })),
  );
}

import { money, type OrderId, type ReturnId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { startSaga } from "../../../platform/saga/index.ts";
import { noteExchanged } from "../../payments/index.ts";
import type { ActContext } from "../deps.ts";
import { lockOrder } from "../lock-order.ts";
import { returnableStates } from "../move-return.ts";
import { countRefunded, REFUND_RETURN_SAGA, refundKey } from "../refund-return.saga.ts";
import { giveCredit } from "../refund-return.ts";
import { moveReturn, noteReturn, orderOfReturn } from "../return-record.ts";
import { order, orderReturn } from "../tables.ts";
import { afterSaleActor } from "../timeline.ts";
import { exchangeMoney } from "./exchange.ts";
import { valueOfReturn } from "./return-value.ts";

/**
 * The order that replaces the goods stands: the return is `exchanged`, and what is left of its value goes back. In the transaction that
 * confirms the replacement.
 */
export async function settleExchange(
  { tx, now }: Pick<ActContext, "tx" | "now">,
  { orderId: replacementId, returnId }: { readonly orderId: OrderId; readonly returnId: ReturnId },
): Promise<void> {
  const orderId = await orderOfReturn(tx, returnId);
  const context = { tx, now, actor: afterSaleActor };
  const { order: first } = await lockOrder(tx, now, { orderId, states: returnableStates });
  const [replacement] = await tx.select().from(order).where(eq(order.id, replacementId));
  if (!replacement) throw new Error(`no order ${replacementId}`);
  const row = await moveReturn(tx, now, {
    id: returnId,
    to: "exchanged",
    where: eq(orderReturn.replacementId, replacementId),
  });
  const { covered, back } = exchangeMoney(await valueOfReturn(tx, row), replacement.total);
  const of = (amount: number) => money(amount, first.currency);
  if (covered > 0) {
    const given = { orderId, amount: of(covered), cause: `exchange/${returnId}`, reason: "exchanged" };
    await noteExchanged({ tx, now }, given);
    await countRefunded(tx, { orderId, returnId, amount: given.amount });
  }
  await noteReturn(context, { row, type: "return_exchanged", detail: `for order ${replacement.number}` });
  if (back === 0) return;
  await tx.update(orderReturn).set({ refundAmount: back }).where(eq(orderReturn.id, returnId));
  const rest = { orderId, returnId, amount: of(back), reason: row.refundReason, isExchanged: true } as const;
  if (row.refundTo === "store_credit" && first.customerId !== null) {
    await giveCredit(context, rest, first.customerId);
    return;
  }
  await startSaga(tx, now, { saga: REFUND_RETURN_SAGA, key: refundKey(orderId, returnId), input: rest });
}

import { problem, type StockTransferId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { moveOnHand } from "./move-on-hand.ts";
import type { StockContext } from "./post-movements.ts";
import { stockTransferLine } from "./tables.ts";
import { closeTransfer, lockTransfer } from "./transfer.ts";

/**
 * What is still on its way goes back on the shelf it was taken from; what was received stays. Idempotent.
 * @throws problem `not_found`, or `state_conflict` for a transfer that was received.
 */
export async function cancelTransfer(
  context: StockContext,
  { id, reason, actor }: { readonly id: StockTransferId; readonly reason: string; readonly actor: Actor },
): Promise<void> {
  const transfer = await lockTransfer(context, id);
  if (transfer.state === "cancelled") return;
  if (transfer.state === "received") throw problem("state_conflict", { detail: "The transfer is received." });
  const lines = await context.tx.select().from(stockTransferLine).where(eq(stockTransferLine.transferId, id));
  const open = lines
    .map(({ sku, quantity, received, lost }) => ({ sku, quantity: quantity - received - lost }))
    .filter((line) => line.quantity > 0);
  await moveOnHand(context, {
    kind: "transfer",
    cause: `${id}:cancel`,
    reason,
    actor,
    changes: open.flatMap(({ sku, quantity }) => [
      { sku, locationId: transfer.fromLocationId, delta: quantity },
      { sku, locationId: transfer.toLocationId, delta: 0, incoming: -quantity },
    ]),
  });
  await closeTransfer(context, id, "cancelled");
}

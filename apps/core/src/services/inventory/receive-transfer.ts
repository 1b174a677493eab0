import { problem, type StockTransferId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { moveOnHand } from "./move-on-hand.ts";
import { jsonRows, type StockContext } from "./post-movements.ts";
import { closeTransfer, lockTransfer, transferLine } from "./transfer.ts";

export interface ReceivedLine {
  readonly sku: string;
  /** Units that came in. */
  readonly received: number;
  /** Units that will never come: broken or gone on the way. */
  readonly lost: number;
}

export interface ReceiveTransfer {
  readonly id: StockTransferId;
  readonly lines: readonly ReceivedLine[];
  /** Names the receipt: the same cause counts once. */
  readonly cause: string;
  readonly reason: string | null;
  readonly actor: Actor;
}

/**
 * Puts what has arrived on the shelf and writes off what was lost. When nothing is left on its way the transfer is received.
 * @throws problem `not_found`, or `state_conflict` for a transfer that has ended, or more units than are on their way.
 */
export async function receiveTransfer(context: StockContext, input: ReceiveTransfer): Promise<void> {
  const { id, lines, cause, reason, actor } = input;
  const transfer = await lockTransfer(context, id);
  if (await hasCounted(context, `${id}:${cause}`)) return;
  if (transfer.state !== "in_transit")
    throw problem("state_conflict", { detail: `The transfer is ${transfer.state}.` });
  await countOnLines(context, id, lines);
  await moveOnHand(context, {
    kind: "transfer",
    cause: `${id}:${cause}`,
    reason,
    actor,
    changes: lines.map(({ sku, received, lost }) => ({
      sku,
      locationId: transfer.toLocationId,
      delta: received,
      incoming: -(received + lost),
    })),
  });
  await closeTransfer(context, id, "received");
}

async function hasCounted({ tx }: StockContext, cause: string): Promise<boolean> {
  const [counted] = await tx.execute(sql`
    select 1 from inventory.stock_movement where cause = ${cause} and kind = 'transfer' limit 1`);
  return counted !== undefined;
}

/** The guard stands in the WHERE: a line that has fewer units on their way is not among the rows that come back. */
async function countOnLines({ tx }: StockContext, id: StockTransferId, lines: readonly ReceivedLine[]): Promise<void> {
  const counted = await tx.execute(sql`
    update inventory.stock_transfer_line l set received = l.received + r.received, lost = l.lost + r.lost
    from jsonb_to_recordset(${jsonRows(lines)}) as r(sku text, received int, lost int)
    where l.transfer_id = ${transferLine(id)} and l.sku = r.sku
      and l.received + l.lost + r.received + r.lost <= l.quantity
    returning l.sku`);
  const known = new Set(counted.map((row) => String(row.sku)));
  const missing = lines.find((line) => !known.has(line.sku));
  if (missing) throw problem("state_conflict", { detail: `${missing.sku}: not so many units are on their way` });
}

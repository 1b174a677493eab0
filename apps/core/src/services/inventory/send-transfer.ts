import { type LocationId, newId, problem, type StockTransferId } from "@stoa/kernel";
import type { Actor } from "../../platform/rpc/index.ts";
import { moveOnHand, openLevels } from "./move-on-hand.ts";
import type { StockContext } from "./post-movements.ts";
import { type StockLine, sumBySku } from "./stock.ts";
import { stockTransfer, stockTransferLine } from "./tables.ts";

export interface SendTransfer {
  readonly fromLocationId: LocationId;
  readonly toLocationId: LocationId;
  readonly lines: readonly StockLine[];
  readonly reference: string | null;
  readonly reason: string | null;
  readonly actor: Actor;
}

/**
 * Takes units off the shelf of one place and puts them on their way to another. They can be bought again when they are received.
 * @throws problem `not_found`, or `state_conflict` when the first place has fewer free units, or both are the same place.
 */
export async function sendTransfer(context: StockContext, input: SendTransfer): Promise<StockTransferId> {
  const { fromLocationId: from, toLocationId: to, reference, reason, actor } = input;
  const { tx, now } = context;
  if (from === to) throw problem("state_conflict", { detail: "The units are there already." });
  const lines = sumBySku(input.lines);
  const skus = lines.map((line) => line.sku);
  await openLevels(context, from, skus);
  await openLevels(context, to, skus);
  const id = newId("trf");
  await tx.insert(stockTransfer).values({
    id,
    fromLocationId: from,
    toLocationId: to,
    state: "in_transit",
    reference,
    sentAt: now,
    closedAt: null,
    updatedAt: now,
  });
  await tx.insert(stockTransferLine).values(lines.map(({ sku, quantity }) => ({ transferId: id, sku, quantity })));
  await moveOnHand(context, {
    kind: "transfer",
    cause: `${id}:send`,
    reason,
    actor,
    changes: lines.flatMap(({ sku, quantity }) => [
      { sku, locationId: from, delta: -quantity },
      { sku, locationId: to, delta: 0, incoming: quantity },
    ]),
  });
  return id;
}

import { type LocationId, problem, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { moveOnHand, openLevels } from "./move-on-hand.ts";
import type { StockContext } from "./post-movements.ts";
import type { MovementKind } from "./stock.ts";

export interface AdjustStock {
  readonly sku: string;
  readonly locationId: LocationId;
  /** Units more, or fewer when negative. */
  readonly delta: number;
  /** `receipt`: goods came in; `return`: a shopper sent them back; `adjustment`: found, lost or broken. */
  readonly kind: Extract<MovementKind, "receipt" | "return" | "adjustment">;
  /** The same cause counts once. */
  readonly cause: string;
  readonly reason: string | null;
  readonly actor: Actor;
}

export interface LevelChange {
  readonly before: number;
  readonly after: number;
}

/**
 * Changes what is on hand in one place. Answers units on hand before and after; a cause that has been counted changes nothing.
 * @throws problem `not_found` for an unknown location, `state_conflict` when units that are promised to buyers would be missing.
 */
export async function adjustStock(context: StockContext, input: AdjustStock): Promise<LevelChange> {
  await openLevels(context, input.locationId, [input.sku]);
  const posted = await moveOnHand(context, {
    ...input,
    changes: [{ sku: input.sku, locationId: input.locationId, delta: input.delta }],
  });
  const after = await onHandAt(context, input);
  return { before: after - posted.moved.reduce((sum, level) => sum + level.onHand, 0), after };
}

export interface TransferStock {
  readonly sku: string;
  readonly fromLocationId: LocationId;
  readonly toLocationId: LocationId;
  /** 1 or more. */
  readonly quantity: number;
  readonly cause: string;
  readonly reason: string | null;
  readonly actor: Actor;
}

/**
 * Moves units from one place to another, at once. What can be bought stays the same.
 * @throws problem `not_found`, or `state_conflict` when the first place has fewer free units.
 */
export async function transferStock(context: StockContext, input: TransferStock): Promise<void> {
  const { sku, fromLocationId: from, toLocationId: to, quantity } = input;
  if (from === to) throw problem("state_conflict", { detail: "The units are there already." });
  await openLevels(context, from, [sku]);
  await openLevels(context, to, [sku]);
  await moveOnHand(context, {
    ...input,
    kind: "transfer",
    changes: [
      { sku, locationId: from, delta: -quantity },
      { sku, locationId: to, delta: quantity },
    ],
  });
}

async function onHandAt(
  { tx }: StockContext,
  { sku, locationId }: Pick<AdjustStock, "sku" | "locationId">,
): Promise<number> {
  const [level] = await tx.execute<{ onHand: number }>(sql`
    select on_hand as "onHand" from inventory.stock_level
    where sku = ${sku} and location_id = ${toUuid(locationId)}::uuid`);
  return level?.onHand ?? 0;
}

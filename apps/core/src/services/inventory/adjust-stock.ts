import { type LocationId, problem, toTimestamp, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { jsonRows, type Posted, postMovements, type StockContext } from "./post-movements.ts";
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
  await openLevel(context, input);
  const posted = await moveOnHand(context, {
    ...input,
    changes: [{ sku: input.sku, locationId: input.locationId, delta: input.delta }],
  });
  const after = await onHandAt(context, input);
  return { before: after - posted.moved.reduce((sum, level) => sum + level.onHand, 0), after };
}

export interface TransferStock {
  readonly sku: string;
  readonly from: LocationId;
  readonly to: LocationId;
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
  const { sku, from, to, quantity } = input;
  if (from === to) throw problem("state_conflict", { detail: "The units are there already." });
  await openLevel(context, { sku, locationId: from });
  await openLevel(context, { sku, locationId: to });
  await moveOnHand(context, {
    ...input,
    kind: "transfer",
    changes: [
      { sku, locationId: from, delta: -quantity },
      { sku, locationId: to, delta: quantity },
    ],
  });
}

interface MoveOnHand extends Pick<AdjustStock, "cause" | "reason" | "actor"> {
  readonly kind: MovementKind;
  readonly changes: readonly { readonly sku: string; readonly locationId: LocationId; readonly delta: number }[];
}

async function moveOnHand(context: StockContext, input: MoveOnHand): Promise<Posted> {
  const rows = jsonRows(input.changes.map((change) => ({ ...change, locationId: toUuid(change.locationId) })));
  const posted = await postMovements(context, {
    kind: input.kind,
    skus: [...new Set(input.changes.map((change) => change.sku))],
    reason: input.reason,
    actor: input.actor,
    decide: sql`
      asked as (
        select k.sku, k.location_id, c.delta, k.free, k.allow_backorder
        from jsonb_to_recordset(${rows}) as c(sku text, "locationId" uuid, delta int)
        join locked k on k.sku = c.sku and k.location_id = c."locationId"
      ),
      refused as (
        select sku, -delta as requested, free as available from asked
        where delta < 0 and free + delta < 0 and not allow_backorder and not exists (
          select from inventory.stock_movement m
          where m.cause = ${input.cause} and m.kind = ${input.kind} and m.sku = asked.sku and m.location_id = asked.location_id
        )
      ),
      change as (
        select sku, location_id, delta as on_hand, 0 as reserved, 0 as allocated, ${input.cause}::text as cause
        from asked where delta <> 0 and not exists (select from refused)
      )`,
  });
  const [first] = posted.refused;
  if (first) {
    const detail = `${first.sku}: only ${first.available} units there are free`;
    throw problem("state_conflict", { detail, items: posted.refused });
  }
  return posted;
}

/** @throws problem `not_found` for an unknown location. */
async function openLevel(
  { tx, now }: StockContext,
  { sku, locationId }: { readonly sku: string; readonly locationId: LocationId },
): Promise<void> {
  const [known] = await tx.execute(sql`select 1 from inventory.location where id = ${toUuid(locationId)}::uuid`);
  if (!known) throw problem("not_found");
  await tx.execute(sql`insert into inventory.stock_item (sku) values (${sku}) on conflict (sku) do nothing`);
  await tx.execute(sql`
    insert into inventory.stock_level (sku, location_id, allow_backorder, updated_at)
    select sku, ${toUuid(locationId)}::uuid, allow_backorder, ${toTimestamp(now)}::timestamptz
    from inventory.stock_item where sku = ${sku}
    on conflict (sku, location_id) do nothing`);
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

import {
  cursorKeys,
  cutPage,
  type Instant,
  idSchema,
  type OrderId,
  type Page,
  problem,
  toTimestamp,
  toUuid,
} from "@stoa/kernel";
import { and, desc, eq, lt, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type Database, prefixPattern, type Transaction } from "../../platform/db/index.ts";
import type { Promotion, PromotionId } from "./promotion.ts";
import { type PromotionRow, promotionColumns, promotionOf } from "./promotion-row.ts";
import { promotionUsage } from "./tables.ts";

/** A promotion as staff see it; `used` is how often it counts so far. */
export type PromotionView = Omit<Promotion, "usedByCustomer" | "startsAt" | "endsAt"> & {
  readonly startsAt: string | null;
  readonly endsAt: string | null;
};

export const promotionStates = ["active", "scheduled", "ended", "inactive"] as const;
export type PromotionState = (typeof promotionStates)[number];

export interface PromotionFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** The beginning of the name or of the code, in any case. */
  readonly search?: string | undefined;
  readonly states?: readonly PromotionState[] | undefined;
  readonly now: Instant;
}

/** Promotions, newest first. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listPromotions(db: Database, filter: PromotionFilter): Promise<Page<PromotionView>> {
  const matching = sql`${matches(filter)} and ${inStates(filter)}`;
  const after = filter.cursor === undefined ? sql`true` : sql`p.id < ${toUuid(idIn(filter.cursor, "prm"))}::uuid`;
  const [rows, counted] = await Promise.all([
    db.execute<{ found: PromotionRow }>(sql`select to_jsonb(found) as found from (
      select ${promotionColumns(sql`'{}'::text[]`)} from carts.promotion p where ${matching} and ${after}
      order by p.id desc limit ${filter.limit + 1}) found`),
    db.execute<{ total: number }>(sql`select count(*)::int as total from carts.promotion p where ${matching}`),
  ]);
  const found = rows.map((row) => promotionOf(row.found));
  const { shown, nextCursor } = cutPage(found, filter.limit, ({ id }) => [id]);
  return { items: shown.map(viewOf), nextCursor, total: counted[0]?.total ?? 0 };
}

function matches({ search }: PromotionFilter): SQL {
  if (!search) return sql`true`;
  const pattern = prefixPattern(search.trim());
  return sql`(p.name ilike ${pattern} or p.code ilike ${pattern})`;
}

function inStates({ states, now }: PromotionFilter): SQL {
  if (!states || states.length === 0) return sql`true`;
  return sql`(${sql.join(
    states.map((state) => isIn(state, now)),
    sql` or `,
  )})`;
}

function isIn(state: PromotionState, now: Instant): SQL {
  const at = sql`${toTimestamp(now)}::timestamptz`;
  switch (state) {
    case "inactive":
      return sql`not p.active`;
    case "scheduled":
      return sql`p.active and p.starts_at > ${at}`;
    case "ended":
      return sql`p.active and p.ends_at <= ${at}`;
    case "active":
      return sql`p.active and (p.starts_at is null or p.starts_at <= ${at}) and (p.ends_at is null or p.ends_at > ${at})`;
  }
}

/** @throws problem `not_found`. */
export async function getPromotion(db: Database | Transaction, id: PromotionId): Promise<PromotionView> {
  return viewOf(await promotionAt(db, id));
}

/** @throws problem `not_found`. */
export async function promotionAt(db: Database | Transaction, id: PromotionId): Promise<Promotion> {
  const [row] = await db.execute<{ found: PromotionRow }>(sql`select to_jsonb(found) as found from (
    select ${promotionColumns(sql`'{}'::text[]`)} from carts.promotion p where p.id = ${toUuid(id)}::uuid) found`);
  if (!row) throw problem("not_found");
  return promotionOf(row.found);
}

function viewOf({ usedByCustomer: _, startsAt, endsAt, ...view }: Promotion): PromotionView {
  return { ...view, startsAt: startsAt && toTimestamp(startsAt), endsAt: endsAt && toTimestamp(endsAt) };
}

export interface UseView {
  readonly orderId: OrderId;
  readonly takenAt: string;
}

/** The orders that count as uses of a promotion, newest first. Who placed them, their orders tell. */
export async function listPromotionUses(
  db: Database,
  { id, limit, cursor }: { readonly id: PromotionId; readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<UseView>> {
  const ofPromotion = eq(promotionUsage.promotionId, id);
  const after = cursor === undefined ? undefined : lt(promotionUsage.orderId, idIn(cursor, "ord"));
  const [rows, [counted]] = await Promise.all([
    db
      .select({ orderId: promotionUsage.orderId, takenAt: promotionUsage.takenAt })
      .from(promotionUsage)
      .where(and(ofPromotion, after))
      .orderBy(desc(promotionUsage.orderId))
      .limit(limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(promotionUsage).where(ofPromotion),
  ]);
  const { shown, nextCursor } = cutPage(rows, limit, ({ orderId }) => [orderId]);
  const items = shown.map(({ orderId, takenAt }) => ({ orderId, takenAt: toTimestamp(takenAt) }));
  return { items, nextCursor, total: counted?.total ?? 0 };
}

function idIn<P extends "prm" | "ord">(cursor: string, prefix: P) {
  return cursorKeys(cursor, z.tuple([idSchema(prefix)]))[0];
}

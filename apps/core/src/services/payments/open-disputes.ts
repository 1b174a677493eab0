import { cursorKeys, cutPage, type Instant, instantSchema, type Page, toTimestamp } from "@stoa/kernel";
import { and, asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "../../platform/db/index.ts";
import { type DisputeView, viewOf } from "./disputes.ts";
import { dispute, payment } from "./tables.ts";

export interface OpenDisputesQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Until when the shop has to answer; a dispute that is answered, or whose provider names no day, comes behind those that say. */
const answerBy = sql<Instant | null>`case when ${dispute.state} = 'opened' then ${dispute.dueAt} end`.mapWith(
  dispute.dueAt,
);
const isOpen = inArray(dispute.state, ["opened", "evidence_sent"]);

/**
 * Disputes that are not decided, the nearest deadline first, then those of longest standing.
 * @throws problem `validation_failed` for a cursor that is none of ours.
 */
export async function listOpenDisputes(db: Database, { limit, cursor }: OpenDisputesQuery): Promise<Page<DisputeView>> {
  const [page, [counted]] = await Promise.all([
    db
      .select({ row: dispute, orderId: payment.orderId, answerBy })
      .from(dispute)
      .innerJoin(payment, eq(payment.id, dispute.paymentId))
      .where(and(isOpen, behind(cursor)))
      .orderBy(sql`${answerBy} asc nulls last`, asc(dispute.openedAt), asc(dispute.reference))
      .limit(limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(dispute).where(isOpen),
  ]);
  const { shown, nextCursor } = cutPage(page, limit, ({ answerBy: by, row }) => [
    by ?? NEVER,
    row.openedAt,
    row.reference,
  ]);
  return { items: shown.map(({ row, orderId }) => viewOf(row, orderId)), nextCursor, total: counted?.total ?? 0 };
}

/** Later than any deadline, and a number that a cursor can hold. */
const NEVER = Date.UTC(9_999, 0) as Instant;

function behind(cursor: string | undefined): SQL | undefined {
  if (cursor === undefined) return undefined;
  const [by, openedAt, reference] = cursorKeys(cursor, z.tuple([instantSchema, instantSchema, z.string()]));
  const timeOf = (at: Instant) => sql`${toTimestamp(at)}::timestamptz`;
  const keys = sql`(${timeOf(by)}, ${timeOf(openedAt)}, ${reference})`;
  return sql`(coalesce(${answerBy}, ${timeOf(NEVER)}), ${dispute.openedAt}, ${dispute.reference}) > ${keys}`;
}

import { cutPage, type DraftId, type Page, problem, toTimestamp } from "@stoa/kernel";
import { and, desc, eq, inArray, sql } from "drizzle-orm";
import { type Database, isBehind } from "../../platform/db/index.ts";
import { previewDraft, withQuotes } from "../carts/index.ts";
import type { OrdersDeps } from "./deps.ts";
import type { DraftState } from "./draft.ts";
import { basketOf, type DraftRow } from "./find-draft.ts";
import { draft, paymentRequest } from "./tables.ts";

/** The good one is the last that was sent. */
const LINKS_SHOWN_MAX = 20;

/** A draft as staff see it: what they have said, what it costs now, and the links that were sent for it last. */
export async function readDraft(deps: OrdersDeps, id: DraftId) {
  const { db } = deps;
  const [row] = await db.select().from(draft).where(eq(draft.id, id));
  if (!row) throw problem("not_found");
  const [pricing, requests] = await Promise.all([
    withQuotes(() => previewDraft(deps.carts, { db, now: deps.clock.now() }, basketOf(row))),
    db
      .select()
      .from(paymentRequest)
      .where(eq(paymentRequest.draftId, id))
      .orderBy(desc(paymentRequest.createdAt), desc(paymentRequest.id))
      .limit(LINKS_SHOWN_MAX),
  ]);
  const links = requests.map(({ id: requestId, state, amount, currency, expiresAt, createdAt }) => ({
    ...{ requestId, state, amount: { amount, currency } },
    expiresAt: toTimestamp(expiresAt),
    sentAt: toTimestamp(createdAt),
  }));
  return { ...viewOf(row), pricing, links };
}

export interface DraftFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly states?: readonly DraftState[] | undefined;
}

/** Drafts without their prices, newest first. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listDrafts(db: Database, filter: DraftFilter): Promise<Page<ReturnType<typeof viewOf>>> {
  const matching = filter.states && filter.states.length > 0 ? inArray(draft.state, [...filter.states]) : undefined;
  const after = isBehind(filter.cursor, { at: draft.createdAt, id: draft.id, prefix: "drf" });
  const [page, counted] = await Promise.all([
    db
      .select()
      .from(draft)
      .where(and(matching, after))
      .orderBy(desc(draft.createdAt), desc(draft.id))
      .limit(filter.limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(draft).where(matching),
  ]);
  const { shown, nextCursor } = cutPage(page, filter.limit, ({ createdAt, id }) => [createdAt, id]);
  return { items: shown.map(viewOf), nextCursor, total: counted[0]?.total ?? 0 };
}

function viewOf({ cartId: _cartId, createdAt, updatedAt, reservedUntil, ...row }: DraftRow) {
  return {
    ...row,
    reservedUntil: reservedUntil === null ? null : toTimestamp(reservedUntil),
    createdAt: toTimestamp(createdAt),
    updatedAt: toTimestamp(updatedAt),
  };
}

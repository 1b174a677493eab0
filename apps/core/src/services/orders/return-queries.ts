import {
  type Currency,
  cutPage,
  money,
  type OrderId,
  type Page,
  problem,
  type ReturnId,
  toTimestamp,
} from "@stoa/kernel";
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import type { FieldValues } from "../../platform/custom-fields/index.ts";
import { type Database, isBehind } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import { isTokenOf, mayActOn } from "./order-token.ts";
import type { ReturnState } from "./return.ts";
import { shownReturnFields } from "./return-fields.ts";
import type { ReturnRow } from "./return-record.ts";
import { order, orderLine, orderReturn, returnLine } from "./tables.ts";

/** A return as its shopper sees it. */
export type ReturnView = ReturnType<typeof viewOf>;

export interface OwnReturns {
  readonly orderId: OrderId;
  readonly actor: Actor;
  /** The guest's token, in clear. */
  readonly accessToken?: string | undefined;
}

/** The returns of an order, oldest first, for whoever may see the order. @throws problem `not_found`. */
export async function returnsOfOrder(db: Database, { orderId, actor, accessToken }: OwnReturns): Promise<ReturnView[]> {
  const [owner] = await db
    .select({ customerId: order.customerId, accessTokenHash: order.accessTokenHash, currency: order.currency })
    .from(order)
    .where(eq(order.id, orderId));
  if (!owner || !(mayActOn(owner, actor) || isTokenOf(owner, accessToken))) throw problem("not_found");
  const rows = await db.select().from(orderReturn).where(eq(orderReturn.orderId, orderId)).orderBy(asc(orderReturn.id));
  return withLines(
    db,
    rows.map((row) => ({ row, currency: owner.currency })),
  );
}

/** One return, whoever asks: the door has decided that. @throws problem `not_found`. */
export async function readReturn(db: Database, id: ReturnId): Promise<ReturnView> {
  const rows = await db
    .select({ row: orderReturn, currency: order.currency })
    .from(orderReturn)
    .innerJoin(order, eq(order.id, orderReturn.orderId))
    .where(eq(orderReturn.id, id));
  const [view] = await withLines(db, rows);
  if (!view) throw problem("not_found");
  return view;
}

export interface ReturnFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly states?: readonly ReturnState[] | undefined;
  readonly orderId?: OrderId | undefined;
}

/** Returns, newest first. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listReturns(
  db: Database,
  { limit, cursor, states, orderId }: ReturnFilter,
): Promise<Page<ReturnView>> {
  const matching = and(
    states && states.length > 0 ? inArray(orderReturn.state, [...states]) : undefined,
    orderId && eq(orderReturn.orderId, orderId),
  );
  const behind = isBehind(cursor, { at: orderReturn.requestedAt, id: orderReturn.id, prefix: "ret" });
  const [page, [counted]] = await Promise.all([
    db
      .select({ row: orderReturn, currency: order.currency })
      .from(orderReturn)
      .innerJoin(order, eq(order.id, orderReturn.orderId))
      .where(and(matching, behind))
      .orderBy(desc(orderReturn.requestedAt), desc(orderReturn.id))
      .limit(limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(orderReturn).where(matching),
  ]);
  const { shown, nextCursor } = cutPage(page, limit, ({ row }) => [row.requestedAt, row.id]);
  return { items: await withLines(db, shown), nextCursor, total: counted?.total ?? 0 };
}

interface Found {
  readonly row: ReturnRow;
  readonly currency: Currency;
}

async function withLines(db: Database, found: readonly Found[]): Promise<ReturnView[]> {
  if (found.length === 0) return [];
  const ids = found.map(({ row }) => row.id);
  const lines = await db
    .select({ line: returnLine, sku: orderLine.sku, title: orderLine.title })
    .from(returnLine)
    .innerJoin(orderLine, and(eq(orderLine.orderId, returnLine.orderId), eq(orderLine.position, returnLine.position)))
    .where(inArray(returnLine.returnId, ids))
    .orderBy(asc(returnLine.position));
  const byReturn = Map.groupBy(lines, ({ line }) => line.returnId);
  const shown = await shownReturnFields(
    db,
    found.map(({ row }) => row),
  );
  return found.map((one) => viewOf(one, byReturn.get(one.row.id) ?? [], shown(one.row.customFields)));
}

interface FoundLine {
  readonly line: typeof returnLine.$inferSelect;
  readonly sku: string;
  readonly title: string;
}

function viewOf({ row, currency }: Found, lines: readonly FoundLine[], customFields: FieldValues) {
  const paid = lines.reduce((sum, { line }) => sum + line.paid, 0);
  return {
    id: row.id,
    orderId: row.orderId,
    state: row.state,
    items: lines.map(({ line, sku, title }) => ({
      ...{ sku, title, quantity: line.quantity, reason: line.reason },
      ...{ restocked: line.restocked, writtenOff: line.writtenOff },
    })),
    /** What had been paid for what came: the most that can go back. */
    paid: money(paid, currency),
    refund:
      row.refundAmount === null
        ? null
        : {
            amount: money(row.refundAmount, currency),
            restockingFee: money(row.restockingFee, currency),
            reason: row.refundReason,
            to: row.refundTo,
          },
    rejection: row.rejection,
    replacementId: row.replacementId,
    /** What the shopper would rather have than the money. */
    exchangeFor: row.exchangeFor,
    /** The draft that an exchange is made of. */
    exchangeDraftId: row.exchangeDraftId,
    /** What of the shop's own fields shoppers see. */
    customFields,
    requestedAt: toTimestamp(row.requestedAt),
  };
}

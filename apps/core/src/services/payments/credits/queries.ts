import {
  type CustomerId,
  cutPage,
  type GiftCardId,
  money,
  type OrderId,
  type Page,
  problem,
  toTimestamp,
} from "@stoa/kernel";
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import { type Database, isBehind, type Transaction } from "../../../platform/db/index.ts";
import { creditTender, giftCard, giftCardEntry } from "../tables.ts";
import type { CreditKind, CreditTenderState } from "./credit.ts";

const ENTRIES_SHOWN_MAX = 200;

export interface GiftCardFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly kind?: CreditKind | undefined;
  readonly last4?: string | undefined;
  readonly customerId?: CustomerId | undefined;
}

type CardRow = typeof giftCard.$inferSelect;

/** A card as staff see it. */
function cardView(row: CardRow) {
  const { id, kind, last4, customerId, currency, balance, held, expiresAt, disabledAt, createdAt } = row;
  const times = {
    expiresAt: expiresAt && toTimestamp(expiresAt),
    disabledAt: disabledAt && toTimestamp(disabledAt),
    createdAt: toTimestamp(createdAt),
  };
  return { id, kind, last4, customerId, balance: money(balance, currency), held: money(held, currency), ...times };
}
export type GiftCardView = ReturnType<typeof cardView>;

/** Gift cards and store credit, newest first. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listGiftCards(db: Database, filter: GiftCardFilter): Promise<Page<GiftCardView>> {
  const { kind, last4, customerId, limit } = filter;
  const matching = and(
    kind && eq(giftCard.kind, kind),
    last4 === undefined ? undefined : eq(giftCard.last4, last4.toUpperCase()),
    customerId && eq(giftCard.customerId, customerId),
  );
  const [rows, [counted]] = await Promise.all([
    db
      .select()
      .from(giftCard)
      .where(and(matching, isBehind(filter.cursor, { at: giftCard.createdAt, id: giftCard.id, prefix: "gft" })))
      .orderBy(desc(giftCard.createdAt), desc(giftCard.id))
      .limit(limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(giftCard).where(matching),
  ]);
  const { shown, nextCursor } = cutPage(rows, limit, ({ createdAt, id }) => [createdAt, id]);
  return { items: shown.map(cardView), nextCursor, total: counted?.total ?? 0 };
}

/** One card with its latest entries, newest first. @throws problem `not_found`. */
export async function giftCardDetails(db: Database, giftCardId: GiftCardId) {
  const [[row], entries] = await Promise.all([
    db.select().from(giftCard).where(eq(giftCard.id, giftCardId)),
    db
      .select()
      .from(giftCardEntry)
      .where(eq(giftCardEntry.giftCardId, giftCardId))
      .orderBy(desc(giftCardEntry.seq))
      .limit(ENTRIES_SHOWN_MAX),
  ]);
  if (!row) throw problem("not_found");
  return {
    ...cardView(row),
    entries: entries.map(({ type, amount, cause, orderId, reason, actorKind, actorId, at }) => ({
      ...{ type, amount: money(amount, row.currency), cause, orderId, reason },
      actor: { kind: actorKind, id: actorId },
      at: toTimestamp(at),
    })),
  };
}

/** What an order took from a gift card or store credit; amounts are minor units of its currency. */
export interface CreditTender {
  readonly orderId: OrderId;
  readonly giftCardId: GiftCardId;
  readonly kind: CreditKind;
  readonly last4: string | null;
  readonly state: CreditTenderState;
  readonly amount: number;
  readonly refunded: number;
}

/** The credits of some orders, in the order in which they were taken. One statement, none for no orders. */
export async function creditsOfOrders(
  db: Database | Transaction,
  orderIds: readonly OrderId[],
): Promise<Map<OrderId, CreditTender[]>> {
  if (orderIds.length === 0) return new Map();
  const { orderId, giftCardId, state, amount, refunded } = creditTender;
  const rows = await db
    .select({ orderId, giftCardId, state, amount, refunded, kind: giftCard.kind, last4: giftCard.last4 })
    .from(creditTender)
    .innerJoin(giftCard, eq(giftCard.id, creditTender.giftCardId))
    .where(inArray(creditTender.orderId, [...orderIds]))
    .orderBy(asc(creditTender.position));
  return Map.groupBy(rows, (row) => row.orderId);
}

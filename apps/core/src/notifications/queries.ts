import {
  type CustomerId,
  cutPage,
  type EmailId,
  type Instant,
  type OrderId,
  type Page,
  problem,
  toTimestamp,
} from "@stoa/kernel";
import { and, desc, eq, gte, inArray, lte, ne, or, sql } from "drizzle-orm";
import { type Database, isBehind } from "../platform/db/index.ts";
import { type MailKind, type MailState, UNWANTED } from "./kinds.ts";
import { type EmailRow, email } from "./tables.ts";

/** A mail as staff see it: never its link, and no address, because none is kept. */
export interface MailView {
  readonly id: EmailId;
  readonly kind: MailKind;
  readonly state: MailState;
  readonly orderId: OrderId | null;
  readonly customerId: CustomerId | null;
  readonly attempts: number;
  readonly createdAt: string;
  readonly sentAt: string | null;
  /** When it is tried next; null when it is not. */
  readonly nextTryAt: string | null;
  readonly receipt: string | null;
  readonly lastError: string | null;
  readonly resendOf: EmailId | null;
  readonly requestedBy: string | null;
}

export interface MailFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly orderId?: OrderId | undefined;
  readonly customerId?: CustomerId | undefined;
  readonly states?: readonly MailState[] | undefined;
}

/** Mails, newest first. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listMails(db: Database, filter: MailFilter): Promise<Page<MailView>> {
  const { limit, cursor, orderId, customerId, states } = filter;
  const matching = and(
    orderId ? eq(email.orderId, orderId) : undefined,
    customerId ? eq(email.customerId, customerId) : undefined,
    states && states.length > 0 ? inArray(email.state, [...states]) : undefined,
  );
  const behind = isBehind(cursor, { at: email.createdAt, id: email.id, prefix: "eml" });
  const [rows, counted] = await Promise.all([
    db
      .select()
      .from(email)
      .where(and(matching, behind))
      .orderBy(desc(email.createdAt), desc(email.id))
      .limit(limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(email).where(matching),
  ]);
  const { shown, nextCursor } = cutPage(rows, limit, ({ createdAt, id }) => [createdAt, id]);
  return { items: shown.map(viewOf), nextCursor, total: counted[0]?.total ?? 0 };
}

const MAILS_OF_ORDER_MAX = 200;

/** The mails of one order, oldest first, for its timeline. */
export async function mailsOfOrder(db: Database, orderId: OrderId): Promise<MailView[]> {
  const rows = await db
    .select()
    .from(email)
    .where(eq(email.orderId, orderId))
    .orderBy(email.createdAt, email.id)
    .limit(MAILS_OF_ORDER_MAX);
  return rows.map(viewOf);
}

interface MailsOfCustomer {
  readonly customerId: CustomerId;
  /** Theirs; mails of those that they placed as a guest name no customer. */
  readonly orderIds: readonly OrderId[];
}

/** Every mail that a customer was owed or sent, newest first: for what the shop holds of them. */
export async function mailsOfCustomer(
  db: Database,
  { customerId, orderIds }: MailsOfCustomer,
  limit: number,
): Promise<MailView[]> {
  const rows = await db
    .select()
    .from(email)
    .where(or(eq(email.customerId, customerId), inArray(email.orderId, [...orderIds])))
    .orderBy(desc(email.createdAt), desc(email.id))
    .limit(limit);
  return rows.map(viewOf);
}

/** @throws problem `not_found`. */
export async function findMail(db: Database, id: EmailId): Promise<EmailRow> {
  const [row] = await db.select().from(email).where(eq(email.id, id));
  if (!row) throw problem("not_found");
  return row;
}

export function viewOf(row: EmailRow): MailView {
  const { id, kind, state, orderId, customerId, attempts, receipt, lastError, resendOf, requestedBy } = row;
  return {
    ...{ id, kind, state, orderId, customerId, attempts, receipt, lastError, resendOf, requestedBy },
    createdAt: toTimestamp(row.createdAt),
    sentAt: row.sentAt === null ? null : toTimestamp(row.sentAt),
    nextTryAt: state === "queued" || state === "failed" ? toTimestamp(row.availableAt) : null,
  };
}

export interface MailHealth {
  /** Mails that are due and have not left. */
  readonly waiting: number;
  /** Age of the oldest of them, in seconds. */
  readonly oldestSeconds: number;
  /** Given up within the last seven days. */
  readonly dead: number;
}

const DEAD_SHOWN_MS = 7 * 24 * 60 * 60 * 1_000;

export async function readMailHealth(db: Database, now: Instant): Promise<MailHealth> {
  const since = (now - DEAD_SHOWN_MS) as Instant;
  const [[waiting], [dead]] = await Promise.all([
    db
      .select({
        count: sql<number>`count(*)::int`,
        oldest: sql<string | null>`extract(epoch from min(${email.createdAt}))`,
      })
      .from(email)
      .where(and(inArray(email.state, ["queued", "failed"]), lte(email.createdAt, now))),
    db
      .select({ count: sql<number>`count(*)::int` })
      .from(email)
      .where(and(eq(email.state, "dead"), ne(email.lastError, UNWANTED), gte(email.createdAt, since))),
  ]);
  const oldest = waiting?.oldest ? Number(waiting.oldest) : null;
  return {
    waiting: waiting?.count ?? 0,
    oldestSeconds: oldest === null ? 0 : Math.max(0, now / 1_000 - oldest),
    dead: dead?.count ?? 0,
  };
}

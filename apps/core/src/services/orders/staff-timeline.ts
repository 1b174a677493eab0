import { type OrderId, problem, toTimestamp } from "@stoa/kernel";
import { asc, eq } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import { listNotes } from "./notes.ts";
import { order, orderEvent } from "./tables.ts";

/** A mail about an order, as whoever sends mails tells it. */
export interface MailEntry {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly createdAt: string;
  readonly sentAt: string | null;
  readonly resendOf: string | null;
  readonly requestedBy: string | null;
}

/** Mails are another module's: it is given to this service as a function. */
export type MailsOfOrder = (orderId: OrderId) => Promise<readonly MailEntry[]>;

/** One line of the timeline that staff see: events, notes and mails, each with who did it. */
export interface TimelineLine {
  readonly at: string;
  readonly source: "event" | "note" | "mail";
  /** Of an event its type, of a mail `mail_` and its state, such as `mail_sent`. */
  readonly type: string;
  readonly actor: string;
  readonly detail: string | null;
}

const EVENTS_MAX = 1_000;

/**
 * Everything that happened to an order, in order. Mails are told from what was owed and sent, so sending one costs the order no write,
 * and what the shopper sees does not change. @throws problem `not_found`.
 */
export async function staffTimeline(
  { db, mailsOfOrder }: { readonly db: Database; readonly mailsOfOrder: MailsOfOrder },
  orderId: OrderId,
): Promise<TimelineLine[]> {
  const [found] = await db.select({ id: order.id }).from(order).where(eq(order.id, orderId));
  if (!found) throw problem("not_found");
  const [events, notes, mails] = await Promise.all([
    db.select().from(orderEvent).where(eq(orderEvent.orderId, orderId)).orderBy(asc(orderEvent.seq)).limit(EVENTS_MAX),
    listNotes(db, orderId),
    mailsOfOrder(orderId),
  ]);
  const lines: TimelineLine[] = [
    ...events.map(({ at, type, actorName, detail }) => {
      return { at: toTimestamp(at), source: "event", type, actor: actorName, detail } as const;
    }),
    ...notes.map(
      ({ at, text, author }) => ({ at, source: "note", type: "note", actor: author, detail: text }) as const,
    ),
    ...mails.map(mailLine),
  ];
  // Sorting is stable, so events of one moment keep their sequence.
  return lines.sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
}

function mailLine({ kind, state, createdAt, sentAt, resendOf, requestedBy }: MailEntry): TimelineLine {
  const type = resendOf !== null && state === "sent" ? "mail_resent" : `mail_${state}`;
  return { at: sentAt ?? createdAt, source: "mail", type, actor: requestedBy ?? "notifications", detail: kind };
}

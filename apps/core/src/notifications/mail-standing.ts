import { type Instant, toTimestamp } from "@stoa/kernel";
import { and, desc, eq, isNotNull, sql } from "drizzle-orm";
import type { Database } from "../platform/db/index.ts";
import { type MailHealth, readMailHealth } from "./queries.ts";
import { email } from "./tables.ts";

/** How mails stand, as staff see it. */
export interface MailStanding extends MailHealth {
  /** Whether a mail server is named; without one mails are kept and none is sent. */
  readonly hasServer: boolean;
  /** When the newest mail that has left did so, RFC 3339; null before the first one. */
  readonly sentAt: string | null;
  /** Mails that could not be handed over and are tried again. */
  readonly failing: number;
  /** What went wrong with the newest of them, without addresses. */
  readonly lastError: string | null;
}

interface MailStandingDeps {
  readonly db: Database;
  readonly hasServer: boolean;
}

export async function readMailStanding({ db, hasServer }: MailStandingDeps, now: Instant): Promise<MailStanding> {
  const [health, [sent], [failing], [failed]] = await Promise.all([
    readMailHealth(db, now),
    db
      .select({ sentAt: email.sentAt })
      .from(email)
      .where(eq(email.state, "sent"))
      .orderBy(desc(email.createdAt))
      .limit(1),
    db.select({ count: sql<number>`count(*)::int` }).from(email).where(eq(email.state, "failed")),
    db
      .select({ lastError: email.lastError })
      .from(email)
      .where(and(eq(email.state, "failed"), isNotNull(email.lastError)))
      .orderBy(desc(email.createdAt))
      .limit(1),
  ]);
  const sentAt = sent?.sentAt ? toTimestamp(sent.sentAt) : null;
  return { ...health, hasServer, sentAt, failing: failing?.count ?? 0, lastError: failed?.lastError ?? null };
}

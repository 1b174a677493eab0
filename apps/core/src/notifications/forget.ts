import type { CustomerId, Instant } from "@stoa/kernel";
import { and, eq, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import type { Database, Transaction } from "../platform/db/index.ts";
import { email } from "./tables.ts";

/**
 * Forgets the account mails of a person: they name the account, and one that has not left holds a link made from the address.
 * Mails of orders name only the order, and whom they went to is no longer to be found there.
 */
export async function eraseFromMails(
  tx: Transaction,
  { customerId, userId }: { readonly customerId: CustomerId; readonly userId: string | null },
): Promise<void> {
  await tx
    .delete(email)
    .where(
      and(
        isNotNull(email.userId),
        or(userId === null ? undefined : eq(email.userId, userId), eq(email.customerId, customerId)),
      ),
    );
}

const KEEP_MS = 30 * 24 * 60 * 60 * 1_000;
const PURGE_BATCH = 5_000;

/**
 * Deletes mails of accounts and to staff that are over and older than 30 days, and such of accounts as could not leave in all that time; those of
 * orders are part of their history. Answers how many.
 */
export async function purgeMails(db: Database, now: Instant): Promise<number> {
  const before = sql.param((now - KEEP_MS) as Instant, email.createdAt);
  const isOver = or(inArray(email.state, ["sent", "dead"]), isNotNull(email.userId));
  const old = db
    .select({ id: email.id })
    .from(email)
    .where(and(isNull(email.orderId), isOver, sql`${email.createdAt} < ${before}`))
    .limit(PURGE_BATCH);
  return (await db.delete(email).where(inArray(email.id, old)).returning({ id: email.id })).length;
}

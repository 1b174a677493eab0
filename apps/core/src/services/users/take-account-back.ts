import { and, eq, ne } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { type EndedSessions, endSessions } from "./end-sessions.ts";
import { account, twoFactor, user } from "./tables.ts";

/**
 * Ends all sessions of whoever has chosen a new password by a mail. The mail proves the address: it is confirmed by that, and where it
 * was not before, anybody may have made the account, so what opens it beside the new password goes (providers) and what would keep its
 * owner out (a second factor) as well.
 */
export async function takeAccountBack(tx: Transaction, userId: string): Promise<EndedSessions> {
  const confirmed = await tx
    .update(user)
    .set({ emailVerified: true })
    .where(and(eq(user.id, userId), eq(user.emailVerified, false)))
    .returning({ id: user.id });
  if (confirmed.length > 0) await dropUnproven(tx, userId);
  return endSessions(tx, userId);
}

async function dropUnproven(tx: Transaction, userId: string): Promise<void> {
  await tx.delete(account).where(and(eq(account.userId, userId), ne(account.providerId, "credential")));
  await dropSecondFactor(tx, userId);
}

/** Takes away what a person is asked for at the shop's door beside the password. */
export async function dropSecondFactor(tx: Transaction, userId: string): Promise<void> {
  await tx.delete(twoFactor).where(eq(twoFactor.userId, userId));
  await tx.update(user).set({ twoFactorEnabled: false }).where(eq(user.id, userId));
}

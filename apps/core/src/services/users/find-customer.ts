import type { CustomerId } from "@stoa/kernel";
import { desc, eq } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import type { CustomerActor } from "../../platform/rpc/index.ts";
import { account, customer, session, user } from "./tables.ts";

const SESSIONS_MAX = 1_000;

/** A customer as they would call themselves, for staff who do something for them; null for one without an account. */
export async function findCustomer(db: Database, customerId: CustomerId): Promise<CustomerActor | null> {
  const [row] = await db
    .select({ userId: user.id, email: user.email, emailVerified: user.emailVerified })
    .from(user)
    .where(eq(user.customerId, customerId));
  return row ? { kind: "customer", customerId, ...row } : null;
}

/** Whether there was ever such a customer, erased or without an account though they may be. */
export async function isKnownCustomer(db: Database, customerId: CustomerId): Promise<boolean> {
  return (await db.$count(customer, eq(customer.id, customerId))) > 0;
}

/** From where somebody is signed in, and by what they can sign in. */
export async function accessOf(db: Database, userId: string) {
  const sessions = await db
    .select({ ipAddress: session.ipAddress, userAgent: session.userAgent, createdAt: session.createdAt })
    .from(session)
    .where(eq(session.userId, userId))
    .orderBy(desc(session.createdAt))
    .limit(SESSIONS_MAX);
  const ways = await db.select({ provider: account.providerId }).from(account).where(eq(account.userId, userId));
  return {
    sessions: sessions.map(({ createdAt, ...row }) => ({ ...row, createdAt: createdAt.toISOString() })),
    signInBy: ways.map((way) => way.provider).sort(),
  };
}

import type { CustomerId, Instant } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { type EndedSessions, endSessions } from "./end-sessions.ts";
import { address, customer, customerGroupMember, staffMember, user } from "./tables.ts";

export interface EraseCustomer {
  readonly customerId: CustomerId;
  /** None when the account has gone before. */
  readonly userId: string | null;
}

/**
 * Forgets a person: their account, sessions, addresses and groups go, the customer stays as an empty shell for the orders that name it.
 * Somebody who is staff too keeps the account. Once more, it takes what has come since. Answers the sessions whose copies have to go from Redis.
 */
export async function eraseCustomer(
  tx: Transaction,
  now: Instant,
  input: EraseCustomer,
): Promise<EndedSessions | null> {
  const { customerId, userId } = input;
  await tx
    .update(customer)
    .set({
      email: "",
      name: "",
      phone: null,
      company: null,
      acceptsMarketing: false,
      customFields: {},
      erasedAt: now,
      updatedAt: now,
    })
    .where(eq(customer.id, customerId));
  await tx.delete(customerGroupMember).where(eq(customerGroupMember.customerId, customerId));
  await tx.delete(address).where(eq(address.customerId, customerId));
  if (userId === null) return null;
  const ended = await endSessions(tx, userId);
  const [staff] = await tx.select({ id: staffMember.id }).from(staffMember).where(eq(staffMember.userId, userId));
  if (staff) await tx.update(user).set({ customerId: null }).where(eq(user.id, userId));
  else await tx.delete(user).where(eq(user.id, userId));
  return ended;
}

import { createHash, timingSafeEqual } from "node:crypto";
import { problem } from "@stoa/kernel";
import type { StoredOrder } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import type { OrdersDeps } from "./deps.ts";
import { orderAccessToken } from "./order-token.ts";
import { readOrder } from "./queries.ts";
import { order } from "./tables.ts";

export interface OrderLookup {
  readonly number: string;
  /** Upper and lower case are one. */
  readonly email: string;
}

export interface FoundOrder {
  readonly order: StoredOrder;
  /** The one that checkout gave. */
  readonly accessToken: string;
}

/**
 * A guest's order by what its confirmation told them. An order of an account is behind that account's sign-in, and so is not found.
 * A number that does not exist costs one look and one comparison, as a wrong e-mail does, and both are refused in the same words.
 * @throws problem `not_found`.
 */
export async function lookUpOrder(deps: OrdersDeps, { number, email }: OrderLookup): Promise<FoundOrder> {
  const [row] = await deps.db
    .select({ id: order.id, email: order.email, customerId: order.customerId })
    .from(order)
    .where(eq(order.number, number));
  // An erased person's e-mail is empty, which no request can be.
  const isTheirs = isSameEmail(row?.email ?? "", email);
  if (!row || row.customerId !== null || !isTheirs) throw problem("not_found");
  return {
    order: await readOrder(deps.db, row.id),
    accessToken: orderAccessToken(deps.orderTokenSecret, row.id),
  };
}

/** Compared as digests in constant time, so that the time tells nothing of how much was right. */
function isSameEmail(stored: string, asked: string): boolean {
  const digest = (email: string) => createHash("sha256").update(email.trim().toLowerCase()).digest();
  return timingSafeEqual(digest(stored), digest(asked));
}

import type { Clock } from "@stoa/kernel";
import { and, inArray, isNull, sql } from "drizzle-orm";
import { type Database, transact } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import type { CustomerActor } from "../../platform/rpc/index.ts";
import { orderChanged } from "./messages.ts";
import { order } from "./tables.ts";

/** More than anybody has placed as a guest; what is left over is joined the next time. */
const JOINED_AT_ONCE_MAX = 500;

/**
 * Gives a customer the orders that were placed as a guest with their address, once they have confirmed that it is theirs. Answers how
 * many. It is done whenever they look at their orders, so a confirmation that nobody heard of loses nothing.
 */
export async function joinGuestOrders(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  actor: CustomerActor,
): Promise<number> {
  if (!actor.emailVerified || actor.email === "") return 0;
  const isTheirs = and(isNull(order.customerId), sql`lower(${order.email}) = lower(${actor.email})`);
  const [some] = await db.select({ id: order.id }).from(order).where(isTheirs).limit(1);
  if (!some) return 0;
  const now = clock.now();
  return transact(db, async (tx) => {
    const found = await tx.select({ id: order.id }).from(order).where(isTheirs).limit(JOINED_AT_ONCE_MAX);
    const joined = await tx
      .update(order)
      .set({ customerId: actor.customerId, version: sql`${order.version} + 1`, updatedAt: now })
      .where(
        and(
          inArray(
            order.id,
            found.map((row) => row.id),
          ),
          isTheirs,
        ),
      )
      .returning({ id: order.id });
    await enqueue(
      tx,
      now,
      joined.map(({ id }) => orderChanged.of(id, { orderId: id })),
    );
    return joined.length;
  });
}

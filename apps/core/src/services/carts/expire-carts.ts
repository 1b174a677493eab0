import type { Instant } from "@stoa/kernel";
import { and, asc, inArray, lte, ne } from "drizzle-orm";
import { type Database, transact } from "../../platform/db/index.ts";
import { cart } from "./tables.ts";

const BATCH = 500;

/** The sweep: removes carts nobody has touched for their whole life, a batch a call. Answers how many. */
export function expireCarts({ db, now }: { readonly db: Database; readonly now: Instant }): Promise<number> {
  return transact(db, async (tx) => {
    const stale = tx
      .select({ id: cart.id })
      .from(cart)
      .where(and(lte(cart.expiresAt, now), ne(cart.state, "completing")))
      .orderBy(asc(cart.expiresAt))
      .limit(BATCH)
      .for("update", { skipLocked: true });
    const removed = await tx.delete(cart).where(inArray(cart.id, stale)).returning({ id: cart.id });
    return removed.length;
  });
}

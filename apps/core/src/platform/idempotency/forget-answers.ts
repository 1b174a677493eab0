import type { CartId, CustomerId, OrderId } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { inArray, or, sql } from "drizzle-orm";
import type { Redis } from "ioredis";
import type { Transaction } from "../db/index.ts";
import { idempotencyKey } from "../tables.ts";

export interface AnswersOf {
  readonly customerId: CustomerId;
  readonly cartIds: readonly CartId[];
}

/**
 * Forgets what was answered to a person's keyed requests, and about their carts to guests'. No such request can come again that would
 * now be done twice: no token speaks for the person any more. The table holds a day's answers and is read whole.
 */
export async function forgetAnswers(tx: Transaction, { customerId, cartIds }: AnswersOf): Promise<void> {
  const toThem = sql`starts_with(${idempotencyKey.scope}, ${`${customerId}:`})`;
  const ofTheirCarts = inArray(sql`${idempotencyKey.answer} #>> '{value,id}'`, [...cartIds]);
  await tx.delete(idempotencyKey).where(or(toThem, ofTheirCarts));
}

/** The same of what edge has kept, by whom or what it was kept for. After the commit. */
export async function forgetAnswersAtEdge(
  redis: Redis,
  owners: readonly (CustomerId | CartId | OrderId)[],
): Promise<void> {
  for (const owner of owners) {
    const list = keys.answersOf(owner);
    const kept = await redis.zrange(list, "0", "-1");
    await Promise.all([...kept, list].map((key) => redis.del(key)));
  }
}

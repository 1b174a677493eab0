import type { OrderId } from "@stoa/kernel";
import { and, eq, sql } from "drizzle-orm";
import { allocateHold } from "../inventory/index.ts";
import type { ActContext } from "./deps.ts";
import { orderChange } from "./tables.ts";

/**
 * Units that edits have put into a confirmed order become its own, where what follows from the edit has not come to that yet. To be
 * called before units of an order leave or are given back: what is not allocated would count as something that has no stock.
 */
export async function allocateEdits({ tx, now }: Pick<ActContext, "tx" | "now">, orderId: OrderId): Promise<void> {
  const edits = await tx
    .select({ holder: orderChange.holder })
    .from(orderChange)
    .where(
      and(
        eq(orderChange.orderId, orderId),
        eq(orderChange.state, "applied"),
        sql`jsonb_array_length(${orderChange.added}) > 0`,
      ),
    );
  for (const { holder } of edits) await allocateHold({ tx, now }, { orderId, holder });
}

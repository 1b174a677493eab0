import { type OrderId, problem } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { orderLine } from "./tables.ts";

/** How a line's counters change; what is left out stays. `refunded` and `setOff` count minor units of money, the others units of goods. */
export interface CounterChange {
  readonly position: number;
  readonly fulfilled?: number;
  readonly shipped?: number;
  readonly cancelled?: number;
  readonly returnRequested?: number;
  readonly returned?: number;
  readonly writtenOff?: number;
  readonly refunded?: number;
  readonly setOff?: number;
}

/**
 * Counts units on an order's lines, each once in the list. All or none: what the counters do not allow, such as more units shipped
 * than packed, is refused in the statement itself.
 * @throws problem `state_conflict`.
 */
export async function countUnits(tx: Transaction, orderId: OrderId, changes: readonly CounterChange[]): Promise<void> {
  if (changes.length === 0) return;
  const rows = JSON.stringify(changes);
  const counted = await tx.execute(sql`
    with change as (
      select position, coalesce(fulfilled, 0) as fulfilled, coalesce(shipped, 0) as shipped, coalesce(cancelled, 0) as cancelled,
        coalesce("returnRequested", 0) as return_requested, coalesce(returned, 0) as returned,
        coalesce("writtenOff", 0) as written_off, coalesce(refunded, 0) as refunded,
        coalesce("setOff", 0) as set_off
      from jsonb_to_recordset(${rows}::jsonb) as c(position int, fulfilled int, shipped int, cancelled int,
        "returnRequested" int, returned int, "writtenOff" int, refunded bigint, "setOff" bigint)
    )
    update orders.order_line l
    set fulfilled = l.fulfilled + c.fulfilled, shipped = l.shipped + c.shipped, cancelled = l.cancelled + c.cancelled,
      return_requested = l.return_requested + c.return_requested, returned = l.returned + c.returned,
      written_off = l.written_off + c.written_off, refunded = l.refunded + c.refunded,
      set_off = l.set_off + c.set_off
    from change c
    where l.order_id = ${sql.param(orderId, orderLine.orderId)} and l.position = c.position
      and l.cancelled + c.cancelled >= 0
      and l.fulfilled + c.fulfilled + l.cancelled + c.cancelled <= l.quantity
      and l.shipped + c.shipped between 0 and l.fulfilled + c.fulfilled
      and l.return_requested + c.return_requested >= 0
      and l.returned + c.returned >= 0
      and l.returned + c.returned + l.return_requested + c.return_requested <= l.shipped + c.shipped
      and l.written_off + c.written_off between 0 and l.returned + c.returned
      and l.refunded + c.refunded >= 0
    returning l.position`);
  if (counted.length < changes.length) {
    throw problem("state_conflict", { detail: "The order's lines have fewer units left for this." });
  }
}

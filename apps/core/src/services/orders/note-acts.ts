import type { Instant, OrderId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import type { EndedAct } from "../payments/index.ts";
import type { OrderEventType } from "./order.ts";
import { noteInTimeline } from "./timeline.ts";

/** What staff did with an order's money stands in its timeline as theirs, whoever has ended it. The order's row is locked. */
export async function noteActs(
  tx: Transaction,
  now: Instant,
  orderId: OrderId,
  ended: readonly EndedAct[],
): Promise<void> {
  // One act may end with several of an order's payments.
  const acts = new Map(ended.map((act) => [`${act.type} ${act.by.id}`, act]));
  for (const { type, by } of acts.values()) {
    await noteInTimeline(tx, now, { orderId, actor: by, entries: [{ type: timelineOf[type] }] });
  }
}

const timelineOf: Record<EndedAct["type"], OrderEventType> = { captured: "payment_captured", voided: "payment_voided" };

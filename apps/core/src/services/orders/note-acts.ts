import type { Instant, OrderId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import type { EndedAct } from "../payments/index.ts";
import { isStillConfirmed } from "./queries.ts";
import { noteInTimeline, type TimelineEntry } from "./timeline.ts";

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
    // Of an order that takes no more money it is no news that none is held for it any more.
    if (type === "lapsed" && !(await isStillConfirmed(tx, orderId))) continue;
    await noteInTimeline(tx, now, { orderId, actor: by, entries: [timelineOf[type]] });
  }
}

const timelineOf: Record<EndedAct["type"], TimelineEntry> = {
  captured: { type: "payment_captured" },
  voided: { type: "payment_voided" },
  lapsed: { type: "payment_voided", detail: "The hold on the money has ended." },
};

import { createAuthorization } from "./authorizations.ts";
import { createCapture } from "./captures.ts";
import { unprocessable } from "./errors.ts";
import type { Intent, Order } from "./objects.ts";
import { approvalLink, findOrder, showOrder } from "./orders.ts";
import { type Turn, timestamp } from "./turn.ts";

/** Authorises or captures every purchase unit of an order that its payer has approved. */
export function completeOrder(turn: Turn, id: string, intent: Intent): Order {
  const order = findOrder(turn, id);
  const { view, hidden } = order;
  if (view.intent !== intent) throw unprocessable("ACTION_DOES_NOT_MATCH_INTENT");
  if (view.status === "COMPLETED") {
    throw unprocessable(intent === "CAPTURE" ? "ORDER_ALREADY_CAPTURED" : "ORDER_ALREADY_AUTHORIZED");
  }
  if (view.status !== "APPROVED") throw unprocessable("ORDER_NOT_APPROVED");
  // The payer is sent to the approval page again, to choose another way to pay.
  if (hidden.declines) throw unprocessable("INSTRUMENT_DECLINED", undefined, [approvalLink(turn, id, "redirect")]);
  view.status = "COMPLETED";
  view.update_time = timestamp(turn.nowMs);
  turn.orders.save(order);
  for (const [unit, purchase] of view.purchase_units.entries()) {
    if (intent === "AUTHORIZE") createAuthorization(turn, view, unit);
    else createCapture(turn, { order: view, unit, amount: purchase.amount, final: true });
  }
  return showOrder(turn, view);
}

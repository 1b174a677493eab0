import { type Instant, type OrderId, problemCodes } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import type { Failure } from "../../platform/saga/index.ts";
import { moveOrder } from "./move-order.ts";
import type { StoredRefusal } from "./tables.ts";
import { checkoutActor, noteInTimeline } from "./timeline.ts";

/** The refusal as the order keeps it: what the shopper reads, and what the problem body carries beside it. */
export function refusalOfFailure({ code, members }: Failure): StoredRefusal {
  const { detail, errors: _errors, retryAfterSeconds: _retry, ...extensions } = members;
  const words = detail ?? problemCodes[code].title;
  return Object.keys(extensions).length > 0 ? { code, detail: words, extensions } : { code, detail: words };
}

/** Ends a pending order. Doing it twice, or to an order that has left `pending`, changes nothing. */
export async function refuseOrder(
  tx: Transaction,
  now: Instant,
  input: { readonly orderId: OrderId; readonly failure: Failure },
): Promise<void> {
  const refusal = refusalOfFailure(input.failure);
  const moved = await moveOrder(tx, now, { orderId: input.orderId, to: "refused", refusal });
  if (!moved) return;
  const entries = [{ type: "refused", detail: refusal.detail }] as const;
  await noteInTimeline(tx, now, { orderId: input.orderId, actor: checkoutActor, entries });
}

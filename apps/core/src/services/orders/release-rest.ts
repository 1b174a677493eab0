import type { Instant, OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { done, type Outcome, type RemoteCall } from "../../platform/saga/index.ts";
import {
  creditsLeft,
  type PaymentVerbs,
  type PreparedRelease,
  paymentOfOrder,
  type ReleasedAttempt,
} from "../payments/index.ts";
import { paidForKept } from "./line-money.ts";
import { linesOf } from "./lock-order.ts";
import { order } from "./tables.ts";
import { afterSaleActor, noteInTimeline, touchOrder } from "./timeline.ts";

type Release = RemoteCall<OfOrder, readonly PreparedRelease[] | null, readonly ReleasedAttempt[] | null, Outcome<null>>;

interface OfOrder {
  readonly now: Instant;
  readonly input: { readonly orderId: OrderId };
}

/**
 * Once nothing of an order is left to ship and all that has left is paid, lets go of what is still held: it was for units that were
 * cancelled. Whichever saga sees this last does it; the others find nothing to do.
 */
export function releaseRest({ voidAuthorization }: PaymentVerbs): Release {
  return {
    prepare: async ({ tx, now, input: { orderId } }) =>
      (await isRestUnwanted(tx, orderId))
        ? voidAuthorization.prepare({ tx, now }, { orderId, keepsCaptured: true })
        : null,
    call: async ({ prepared }) => (prepared === null ? null : voidAuthorization.call(prepared)),
    async settle({ tx, now, prepared, result, input: { orderId } }) {
      if (prepared === null || result === null) return done(null);
      await voidAuthorization.settle({ tx, now }, prepared, result);
      await touchOrder(tx, now, orderId);
      const entries = [{ type: "payment_voided", detail: "What was cancelled is not taken." }] as const;
      await noteInTimeline(tx, now, { orderId, actor: afterSaleActor, entries });
      return done(null);
    },
  };
}

async function isRestUnwanted(tx: Transaction, orderId: OrderId): Promise<boolean> {
  const [row] = await tx.select().from(order).where(eq(order.id, orderId)).for("update");
  const payment = await paymentOfOrder(tx, orderId);
  if (row?.state !== "completed" || !payment || payment.heldAmount === 0) return false;
  const kept = paidForKept(await linesOf(tx, orderId), row.currency);
  return payment.capturedAmount >= kept - ((await creditsLeft(tx, orderId))?.paid ?? 0);
}

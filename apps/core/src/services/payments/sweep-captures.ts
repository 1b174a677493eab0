import { type Instant, money, type OrderId } from "@stoa/kernel";
import { and, asc, eq, inArray, isNotNull, lte, ne } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { announceNews } from "./announce-news.ts";
import type { PaymentEventDeps } from "./attempt.ts";
import { createCaptureOrder } from "./capture-order.ts";
import { perform } from "./perform.ts";
import type { PaymentSweep } from "./sweep-payments.ts";
import { payment } from "./tables.ts";

const SWEEP_BATCH = 20;
/** Whoever began a capture takes it up first, and the provider's own news. */
const GRACE_MS = 15 * 60 * 1_000;

/** Of a payment that has let go of all it held nothing can be taken any more, whatever was begun. */
const isUnderWay = and(isNotNull(payment.captureTo), inArray(payment.state, ["authorized", "captured"]));

/** Whether part of an order's money is being taken right now, or a capture's end has not been heard. */
export async function isBeingCaptured(tx: Transaction, orderId: OrderId): Promise<boolean> {
  const [row] = await tx
    .select({ id: payment.id })
    .from(payment)
    .where(and(eq(payment.orderId, orderId), isUnderWay))
    .limit(1);
  return row !== undefined;
}

/** Takes up captures that somebody began and nobody ended, such as those of staff whose process died: by the same keys, so once. */
export async function sweepCaptures(deps: PaymentEventDeps): Promise<PaymentSweep> {
  const before = (deps.clock.now() - GRACE_MS) as Instant;
  const due = await deps.db
    .select()
    .from(payment)
    .where(and(isUnderWay, lte(payment.updatedAt, before), ne(payment.provider, "manual")))
    .orderBy(asc(payment.updatedAt))
    .limit(SWEEP_BATCH);
  const failed: PaymentSweep["failed"][number][] = [];
  for (const row of due) {
    const { id: only, orderId, currency } = row;
    try {
      await perform(deps, {
        verb: createCaptureOrder(deps),
        context: (base) => base,
        input: { orderId, only, amount: money(0, currency), cause: `taken up/${only}` },
        settled: (context, { ended }) => announceNews(deps, context, row, { ended }),
      });
    } catch (error) {
      failed.push({ orderId, error });
    }
  }
  return { done: due.length - failed.length, failed };
}

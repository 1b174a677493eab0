import { type Currency, type Instant, money, type OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { done, type Outcome, type RemoteCall, refused, waiting } from "../../platform/saga/index.ts";
import type { PaymentVerbs, PreparedRefund } from "../payments/index.ts";
import { orderRefunded } from "./messages.ts";
import { isStillConfirmed } from "./queries.ts";
import { order } from "./tables.ts";
import { afterSaleActor, noteInTimeline, touchOrder } from "./timeline.ts";

interface Turn {
  readonly tx: Transaction;
  readonly now: Instant;
}

/** A refund that a saga gives; the cause names it everywhere. */
export interface RefundOfSaga {
  readonly orderId: OrderId;
  readonly currency: Currency;
  /** Minor units; of 0 nothing is given. */
  readonly amount: number;
  /** Such as `return/<id>`. */
  readonly cause: string;
  readonly reason: string;
  /** Only what exchanged goods have paid; also of an order that was cancelled, for nothing else gives that back. */
  readonly only?: "exchange";
}

export interface RefundCall<C> {
  readonly of: (context: C) => RefundOfSaga;
  /** What else is written down once all of the money is back. The order's row is locked. */
  readonly refunded: (turn: Turn, context: C) => Promise<void>;
}

type Reports = Awaited<ReturnType<PaymentVerbs["refundOrder"]["call"]>>;

/**
 * Gives money back, and ends in the timeline and announced once, or shown as stuck with the provider's word for why; tried again, it
 * goes on with what is missing. Nothing is given for an order that was cancelled as a whole meanwhile, because that gives back all
 * there is.
 */
export function refundCall<C extends { readonly now: Instant }>(
  { refundOrder }: PaymentVerbs,
  { of, refunded }: RefundCall<C>,
): RemoteCall<C, PreparedRefund | null, Reports | null, Outcome<null>> {
  return {
    async prepare(context) {
      const { orderId, currency, amount, cause, reason, only } = of(context);
      const isDue = only === "exchange" || (await isStillConfirmed(context.tx, orderId));
      if (amount === 0 || !isDue) return null;
      const asked = { orderId, amount: money(amount, currency), reason, cause, only };
      return refundOrder.prepare({ tx: context.tx, now: context.now }, asked);
    },
    call: async ({ prepared }) => (prepared === null ? null : refundOrder.call(prepared)),
    async settle(context) {
      const { tx, now, prepared, result } = context;
      if (prepared === null || result === null) return done(null);
      const { orderId } = of(context);
      const { kind, until, code, refundId, besides } = await refundOrder.settle({ tx, now }, prepared, result);
      if (kind === "pending") return waiting(until ?? now);
      await touchOrder(tx, now, orderId);
      if (kind === "failed") return showFailure({ tx, now }, orderId, code);
      await refunded({ tx, now }, context);
      await noteInTimeline(tx, now, {
        orderId,
        actor: afterSaleActor,
        entries: [{ type: "payment_refunded" }],
        announce: [orderRefunded.of(orderId, { orderId, refundId })],
      });
      await noteBesides({ tx, now }, orderId, besides);
      return done(null);
    },
  };
}

/** Orders whose goods had paid for this one: the money came from their payments. */
async function noteBesides({ tx, now }: Turn, orderId: OrderId, besides: readonly OrderId[]): Promise<void> {
  if (besides.length === 0) return;
  const [row] = await tx.select({ number: order.number }).from(order).where(eq(order.id, orderId));
  for (const beside of besides) {
    await touchOrder(tx, now, beside);
    const entries = [{ type: "payment_refunded", detail: `for order ${row?.number}` }] as const;
    await noteInTimeline(tx, now, { orderId: beside, actor: afterSaleActor, entries });
  }
}

async function showFailure({ tx, now }: Turn, orderId: OrderId, code: string | null): Promise<Outcome<never>> {
  await noteInTimeline(tx, now, { orderId, actor: afterSaleActor, entries: [{ type: "refund_failed", detail: code }] });
  return refused("state_conflict", { detail: `The provider will not refund: ${code}` });
}

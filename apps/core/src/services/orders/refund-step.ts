import { type Currency, type Instant, type Money, money, type OrderId, toDecimal } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import { done, type Outcome, type RemoteCall, refused, waiting } from "../../platform/saga/index.ts";
import { leftToRefund, type PaymentVerbs, type PreparedRefund, refundOfCause } from "../payments/index.ts";
import { orderRefunded } from "./messages.ts";
import { noteBesides } from "./note-besides.ts";
import { isStillConfirmed } from "./queries.ts";
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
  /**
   * What else is written down once the money is back: as much of it as was left when its turn came, in minor units. The order's row is
   * locked.
   */
  readonly refunded: (turn: Turn, context: C, given: number) => Promise<void>;
}

/** All of it was given back in another way before its turn came. */
const nothingLeft = "nothing_left";
type Prepared = PreparedRefund | typeof nothingLeft | null;

type Reports = Awaited<ReturnType<PaymentVerbs["refundOrder"]["call"]>>;

/**
 * Gives money back, and ends in the timeline and announced once, or shown as stuck with the provider's word for why; tried again, it
 * goes on with what is missing. Should somebody have given money back by hand since it was decided, or since the provider refused it, it
 * is what is left, and the timeline says so. Nothing is given for an order that was cancelled as a whole meanwhile, because that gives back all there is.
 */
export function refundCall<C extends { readonly now: Instant }>(
  { refundOrder }: PaymentVerbs,
  { of, refunded }: RefundCall<C>,
): RemoteCall<C, Prepared, Reports | null, Outcome<null>> {
  return {
    async prepare(context) {
      const { tx, now } = context;
      const { orderId, currency, amount, cause, reason, only } = of(context);
      const isDue = only === "exchange" || (await isStillConfirmed(tx, orderId));
      if (amount === 0 || !isDue) return null;
      // Once it has been asked for, the amount is promised to it and to nobody else; until a provider refuses it.
      const asked = await refundOfCause(tx, cause);
      const isNothingLeft = asked === null ? (await leftToRefund(tx, orderId, only)) === 0 : asked.amount === 0;
      if (isNothingLeft) return nothingLeft;
      const due = { amount: asked ?? money(amount, currency), settlesForLess: true };
      return refundOrder.prepare({ tx, now }, { orderId, reason, cause, only, ...due });
    },
    call: async ({ prepared }) => (prepared === null || prepared === nothingLeft ? null : refundOrder.call(prepared)),
    async settle(context) {
      const { tx, now, prepared, result } = context;
      if (prepared === null) return done(null);
      const meant = of(context);
      const { orderId } = meant;
      const isOver = prepared === nothingLeft || result === null;
      const end = isOver ? null : await refundOrder.settle({ tx, now }, prepared, result);
      if (end?.kind === "pending") return waiting(end.until ?? now, "refund");
      await touchOrder(tx, now, orderId);
      if (end?.kind === "failed") return showFailure({ tx, now }, orderId, end.code);
      const given = end?.refunded.amount ?? 0;
      await refunded({ tx, now }, context, given);
      await noteInTimeline(tx, now, {
        orderId,
        actor: afterSaleActor,
        entries: [{ type: "payment_refunded", detail: wordsFor(meant, given) }],
        announce: end && given > 0 ? [orderRefunded.of(orderId, { orderId, refundId: end.refundId })] : [],
      });
      await noteBesides(tx, now, { orderId, besides: end?.besides ?? [], actor: afterSaleActor });
      return done(null);
    },
  };
}

/** Nothing to say when all of it was given. */
function wordsFor({ amount, currency }: RefundOfSaga, given: number): string | null {
  if (given === amount) return null;
  const words = (value: Money) => `${toDecimal(value)} ${currency}`;
  return `${words(money(given, currency))} of ${words(money(amount, currency))}: no more was left, the rest went back before.`;
}

async function showFailure({ tx, now }: Turn, orderId: OrderId, code: string | null): Promise<Outcome<never>> {
  await noteInTimeline(tx, now, { orderId, actor: afterSaleActor, entries: [{ type: "refund_failed", detail: code }] });
  return refused("state_conflict", { detail: `The provider will not refund: ${code}` });
}

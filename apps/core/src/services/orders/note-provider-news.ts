import { type Instant, type OrderId, problem } from "@stoa/kernel";
import type { OrderState } from "@stoa/read-models";
import { inArray } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import { describeActor } from "../../platform/rpc/index.ts";
import { wakeSaga } from "../../platform/saga/index.ts";
import {
  type EndedAct,
  type FactType,
  type OrderFate,
  type PaymentRequest,
  type RefundByHand,
  takeRefundsByHand,
} from "../payments/index.ts";
import { applyPaidChange } from "./apply-change.ts";
import { CANCEL_ORDER } from "./cancel-order.saga.ts";
import { orderChanged, orderRefunded, orderRevalued } from "./messages.ts";
import { noteActs } from "./note-acts.ts";
import { noteBesides } from "./note-besides.ts";
import type { OrderEventType } from "./order.ts";
import { PLACE_ORDER } from "./place-order.saga.ts";
import { isStillConfirmed } from "./queries.ts";
import { order } from "./tables.ts";
import { noteInTimeline, touchOrder } from "./timeline.ts";

export interface ProviderNews {
  readonly orderId: OrderId;
  readonly told: readonly FactType[];
  /** What somebody had begun by hand and has come to its end. */
  readonly ended: readonly EndedAct[];
}

/**
 * A payment provider has told something about an order's payment, or what staff did with it by hand has ended: a checkout or a
 * cancellation that waits for it goes on, and the order's view is written again. Harmless when it was news to nobody.
 */
export async function noteProviderNews(tx: Transaction, now: Instant, news: ProviderNews): Promise<void> {
  const { orderId, told, ended } = news;
  await touchOrder(tx, now, orderId);
  await wakeSaga(tx, now, PLACE_ORDER, orderId);
  await wakeSaga(tx, now, CANCEL_ORDER, orderId);
  const refunds = told.some((fact) => isAboutRefunds.has(fact)) ? await takeRefundsByHand({ tx, now }, orderId) : [];
  const announce = [
    ...(told.includes("refunded") ? [orderRevalued.of(orderId, { orderId })] : []),
    ...refunds.flatMap(({ refundId, end }) =>
      end === "refunded" ? [orderRefunded.of(orderId, { orderId, refundId })] : [],
    ),
  ];
  await enqueue(tx, now, [...announce, orderChanged.of(orderId, { orderId })]);
  const entries = told.flatMap((fact) => (timelineOf[fact] ? [{ type: timelineOf[fact] }] : []));
  if (entries.length > 0) await noteInTimeline(tx, now, { orderId, actor: providerActor, entries });
  await noteActs(tx, now, orderId, ended);
  for (const { end, by, besides } of refunds) {
    const actor = by ?? providerActor;
    await noteInTimeline(tx, now, { orderId, actor, entries: [{ type: timelineOfRefund[end] }] });
    await noteBesides(tx, now, { orderId, besides, actor });
  }
}

/** News that no act of ours tells of. */
const timelineOf: Partial<Record<FactType, OrderEventType>> = {
  disputed: "payment_disputed",
  dispute_won: "dispute_won",
  dispute_lost: "dispute_lost",
};

const providerActor = describeActor({ kind: "system", name: "payment provider" });

const isAboutRefunds: ReadonlySet<FactType> = new Set(["refunded", "refund_failed"]);
const timelineOfRefund: Record<RefundByHand["end"], OrderEventType> = {
  refunded: "payment_refunded",
  refund_failed: "refund_failed",
};

/** What orders make of their money, for the sweep that looks for money which nobody wants. */
export async function fatesOfOrders(db: Database, ids: readonly OrderId[]): Promise<Map<OrderId, OrderFate>> {
  const rows = await db
    .select({ id: order.id, state: order.state })
    .from(order)
    .where(inArray(order.id, [...ids]));
  return new Map(rows.map(({ id, state }) => [id, fateOf[state]]));
}

const fateOf: Record<OrderState, OrderFate> = {
  pending: "undecided",
  on_hold: "undecided",
  confirmed: "wanted",
  completed: "wanted",
  refused: "unwanted",
  cancelled: "unwanted",
};

/** Money that was asked for beside the checkout is held. A problem thrown here lets it go again. */
export async function noteRequestPaid(tx: Transaction, now: Instant, request: PaymentRequest): Promise<void> {
  const { orderId } = request;
  if (await applyPaidChange({ tx, now }, request)) return;
  if (!(await isStillConfirmed(tx, orderId))) {
    throw problem("state_conflict", { detail: "The order takes no more payments." });
  }
  await touchOrder(tx, now, orderId);
  await enqueue(tx, now, [orderChanged.of(orderId, { orderId })]);
}

import { type Clock, idSchema } from "@stoa/kernel";
import { z } from "zod";
import type { Database } from "../platform/db/index.ts";
import { type AccountNotice, type MailNudge, type OrderMail, queueMail, type RequestMail } from "./queue-mail.ts";

export interface ConsumersDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly nudge: MailNudge;
}

export interface MailDelivery {
  readonly id: string;
  readonly payload: unknown;
}

const orderId = idSchema("ord");
const ref = z.string().min(1).max(100);

/** Stages of a return that a shopper is written about; the others say nothing new to them. */
const RETURN_STATES_TOLD: readonly string[] = [
  "requested",
  "approved",
  "received",
  "rejected",
  "refunded",
  "exchanged",
];

/**
 * Which message owes which mail. The cause is the fact itself where it has an id of its own, so that a message that is
 * delivered, or replayed, once more owes nothing more.
 */
const mails: Readonly<Record<string, (delivery: MailDelivery) => OrderMail | RequestMail | AccountNotice | null>> = {
  "order.confirmed"({ payload }) {
    const message = z.object({ orderId }).parse(payload);
    return { kind: "order_placed", cause: message.orderId, orderId: message.orderId };
  },
  "order.shipped"({ payload }) {
    const message = z.object({ orderId, fulfilmentId: ref }).parse(payload);
    const { fulfilmentId } = message;
    return { kind: "order_shipped", cause: fulfilmentId, orderId: message.orderId, data: { fulfilmentId } };
  },
  "order.cancelled"({ id, payload }) {
    // A message of the release before tells parts that are cancelled one after another apart by nothing but its own id.
    const message = z.object({ orderId, cancellationId: ref.default(id) }).parse(payload);
    return { kind: "order_cancelled", cause: message.cancellationId, orderId: message.orderId };
  },
  "order.refunded"({ payload }) {
    const message = z.object({ orderId, refundId: ref }).parse(payload);
    const { refundId } = message;
    return { kind: "order_refunded", cause: refundId, orderId: message.orderId, data: { refundId } };
  },
  "order.payment_requested"({ payload }) {
    const message = z.object({ orderId: orderId.nullable(), requestId: ref }).parse(payload);
    const { requestId } = message;
    const mail = { kind: "payment_requested", cause: requestId, data: { requestId } } as const;
    return message.orderId === null ? mail : { ...mail, orderId: message.orderId };
  },
  "return.changed"({ payload }) {
    const message = z.object({ orderId, returnId: ref, state: ref }).parse(payload);
    const { returnId, state } = message;
    if (!RETURN_STATES_TOLD.includes(state)) return null;
    const data = { returnId, returnState: state };
    return { kind: "return_changed", cause: `${returnId}:${state}`, orderId: message.orderId, data };
  },
  "staff.second_factor_reset"({ id, payload }) {
    const { userId } = z.object({ userId: ref }).parse(payload);
    return { kind: "second_factor_reset", cause: id, userId };
  },
};

/** A handler for each message that owes a mail; each may be run any number of times. */
export function createMailConsumers(
  deps: ConsumersDeps,
): Readonly<Record<string, (delivery: MailDelivery) => Promise<void>>> {
  const { db, clock, nudge } = deps;
  return Object.fromEntries(
    Object.entries(mails).map(([type, mailOf]) => [
      type,
      async (delivery: MailDelivery) => {
        const mail = mailOf(delivery);
        if (mail) await queueMail({ db, now: clock.now(), nudge }, mail);
      },
    ]),
  );
}

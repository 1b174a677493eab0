import type { Instant, OrderId, PaymentId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import {
  done,
  type Outcome,
  type RemoteCall,
  type RemoteStep,
  refused,
  type StepContext,
  waiting,
} from "../../platform/saga/index.ts";
import { checkoutSetting, readSetting } from "../../platform/settings/index.ts";
import { extendReservation } from "../inventory/index.ts";
import {
  type Authorization,
  declinedWith,
  type PaymentVerbs,
  type PreparedAuthorization,
  type PreparedCapture,
  type PreparedRelease,
  type ProviderReport,
  type ReleasedAttempt,
} from "../payments/index.ts";
import { orderChanged } from "./messages.ts";
import type { PlaceOrder } from "./place-order.saga.ts";
import { isStillConfirmed } from "./queries.ts";
import { lockOrigin } from "./settle-draft.ts";
import { checkoutActor, lastNoted, noteInTimeline, noteWith, touchOrder } from "./timeline.ts";

type Authorize = RemoteStep<
  PlaceOrder,
  unknown,
  { readonly paymentId: PaymentId },
  PreparedAuthorization,
  ProviderReport,
  readonly PreparedRelease[],
  readonly ReleasedAttempt[]
>;

/** The provider holds what gift cards leave of the total, waiting for the shopper where it must; undone, it is let go of. */
export function authorizePlaced({ authorizePayment, voidAuthorization }: PaymentVerbs): Authorize {
  return {
    do: {
      prepare: ({ tx, now, key, deadlineAt, input: { orderId, total, amountDue = total, payment, customerId } }) =>
        authorizePayment.prepare(
          { tx, now, key, deadlineAt },
          { orderId, amount: amountDue, method: payment, customer: customerId === null ? undefined : { customerId } },
        ),
      call: ({ prepared }) => authorizePayment.call(prepared),
      async settle({ tx, now, deadlineAt, input, prepared, result }) {
        const { orderId } = input;
        // Before the payment: once it is authorized, the same transaction settles what the order was made of.
        await lockOrigin(tx, input);
        const authorization = await authorizePayment.settle({ tx, now }, prepared, result);
        if (authorization.kind === "authorized") return done({ paymentId: authorization.paymentId });
        if (authorization.kind === "declined") {
          return refused("payment_declined", declinedWith(authorization.declineCode));
        }
        // The hold lasts as long as the shopper may take to pay.
        if (deadlineAt !== null) await extendReservation({ tx, now }, { holder: orderId, until: deadlineAt });
        await showWaiting(tx, now, orderId, authorization);
        return waiting(authorization.until, authorization.kind === "requires_action" ? "shopper" : "payment");
      },
    },
    undo: {
      prepare: ({ tx, now, input: { orderId } }) => voidAuthorization.prepare({ tx, now }, { orderId }),
      call: ({ prepared }) => voidAuthorization.call(prepared),
      async settle({ tx, now, prepared, result, input: { orderId } }) {
        await voidAuthorization.settle({ tx, now }, prepared, result);
        await touchOrder(tx, now, orderId);
      },
    },
  };
}

type Capture = RemoteCall<
  StepContext<PlaceOrder, { readonly allocated: { readonly isShort: boolean } }>,
  PreparedCapture | null,
  { readonly report: ProviderReport | null } | null,
  Outcome<{ readonly isCaptured: boolean }>
>;

/** What is held is taken at once, unless the shop takes it as parcels leave. */
export function capturePlaced({ capturePayment }: PaymentVerbs): { readonly do: Capture } {
  return {
    do: {
      async prepare({ tx, now, outputs, endedJustNow, input: { orderId, isPaid = false } }) {
        const { capture } = await readSetting(tx, checkoutSetting);
        if (capture === "at_shipment" && !isPaid) return null;
        const isConfirmedHere = endedJustNow("confirmed") && !outputs.allocated.isShort;
        if (!isConfirmedHere && !(await isStillConfirmed(tx, orderId))) return null;
        return capturePayment.prepare({ tx, now }, { orderId, byStaff: isPaid });
      },
      call: async ({ prepared }) => (prepared === null ? null : { report: await capturePayment.call(prepared) }),
      async settle({ tx, now, prepared, result, input: { orderId } }) {
        if (prepared === null || result === null) return done({ isCaptured: false });
        const capture = await capturePayment.settle({ tx, now }, prepared, result.report);
        if (capture.kind === "left_to_staff") return done({ isCaptured: false });
        if (capture.kind === "pending") return waiting(capture.until, "capture");
        if (capture.kind === "captured") {
          const entries = [{ type: "payment_captured" }] as const;
          // Staff may have begun it just before; then it is theirs.
          await noteWith(tx, now, { orderId, actor: capture.ended[0]?.by ?? checkoutActor, entries });
          return done({ isCaptured: true });
        }
        await touchOrder(tx, now, orderId);
        // Cancelled while the capture was on its way: the money has been let go of, as it should be.
        if (!(await isStillConfirmed(tx, orderId))) return done({ isCaptured: false });
        await noteInTimeline(tx, now, {
          orderId,
          actor: checkoutActor,
          entries: [{ type: "payment_failed", detail: capture.code }],
        });
        return refused("state_conflict", { detail: `The provider will not capture: ${capture.code}` });
      },
    },
  };
}

async function showWaiting(
  tx: Transaction,
  now: Instant,
  orderId: OrderId,
  authorization: Extract<Authorization, { kind: "requires_action" | "pending" }>,
): Promise<void> {
  await touchOrder(tx, now, orderId);
  const isAction = authorization.kind === "requires_action";
  const entries = [{ type: isAction ? "payment_requires_action" : "payment_pending" }] as const;
  // The provider is asked again and again while the shopper takes their time, and that is news but once.
  if ((await lastNoted(tx, orderId)) === entries[0].type) {
    return enqueue(tx, now, [orderChanged.of(orderId, { orderId })]);
  }
  await noteInTimeline(tx, now, { orderId, actor: checkoutActor, entries });
}

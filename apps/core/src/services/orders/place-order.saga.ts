import type { CartId, CustomerId, DraftId, Instant, Money, OrderId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import { done, refused, type SagaBuilder, type SagaType, saga, waiting } from "../../platform/saga/index.ts";
import { checkoutSetting, readSetting } from "../../platform/settings/index.ts";
import { giveBackPromotionUsage, lockPromotionsOf, takePromotionUsage } from "../carts/index.ts";
import { commitReservation, extendReservation, lockUnits, releaseReservation } from "../inventory/index.ts";
import {
  type Authorization,
  declinedWith,
  type HeldCredit,
  holdCredits,
  type PaymentMethodChoice,
  type PaymentVerbs,
  redeemCredits,
  releaseCredits,
} from "../payments/index.ts";
import { cancelConfirmed } from "./cancel-confirmed.ts";
import { confirmOrder } from "./confirm-order.ts";
import { handOverHold } from "./draft-stock.ts";
import { orderChanged } from "./messages.ts";
import { emailOfOrder, isStillConfirmed } from "./queries.ts";
import { refuseOrder } from "./refuse-order.ts";
import { completeOrigin, lockOrigin, reopenOrigin } from "./settle-draft.ts";
import { type OrderedPart, reserveUnits } from "./stock-units.ts";
import { checkoutActor, lastNoted, noteInTimeline, noteWith, touchOrder } from "./timeline.ts";

export const PLACE_ORDER = "place-order";

/** What the saga needs to know of the order; fixed when it was written. */
export interface PlaceOrder {
  readonly orderId: OrderId;
  readonly cartId: CartId;
  readonly customerId: CustomerId | null;
  readonly total: Money;
  readonly lines: readonly {
    readonly sku: string;
    readonly quantity: number;
    readonly trackInventory: boolean;
    readonly allowBackorder: boolean;
    readonly parts?: readonly OrderedPart[];
  }[];
  readonly promotionIds: readonly string[];
  /** What gift cards and store credit pay, and what is left for the provider; sagas of an earlier release have neither. */
  readonly credits?: readonly HeldCredit[];
  readonly amountDue?: Money;
  readonly payment: PaymentMethodChoice;
  /** The draft that the order is made of, instead of a cart. */
  readonly draftId?: DraftId;
  /** Staff have seen the money of a manual payment. */
  readonly isPaid?: true;
}

/** How one is started. */
export const PLACE_ORDER_SAGA: SagaType<PlaceOrder> = { type: PLACE_ORDER };

/**
 * The plan, top to bottom. Up to `confirmed` everything can be taken back; behind it everything is retried until done. Units are
 * locked first, promotions next and gift cards last, by whatever goes the other way as well.
 */
export function placeOrderSaga(payments: PaymentVerbs): SagaBuilder<PlaceOrder, unknown> {
  const { authorizePayment, voidAuthorization, capturePayment } = payments;
  return saga<PlaceOrder>(PLACE_ORDER)
    .start("accepted", {
      async undo({ tx, now, input, failure }) {
        await refuseOrder(tx, now, { orderId: input.orderId, failure });
        await reopenOrigin({ tx, now }, input);
      },
    })
    .step("stock", {
      async do({ tx, now, input }) {
        const { reservationTtlSeconds } = await readSetting(tx, checkoutSetting);
        const expiresAt = (now + reservationTtlSeconds * 1_000) as Instant;
        if (input.draftId !== undefined) await handOverHold({ tx, now }, input);
        const { reservationId } = await reserveUnits(
          { tx, now },
          { holder: input.orderId, lines: input.lines, expiresAt },
        );
        return done({ reservationId });
      },
      async undo({ tx, now, input: { orderId } }) {
        await releaseReservation({ tx, now }, { holder: orderId });
      },
    })
    .step("promotions", {
      async do({ tx, now, input: { orderId, customerId, promotionIds } }) {
        if (promotionIds.length === 0) return done(null);
        // The e-mail is read where it can be forgotten; a saga's own rows hold nothing personal.
        const email = await emailOfOrder(tx, orderId);
        await takePromotionUsage({ tx, now }, { orderId, customerId, email, promotionIds });
        return done(null);
      },
      async undo({ tx, now, input: { orderId, promotionIds } }) {
        if (promotionIds.length === 0) return;
        await lockUnits({ tx }, { holder: orderId });
        await giveBackPromotionUsage({ tx, now }, { orderId });
      },
    })
    .step("credit", {
      async do({ tx, now, input: { orderId, customerId, total, credits = [] } }) {
        if (credits.length === 0) return done(null);
        await holdCredits({ tx, now }, { orderId, customerId, currency: total.currency, credits });
        return done(null);
      },
      async undo({ tx, now, input: { orderId, promotionIds, credits = [] } }) {
        if (credits.length === 0) return;
        await lockUnits({ tx }, { holder: orderId });
        if (promotionIds.length > 0) await lockPromotionsOf({ tx }, { orderId });
        await releaseCredits({ tx, now }, { orderId });
      },
    })
    .remote("payment", {
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
    })
    .pivot("confirmed", {
      async do({ tx, now, input }) {
        const { orderId, lines, credits = [] } = input;
        await confirmOrder(tx, now, { orderId, items: lines.map(({ sku, quantity }) => ({ sku, quantity })) });
        if (credits.length > 0) {
          await lockUnits({ tx }, { holder: orderId });
          await redeemCredits({ tx, now }, { orderId });
        }
        await completeOrigin({ tx, now }, input);
        return done(null);
      },
    })
    .step("allocated", {
      async do({ tx, now, input: { orderId } }) {
        const committed = await commitReservation({ tx, now }, { orderId });
        if (committed.kind === "allocated") return done({ isShort: false });
        // The hold had lapsed and the units are sold: the shopper gets the money back at once instead of a late parcel.
        const detail = `Sold out meanwhile: ${committed.items.map((item) => item.sku).join(", ")}`;
        await cancelConfirmed(tx, now, { orderId, actor: checkoutActor, detail });
        return done({ isShort: true });
      },
    })
    .remote("captured", {
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
    });
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

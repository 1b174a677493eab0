import type { CartId, CustomerId, DraftId, Instant, Money, OrderId } from "@stoa/kernel";
import { done, type SagaBuilder, type SagaType, saga } from "../../platform/saga/index.ts";
import { checkoutSetting, readSetting } from "../../platform/settings/index.ts";
import { giveBackPromotionUsage, lockPromotionsOf, takePromotionUsage } from "../carts/index.ts";
import { commitReservation, lockUnits, releaseReservation } from "../inventory/index.ts";
import {
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
import { authorizePlaced, capturePlaced } from "./place-order-payment.ts";
import { emailOfOrder } from "./queries.ts";
import { refuseOrder } from "./refuse-order.ts";
import { completeOrigin, reopenOrigin } from "./settle-draft.ts";
import { type OrderedPart, reserveUnits } from "./stock-units.ts";
import { checkoutActor } from "./timeline.ts";

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
    .remote("payment", authorizePlaced(payments))
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
    .remote("captured", capturePlaced(payments));
}

import type { Instant } from "@stoa/kernel";
import { done, type LocalStep } from "../../platform/saga/index.ts";
import { checkoutSetting, readSetting } from "../../platform/settings/index.ts";
import { giveBackPromotionUsage, lockPromotionsOf, takePromotionUsage } from "../carts/index.ts";
import { commitReservation, lockUnits, releaseReservation } from "../inventory/index.ts";
import { holdCredits, redeemCredits, releaseCredits } from "../payments/index.ts";
import { cancelConfirmed } from "./cancel-confirmed.ts";
import { confirmOrder } from "./confirm-order.ts";
import { handOverHold } from "./draft-stock.ts";
import type { PlaceOrder } from "./place-order.saga.ts";
import { emailOfOrder } from "./queries.ts";
import { refuseOrder } from "./refuse-order.ts";
import { completeOrigin, reopenOrigin } from "./settle-draft.ts";
import { reserveUnits } from "./stock-units.ts";
import { checkoutActor } from "./timeline.ts";

// What the plan of a checkout is made of. Units are locked first, promotions next and gift cards last, by whatever goes the other way as well.

type Step<O> = LocalStep<PlaceOrder, unknown, O>;

/** The order itself was written where the saga was started. */
export const refuse: Required<Pick<Step<null>, "undo">> = {
  async undo({ tx, now, input, failure }) {
    await refuseOrder(tx, now, { orderId: input.orderId, failure });
    await reopenOrigin({ tx, now }, input);
  },
};

export const keepStock: Step<{ readonly reservationId: string }> = {
  async do({ tx, now, input }) {
    const { reservationTtlSeconds } = await readSetting(tx, checkoutSetting);
    const expiresAt = (now + reservationTtlSeconds * 1_000) as Instant;
    if (input.draftId !== undefined) await handOverHold({ tx, now }, input);
    const { reservationId } = await reserveUnits({ tx, now }, { holder: input.orderId, lines: input.lines, expiresAt });
    return done({ reservationId });
  },
  async undo({ tx, now, input: { orderId } }) {
    await releaseReservation({ tx, now }, { holder: orderId });
  },
};

export const usePromotions: Step<null> = {
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
};

export const holdGiftCards: Step<null> = {
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
};

export const confirm: Step<null> = {
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
};

export const allocateStock: Step<{ readonly isShort: boolean }> = {
  async do({ tx, now, input: { orderId } }) {
    const committed = await commitReservation({ tx, now }, { orderId });
    if (committed.kind === "allocated") return done({ isShort: false });
    // The hold had lapsed and the units are sold: the shopper gets the money back at once instead of a late parcel.
    const detail = `Sold out meanwhile: ${committed.items.map((item) => item.sku).join(", ")}`;
    await cancelConfirmed(tx, now, { orderId, actor: checkoutActor, detail });
    return done({ isShort: true });
  },
};

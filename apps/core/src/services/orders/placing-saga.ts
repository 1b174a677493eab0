import type { DraftId, Instant, OrderId } from "@stoa/kernel";
import type { Transaction } from "../../platform/db/index.ts";
import type { StartSaga } from "../../platform/saga/index.ts";
import { checkoutSetting, readSetting } from "../../platform/settings/index.ts";
import type { FrozenCart } from "../carts/index.ts";
import type { PaymentMethodChoice } from "../payments/index.ts";
import { PLACE_ORDER_SAGA, type PlaceOrder } from "./place-order.saga.ts";

export interface Placing {
  readonly cart: FrozenCart;
  readonly orderId: OrderId;
  readonly payment: PaymentMethodChoice;
  readonly draftId?: DraftId;
  readonly isPaid?: true;
}

/** What makes a pending order a confirmed one, with the time in which it has to be paid. */
export async function placingSaga(tx: Transaction, now: Instant, placing: Placing): Promise<StartSaga<PlaceOrder>> {
  const { paymentDeadlineSeconds } = await readSetting(tx, checkoutSetting);
  return {
    saga: PLACE_ORDER_SAGA,
    key: placing.orderId,
    input: sagaInput(placing),
    deadlineAt: (now + paymentDeadlineSeconds * 1_000) as Instant,
  };
}

function sagaInput({ cart, ...placing }: Placing): PlaceOrder {
  return {
    ...placing,
    cartId: cart.cartId,
    customerId: cart.customerId,
    total: cart.totals.total,
    lines: cart.lines.map(({ sku, quantity, trackInventory, allowBackorder, parts }) => ({
      sku,
      quantity,
      trackInventory,
      allowBackorder,
      ...(parts && { parts }),
    })),
    promotionIds: cart.promotions.map((promotion) => promotion.promotionId),
    credits: cart.credits.map(({ credit, amount }) => ({ giftCardId: credit.id, amount: amount.amount })),
    amountDue: cart.amountDue,
  };
}

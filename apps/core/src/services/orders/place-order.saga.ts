import type { CartId, CustomerId, DraftId, Money, OrderId } from "@stoa/kernel";
import { type SagaBuilder, type SagaType, saga } from "../../platform/saga/index.ts";
import type { HeldCredit, PaymentMethodChoice, PaymentVerbs } from "../payments/index.ts";
import { authorizePlaced, capturePlaced } from "./place-order-payment.ts";
import { allocateStock, confirm, holdGiftCards, keepStock, refuse, usePromotions } from "./place-order-steps.ts";
import type { OrderedPart } from "./stock-units.ts";

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

/** The plan, top to bottom. Up to `confirmed` everything can be taken back; behind it everything is retried until done. */
export function placeOrderSaga(payments: PaymentVerbs): SagaBuilder<PlaceOrder, unknown> {
  return saga<PlaceOrder>(PLACE_ORDER)
    .start("accepted", refuse)
    .step("stock", keepStock)
    .step("promotions", usePromotions)
    .step("credit", holdGiftCards)
    .remote("payment", authorizePlaced(payments))
    .pivot("confirmed", confirm)
    .step("allocated", allocateStock)
    .remote("captured", capturePlaced(payments));
}

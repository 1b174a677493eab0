import { type CartId, type Instant, type Money, type OrderId, problem } from "@stoa/kernel";
import { onCommit, type Transaction, transact } from "../../platform/db/index.ts";
import { replayable } from "../../platform/idempotency/index.ts";
import type { ShopActor } from "../../platform/rpc/index.ts";
import { beginSaga, FirstTurnFailed, type SagaCarrier, type StartSaga, startSaga } from "../../platform/saga/index.ts";
import { type CartPatch, type FrozenCart, freezeCart, reopenCart, withQuotes } from "../carts/index.ts";
import { checkPaymentChoice, chosenMethod, type PaymentMethodChoice } from "../payments/index.ts";
import type { OrdersDeps } from "./deps.ts";
import { hashAccessToken, orderAccessToken } from "./order-token.ts";
import type { PlaceOrder } from "./place-order.saga.ts";
import { placingSaga } from "./placing-saga.ts";
import type { StoredRefusal } from "./tables.ts";
import { newOrderId, writeOrder } from "./write-order.ts";

export interface PlaceOrderRequest {
  readonly cartId: CartId;
  readonly payment: PaymentMethodChoice;
  /** What the shopper was shown; another total refuses the order. */
  readonly expectedTotal?: Money | undefined;
  /** What the shopper was told is left to pay once gift cards have paid; another amount refuses the order as well. */
  readonly expectedAmountDue?: Money | undefined;
  /** Any member of a cart's patch, applied before the order is made. */
  readonly patch: CartPatch;
  readonly idempotencyKey: string;
}

export interface PlacedOrder {
  readonly orderId: OrderId;
  /** For guests: what they show to see the order again. */
  readonly accessToken: string | null;
  readonly replayed: boolean;
  /** This process is at work on it, and will have written its view in a moment. */
  readonly isCarried: boolean;
}

/**
 * Turns a cart into an order, once for each idempotency key: prices, promotions, shipping and tax are taken afresh, the order and
 * its saga commit together. What comes of it, the order's view tells.
 * A total other than expected is an order that is refused at once, with the cart open as before.
 * @throws problem `cart_empty`, `email_required`, `shipping_address_required`, `shipping_method_required`, `cart_completed`,
 * `not_found`, `validation_failed`, `idempotency_key_reused`.
 */
export async function placeOrder(deps: OrdersDeps, actor: ShopActor, request: PlaceOrderRequest): Promise<PlacedOrder> {
  const { idempotencyKey: key, ...hashed } = request;
  const scope = `${actor.kind === "customer" ? actor.customerId : "guest"}:orders.place:${request.cartId}`;
  const now = deps.clock.now();
  const newId = newOrderId();
  const place = (start: StartPlacing) =>
    transact(deps.db, (tx) =>
      replayable({ tx, now, scope, key, request: hashed, foreseen: { value: newId } }, async () => {
        await accept(deps, { tx, now, actor, orderId: newId, start }, request);
        return newId;
      }),
    );
  const { value: orderId, replayed, isCarried } = await withQuotes(() => placeAndCarry(deps.carrier, place));
  const accessToken = actor.kind === "guest" ? orderAccessToken(deps.orderTokenSecret, orderId) : null;
  return { orderId, accessToken, replayed, isCarried };
}

/** How the saga of the order is started in the transaction that places it. */
type StartPlacing = (tx: Transaction, now: Instant, start: StartSaga<PlaceOrder>) => Promise<unknown>;

/**
 * With room at the carrier, the saga's first turn (units, promotions, the attempt to be paid) stands in the placing transaction,
 * and what follows is done right after the commit, without a message: of a transaction that is done again, nothing is carried.
 * When that turn fails, nothing of the transaction stands: the order is placed again with its saga merely started, so that the saga
 * refuses it by its own rules.
 */
async function placeAndCarry<T extends object>(
  carrier: SagaCarrier | undefined,
  place: (start: StartPlacing) => Promise<T>,
): Promise<T & { readonly isCarried: boolean }> {
  if (!carrier?.hasRoom) return { ...(await place(startSaga)), isCarried: false };
  const begin: StartPlacing = async (tx, _now, start) => {
    const saga = await beginSaga(carrier.engine, tx, start);
    onCommit(tx, () => carrier.carry(saga));
  };
  const merelyStart: StartPlacing = async (tx, now, start) => {
    const id = await startSaga(tx, now, start);
    onCommit(tx, () => carrier.run(id));
  };
  try {
    return { ...(await place(begin)), isCarried: true };
  } catch (error) {
    if (!(error instanceof FirstTurnFailed)) throw error;
    return { ...(await place(merelyStart)), isCarried: true };
  }
}

interface AcceptContext {
  readonly tx: Transaction;
  readonly now: Instant;
  readonly actor: ShopActor;
  readonly orderId: OrderId;
  readonly start: StartPlacing;
}

async function accept(deps: OrdersDeps, context: AcceptContext, request: PlaceOrderRequest): Promise<void> {
  const { tx, now, actor, orderId, start } = context;
  const { cartId, patch, payment } = request;
  const cart = await freezeCart(deps.carts, { tx, now }, { cartId, actor, orderId, patch });
  await checkPaymentChoice(deps.payments, tx, payment, cart.amountDue);
  await chosenMethod(deps.payments, tx, payment, cart.customerId);
  const refusal = priceChange(cart, request);
  const accessTokenHash = hashAccessToken(orderAccessToken(deps.orderTokenSecret, orderId));
  await writeOrder(tx, now, orderId, { cart, actor, paymentProvider: payment.provider, accessTokenHash, refusal });
  if (refusal) {
    await reopenCart({ tx, now }, { cartId, orderId });
    return;
  }
  await start(tx, now, await placingSaga(tx, now, { cart, orderId, payment }));
}

function priceChange(cart: FrozenCart, request: PlaceOrderRequest): StoredRefusal | null {
  const { totals, amountDue } = cart;
  if (isOther(request.expectedTotal, totals.total)) {
    const detail = "The total has changed since it was shown.";
    return { code: "price_changed", detail, extensions: { totals } };
  }
  if (isOther(request.expectedAmountDue, amountDue)) {
    const detail = "What gift cards leave to pay has changed since it was shown.";
    return { code: "price_changed", detail, extensions: { totals, amountDue } };
  }
  return null;
}

function isOther(expected: Money | undefined, actual: Money): boolean {
  if (expected && expected.currency !== actual.currency) {
    throw problem("currency_mismatch", { detail: `This cart is in ${actual.currency}.` });
  }
  return expected !== undefined && expected.amount !== actual.amount;
}

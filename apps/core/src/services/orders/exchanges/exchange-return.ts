import {
  type DraftId,
  type Instant,
  type Money,
  money,
  newId,
  type OrderId,
  type PaymentRequestId,
  problem,
} from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import type { Transaction } from "../../../platform/db/index.ts";
import { quoteDraft } from "../../carts/index.ts";
import type { ActContext, OrdersDeps } from "../deps.ts";
import { holdForDraft } from "../draft-stock.ts";
import { basketOf, type DraftRow } from "../find-draft.ts";
import { lockOrder } from "../lock-order.ts";
import { orderPaymentRequested } from "../messages.ts";
import type { OrderRow } from "../move-order.ts";
import { isIdle, type ReturnAct, returnableStates } from "../move-return.ts";
import { frozenOf, placeDraft } from "../pay-draft.ts";
import { requestByLink } from "../payment-request.ts";
import { requireRightToPrice } from "../price-change.ts";
import { namedAmount } from "../refund-return.ts";
import type { ReturnRefundTo } from "../return.ts";
import { orderOfReturn, type ReturnRow } from "../return-record.ts";
import { draft, orderReturn } from "../tables.ts";
import { noteInTimeline } from "../timeline.ts";
import { type ExchangeLines, exchangeMoney } from "./exchange.ts";
import { valueOfReturn } from "./return-value.ts";

export interface ExchangeReturn extends ReturnAct {
  /** What replaces the goods; left out, what the shopper asked for. */
  readonly lines?: ExchangeLines | undefined;
  readonly shippingMethod?: NonNullable<ReturnType<typeof basketOf>["terms"]["shippingOptionId"]> | undefined;
  /** What the shop keeps for its trouble. */
  readonly restockingFee?: Money | undefined;
  /** Where goes what is left of the goods' value. */
  readonly refundTo?: ReturnRefundTo | undefined;
  /** Why, for the timeline and with what goes back. */
  readonly reason?: string | undefined;
  /** How long the link is good, if there is something to pay. */
  readonly expiresInSeconds: number;
}

export interface BegunExchange {
  readonly draftId: DraftId;
  /** The replacement; null until what it costs more is paid. */
  readonly orderId: OrderId | null;
  readonly total: Money;
  readonly due: Money;
  readonly back: Money;
  /** What the link ends in by which the difference can be paid; null when nothing is to be paid. */
  readonly token: string | null;
  /** What the token is of. */
  readonly requestId: PaymentRequestId | null;
}

/**
 * Gives other goods for what has come back. What had been paid for it pays for them, at the prices of now: if that is enough, the order
 * that replaces it is made at once, and the rest goes back when it stands; if not, the shopper is asked for the difference by a link, and
 * the units are held until the link ends. Decided once: of two who press at once, one is told that it is under way.
 * @throws problem `not_found`, `state_conflict` when the return has not come, is refunded or exchanged already, or is worth nothing;
 * `validation_failed` when nothing says what for, `out_of_stock`, `forbidden` for prices by hand without the right `orders:price`, and as
 * `quoteDraft`.
 */
export async function exchangeReturn(
  deps: OrdersDeps,
  context: ActContext,
  input: ExchangeReturn,
): Promise<BegunExchange> {
  const { tx, now, actor } = context;
  const orderId = await orderOfReturn(tx, input.returnId);
  const { order: first } = await lockOrder(tx, now, { orderId, states: returnableStates });
  requireRightToPrice(actor, input.lines ?? []);
  const restockingFee = namedAmount(input, "restockingFee", first.currency) ?? 0;
  const draftId = newId("drf");
  const row = await bindReturn(tx, now, { ...input, restockingFee, draftId });
  const made = await writeDraft(tx, now, { first, row, draftId, input });
  const value = await valueOfReturn(tx, row);
  if (value <= 0) throw problem("state_conflict", { detail: "Nothing is left of what was paid for these goods." });
  const terms = await quoteDraft(deps.carts, { db: tx, now }, basketOf(made));
  const split = exchangeMoney(value, terms.totals.total.amount);
  const expiresAt = (now + input.expiresInSeconds * 1_000) as Instant;
  await holdForDraft(deps, { tx, now }, made, expiresAt);
  const of = (amount: number) => money(amount, first.currency);
  const begun = { draftId, total: terms.totals.total, due: of(split.due), back: of(split.back) };
  if (split.due > 0) {
    const request = { draftId, terms, amount: begun.due, expiresAt };
    return { ...begun, orderId: null, ...(await askForDifference(deps, context, orderId, request)) };
  }
  const payment = { provider: first.paymentProvider };
  const replacementId = await placeDraft(deps, context, { row: made, cart: frozenOf(made, terms), payment });
  return { ...begun, orderId: replacementId, token: null, requestId: null };
}

type Bind = Omit<ExchangeReturn, "restockingFee"> & { readonly restockingFee: number; readonly draftId: DraftId };

async function bindReturn(tx: Transaction, now: Instant, bind: Bind): Promise<ReturnRow> {
  const { returnId, draftId, restockingFee, refundTo = "original", reason = null } = bind;
  const [row] = await tx
    .update(orderReturn)
    .set({ exchangeDraftId: draftId, restockingFee, refundTo, refundReason: reason, updatedAt: now })
    .where(and(eq(orderReturn.id, returnId), eq(orderReturn.state, "received"), isIdle))
    .returning();
  if (!row) throw problem("state_conflict", { detail: "The return has not come, or is being settled already." });
  return row;
}

interface WriteDraft {
  readonly first: OrderRow;
  readonly row: ReturnRow;
  readonly draftId: DraftId;
  readonly input: ExchangeReturn;
}

/** The replacement goes to whom and where the first order went. */
async function writeDraft(
  tx: Transaction,
  now: Instant,
  { first, row, draftId, input }: WriteDraft,
): Promise<DraftRow> {
  const lines = input.lines ?? row.exchangeFor;
  if (lines === null) {
    const errors = [{ path: "lines", message: "The shopper did not say what for." }];
    throw problem("validation_failed", { detail: "Say what replaces the goods.", errors });
  }
  if (input.refundTo === "store_credit" && first.customerId === null) {
    const errors = [{ path: "refundTo", message: "Store credit needs a customer's account." }];
    throw problem("validation_failed", { detail: "Store credit needs a customer's account.", errors });
  }
  const { customerId, email, currency, channel, shippingAddress, billingAddress } = first;
  const free = { name: first.shippingMethod.name, price: 0, reason: "exchange" };
  const [made] = await tx
    .insert(draft)
    .values({
      ...{ id: draftId, cartId: newId("cart"), state: "open", returnId: row.id, lines },
      ...{ customerId, email, currency, channel, shippingAddress, billingAddress },
      shipping: input.shippingMethod === undefined ? free : { method: input.shippingMethod },
      ...{ createdAt: now, updatedAt: now },
    })
    .returning();
  if (!made) throw new Error("the exchange was not written");
  return made;
}

async function askForDifference(
  deps: OrdersDeps,
  { tx, now, actor }: ActContext,
  orderId: OrderId,
  request: Parameters<typeof requestByLink>[2],
): Promise<{ readonly requestId: PaymentRequestId; readonly token: string }> {
  const { requestId, token } = await requestByLink(deps, { tx, now }, request);
  await noteInTimeline(tx, now, {
    orderId,
    actor,
    entries: [{ type: "exchange_requested" }],
    announce: [orderPaymentRequested.of(orderId, { orderId, requestId })],
  });
  return { requestId, token };
}

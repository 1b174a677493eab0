import { type Instant, type OrderId, problem } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { readFields, withDefaults } from "../../platform/custom-fields/index.ts";
import { type Transaction, transact } from "../../platform/db/index.ts";
import { replayable } from "../../platform/idempotency/index.ts";
import type { Actor, ShopActor } from "../../platform/rpc/index.ts";
import { startSaga } from "../../platform/saga/index.ts";
import { type FrozenCart, quoteDraft, withQuotes } from "../carts/index.ts";
import { checkPaymentChoice, chosenMethod, type PaymentMethodChoice } from "../payments/index.ts";
import { auditDraft, keyedDraft, type StaffRequest } from "./compose-draft.ts";
import type { OrdersDeps } from "./deps.ts";
import type { QuotedTerms } from "./draft.ts";
import { linkReplacement, payByReturn } from "./exchanges/return-value.ts";
import { basketOf, type DraftAtVersion, type DraftRow, lockOpenDraft } from "./find-draft.ts";
import { hashAccessToken, orderAccessToken } from "./order-token.ts";
import { findRequest, openRequestOf } from "./payment-request.ts";
import type { PlacedOrder } from "./place-order.ts";
import { placingSaga } from "./placing-saga.ts";
import { draft } from "./tables.ts";
import { newOrderId, writeOrder } from "./write-order.ts";

export interface PayLink {
  readonly token: string;
  readonly payment: PaymentMethodChoice;
  readonly idempotencyKey: string;
}

export type PaidLink = Omit<PlacedOrder, "isCarried">;

/**
 * Makes the order that a payment link asks for and starts paying it, once for each idempotency key. However many pay at once, in however
 * many tabs, one order is made; one that is refused leaves the link open for another try. Null for a token that is no draft's.
 * @throws problem `not_found` for a link that was revoked, `state_conflict` when the time is over or it has been paid,
 * `request_in_progress` while it is being paid, `validation_failed`, `idempotency_key_reused`.
 */
export async function payLink(deps: OrdersDeps, actor: ShopActor, request: PayLink): Promise<PaidLink | null> {
  const { token, payment, idempotencyKey: key } = request;
  const asked = await findRequest(deps.db, token);
  if (!asked) return null;
  if (asked.state === "revoked") throw problem("not_found");
  const { id, draftId } = asked;
  const now = deps.clock.now();
  const { value: orderId, replayed } = await transact(deps.db, (tx) =>
    replayable({ tx, now, scope: `payment-link:${id}`, key, request: { payment } }, async () => {
      const row = await lockOpenDraft(tx, { draftId });
      const open = await openRequestOf(tx, now, draftId);
      if (open?.id !== id) throw problem("state_conflict", { detail: "This payment link is no longer good." });
      return placeDraft(deps, { tx, now, actor }, { cart: frozenOf(row, open.terms), row, payment });
    }),
  );
  return { orderId, accessToken: orderAccessToken(deps.orderTokenSecret, orderId), replayed };
}

/**
 * Staff have been paid outside of the shop: the order is made at what the link says, or at the prices of now when none is out.
 * @throws problem as `lockOpenDraft` and `quoteDraft`.
 */
export function markDraftPaid(deps: OrdersDeps, staff: StaffRequest, input: DraftAtVersion): Promise<OrderId> {
  const now = deps.clock.now();
  const { actor } = staff;
  return withQuotes(() =>
    transact(deps.db, async (tx) => {
      const keyed = keyedDraft(tx, now, staff, { action: "draft.marked_paid", request: input });
      const { value } = await replayable(keyed, async () => {
        const row = await lockOpenDraft(tx, input);
        const open = await openRequestOf(tx, now, row.id);
        const terms = open?.terms ?? (await quoteDraft(deps.carts, { db: tx, now }, basketOf(row)));
        const payment = { provider: "manual", byStaff: true } as const;
        const order = { cart: frozenOf(row, terms), row, payment, isPaid: true } as const;
        const orderId = await placeDraft(deps, { tx, now, actor }, order);
        const after = { orderId, amount: terms.totals.total };
        await auditDraft(tx, now, staff, { action: "draft.marked_paid", draftId: row.id, after });
        return orderId;
      });
      return value;
    }),
  );
}

interface PlaceContext {
  readonly tx: Transaction;
  readonly now: Instant;
  readonly actor: Actor;
}

interface PlaceDraft {
  readonly row: DraftRow;
  readonly cart: FrozenCart;
  readonly payment: PaymentMethodChoice;
  readonly isPaid?: true;
}

/** The draft's row is locked, and that the order is the only one of it the order's table guards once more. */
export async function placeDraft(deps: OrdersDeps, context: PlaceContext, input: PlaceDraft): Promise<OrderId> {
  const { tx, now, actor } = context;
  const { row, payment, isPaid } = input;
  const orderId = newOrderId();
  const customFields = withDefaults(await readFields(tx, "order"), {});
  const paid = await payByReturn(context, { draft: row, orderId, cart: input.cart });
  const ofLine = withDefaults(await readFields(tx, "order_line"), {});
  const lines = paid.lines.map((line) => ({ ...line, customFields: ofLine }));
  const cart = { ...paid, customFields, lines };
  // Goods that came back may pay for all of it, whatever the shop takes today.
  const isPaidByReturn = row.returnId !== null && cart.amountDue.amount === 0;
  if (!isPaidByReturn) await checkPaymentChoice(deps.payments, tx, payment, cart.amountDue);
  // Whoever has the link may pay, but only the customer themselves with what they have saved.
  const isOwn = actor.kind === "customer" && actor.customerId === row.customerId;
  await chosenMethod(deps.payments, tx, payment, isOwn ? row.customerId : null);
  await tx
    .update(draft)
    .set({ state: "completing", orderId, version: sql`${draft.version} + 1`, updatedAt: now })
    .where(eq(draft.id, row.id));
  const accessTokenHash = hashAccessToken(orderAccessToken(deps.orderTokenSecret, orderId));
  const paymentProvider = payment.provider;
  await writeOrder(tx, now, orderId, { cart, actor, paymentProvider, accessTokenHash, refusal: null });
  if (row.returnId !== null) await linkReplacement(context, orderId, row.returnId);
  const placing = { cart, orderId, payment, draftId: row.id, ...(isPaid ? { isPaid } : {}) };
  await startSaga(tx, now, await placingSaga(tx, now, placing));
  return orderId;
}

/** What a draft costs, as an order takes it over. @throws problem `email_required`, `shipping_address_required`. */
export function frozenOf(row: DraftRow, terms: QuotedTerms): FrozenCart {
  const { cartId, channel, customerId, email, shippingAddress, billingAddress } = row;
  if (email === null) throw problem("email_required");
  if (shippingAddress === null) throw problem("shipping_address_required");
  const amountDue = terms.totals.total;
  return {
    ...terms,
    cartId,
    channel,
    customerId,
    email,
    shippingAddress,
    billingAddress,
    credits: [],
    amountDue,
    customFields: {},
  };
}

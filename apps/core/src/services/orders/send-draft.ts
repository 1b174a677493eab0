import { type Instant, money, type PaymentRequestId, problem } from "@stoa/kernel";
import { type Transaction, transact } from "../../platform/db/index.ts";
import { replayable } from "../../platform/idempotency/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import { quoteDraft, withQuotes } from "../carts/index.ts";
import { auditDraft, keyedDraft, type StaffRequest } from "./compose-draft.ts";
import type { OrdersDeps } from "./deps.ts";
import { dueForDraft } from "./exchanges/return-value.ts";
import { basketOf, type DraftAtVersion, lockOpenDraft } from "./find-draft.ts";
import { orderPaymentRequested } from "./messages.ts";
import { paymentLinkToken, requestByLink, revokeRequests } from "./payment-request.ts";
import { orderOfReturn } from "./return-record.ts";

export interface SendDraft extends DraftAtVersion {
  /** How long the link is good. */
  readonly expiresInSeconds: number;
}

export interface SentLink {
  readonly requestId: PaymentRequestId;
  /** What the link ends in: `/v1/payment-links/{token}`. Whoever has it may pay. */
  readonly token: string;
  readonly expiresAt: Instant;
}

interface SendContext {
  readonly tx: Transaction;
  readonly now: Instant;
  readonly staff: StaffRequest;
}

/**
 * Fixes what the draft costs now and asks for it by a link, which is mailed; an earlier link is revoked. What the shopper sees and pays does not change
 * any more, whatever becomes of prices.
 * @throws problem `not_found`, `version_conflict`, `state_conflict`, and whatever of `quoteDraft` a draft that lacks something is refused with.
 */
export function sendDraft(deps: OrdersDeps, staff: StaffRequest, input: SendDraft): Promise<SentLink> {
  const now = deps.clock.now();
  return withQuotes(() =>
    transact(deps.db, async (tx) => {
      const { value } = await replayable(keyedDraft(tx, now, staff, { action: "draft.sent", request: input }), () =>
        send(deps, { tx, now, staff }, input),
      );
      // Answers are kept for whoever asks again, and whoever holds a token may pay: it is made anew.
      return { ...value, token: paymentLinkToken(deps, value.requestId) };
    }),
  );
}

async function send(
  deps: OrdersDeps,
  { tx, now, staff }: SendContext,
  input: SendDraft,
): Promise<Omit<SentLink, "token">> {
  const expiresAt = (now + input.expiresInSeconds * 1_000) as Instant;
  const row = await lockOpenDraft(tx, input);
  const {
    customerId: _c,
    email: _e,
    shippingAddress: _s,
    billingAddress: _b,
    ...terms
  } = await quoteDraft(deps.carts, { db: tx, now }, basketOf(row));
  const { total } = terms.totals;
  const amount = money(await dueForDraft(tx, row, total.amount), total.currency);
  if (row.returnId !== null && amount.amount === 0) {
    throw problem("state_conflict", { detail: "The goods that came back pay for all of it: mark it paid." });
  }
  const { requestId } = await requestByLink(deps, { tx, now }, { draftId: row.id, terms, amount, expiresAt });
  const orderId = row.returnId === null ? null : await orderOfReturn(tx, row.returnId);
  await enqueue(tx, now, [orderPaymentRequested.of(orderId ?? row.id, { orderId, requestId })]);
  const after = { requestId, amount, expiresAt };
  await auditDraft(tx, now, staff, { action: "draft.sent", draftId: row.id, after });
  return { requestId, expiresAt };
}

/** Makes the link that is out worthless; the draft stays open. Doing it twice changes nothing. @throws problem as `lockOpenDraft`. */
export async function revokeLink(deps: OrdersDeps, staff: StaffRequest, input: DraftAtVersion): Promise<void> {
  const now = deps.clock.now();
  await transact(deps.db, async (tx) => {
    const row = await lockOpenDraft(tx, input);
    const revoked = await revokeRequests(tx, now, row.id);
    if (revoked) await auditDraft(tx, now, staff, { action: "draft.link_revoked", draftId: row.id });
  });
}

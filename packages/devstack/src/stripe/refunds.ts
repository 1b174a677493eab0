import { z } from "zod";
import type { StoredRecord } from "../stand-in/record-store.ts";
import { bookMovement } from "./balance-transactions.ts";
import { testCards } from "./cards.ts";
import { findCharge } from "./charges.ts";
import { invalidParameter, noSuch, refused } from "./errors.ts";
import { announce } from "./events.ts";
import { listPage } from "./lists.ts";
import type { ApiList, Refund } from "./objects.ts";
import { applyMetadata, checkLastDigit, expand, integer, listParameters, metadata, text } from "./parameters.ts";
import { findIntent } from "./payment-intents.ts";
import { newId, type RefundSecrets, type StoredCharge, seconds, type Turn } from "./turn.ts";

/** How long a refund on one of the pending cards stays pending. */
export const REFUND_PENDING_MS = 2_000;

export const createRefundSchema = z.strictObject({
  amount: integer.optional(),
  charge: text.optional(),
  metadata,
  payment_intent: text.optional(),
  reason: z.enum(["duplicate", "fraudulent", "requested_by_customer"]).optional(),
  expand,
});
export const updateRefundSchema = z.strictObject({ metadata, expand });
export const refundListSchema = z.strictObject({
  ...listParameters,
  charge: text.optional(),
  payment_intent: text.optional(),
});

type StoredRefund = StoredRecord<Refund, RefundSecrets>;

/** Gives captured money back, all that is left of it or `amount`. */
export function createRefund(turn: Turn, params: z.infer<typeof createRefundSchema>): Refund {
  const charge = refundedCharge(turn, params);
  const left = charge.view.amount_captured - charge.hidden.refunded;
  const amount = params.amount ?? left;
  checkRefund(charge, amount, left);
  const ends = testCards[charge.hidden.testCard]?.refundEnds ?? null;
  const id = newId("re");
  const { currency } = charge.view;
  const refund: StoredRefund = {
    view: {
      id,
      object: "refund",
      amount,
      balance_transaction: bookMovement(turn, { type: "refund", source: id, amount: -amount, currency }),
      charge: charge.view.id,
      created: seconds(turn),
      currency,
      metadata: applyMetadata({}, params.metadata),
      payment_intent: charge.view.payment_intent,
      reason: params.reason ?? null,
      receipt_number: null,
      status: ends === null ? "succeeded" : "pending",
    },
    hidden: { ends },
  };
  turn.refunds.insert(refund, { parent: charge.view.id });
  if (ends !== null) turn.refunds.wakeAt(refund.view.id, turn.nowMs + REFUND_PENDING_MS);
  const previous = bookRefund(turn, charge, amount);
  announce(turn, "refund.created", refund.view);
  announce(turn, "charge.refunded", charge.view, previous);
  return refund.view;
}

export function retrieveRefund(turn: Turn, id: string): Refund {
  return findRefund(turn, id).view;
}

export function listRefunds(turn: Turn, params: z.infer<typeof refundListSchema>): ApiList<Refund> {
  const intent = params.payment_intent;
  // Only the latest charge of an intent can have succeeded, so its refunds are the intent's.
  const latest =
    intent === undefined ? undefined : (findIntent(turn, intent, "payment_intent").view.latest_charge ?? "");
  return listPage(turn.refunds, params, {
    url: "/v1/refunds",
    parent: params.charge ?? latest,
    keeps: (refund) => intent === undefined || refund.payment_intent === intent,
  });
}

export function updateRefund(turn: Turn, id: string, params: z.infer<typeof updateRefundSchema>): Refund {
  const refund = findRefund(turn, id);
  const previous = { metadata: refund.view.metadata };
  refund.view.metadata = applyMetadata(refund.view.metadata, params.metadata);
  turn.refunds.save(refund);
  announce(turn, "refund.updated", refund.view, previous);
  return refund.view;
}

/** Ends every pending refund whose time has come; at most `limit` at a time. */
export function settleRefunds(turn: Turn, limit: number): number {
  const due = turn.refunds.due(turn.nowMs, limit);
  for (const refund of due) settleRefund(turn, refund);
  return due.length;
}

function settleRefund(turn: Turn, refund: StoredRefund): void {
  const { view, hidden } = refund;
  view.status = hidden.ends ?? "succeeded";
  if (view.status === "failed") {
    view.failure_reason = "expired_or_canceled_card";
    bookRefund(turn, findCharge(turn, view.charge), -view.amount);
    const { id: source, amount, currency } = view;
    view.failure_balance_transaction = bookMovement(turn, { type: "refund_failure", source, amount, currency });
  }
  turn.refunds.save(refund);
  turn.refunds.wakeAt(view.id, null);
  announce(turn, "refund.updated", view, { status: "pending" });
  announce(turn, "charge.refund.updated", view, { status: "pending" });
  if (view.status === "failed") announce(turn, "refund.failed", view);
}

function bookRefund(turn: Turn, charge: StoredCharge, amount: number): Readonly<Record<string, unknown>> {
  const { view, hidden } = charge;
  const previous = { amount_refunded: view.amount_refunded, refunded: view.refunded };
  hidden.refunded += amount;
  view.amount_refunded += amount;
  view.refunded = view.amount_refunded >= view.amount;
  turn.charges.save(charge);
  return previous;
}

function refundedCharge(turn: Turn, params: z.infer<typeof createRefundSchema>): StoredCharge {
  if (params.charge !== undefined) return findCharge(turn, params.charge, "charge");
  if (params.payment_intent === undefined) {
    throw invalidParameter(
      "One of the following params should be provided for this request: payment_intent or charge.",
      "parameter_missing",
    );
  }
  const { view } = findIntent(turn, params.payment_intent, "payment_intent");
  if (view.latest_charge === null || view.amount_received === 0) {
    throw refused(
      `This PaymentIntent (${view.id}) does not have a successful charge to refund.`,
      "charge_not_refundable",
      "payment_intent",
    );
  }
  return findCharge(turn, view.latest_charge);
}

function checkRefund(charge: StoredCharge, amount: number, left: number): void {
  const { view } = charge;
  if (view.amount_captured === 0)
    throw refused(`Charge ${view.id} has not been captured.`, "charge_not_refundable", "charge");
  if (view.disputed) {
    throw refused(`Charge ${view.id} has been charged back; cannot issue a refund.`, "charge_disputed");
  }
  if (left <= 0) throw refused(`Charge ${view.id} has already been refunded.`, "charge_already_refunded");
  if (amount > left) {
    throw refused(
      `Refund amount (${amount} ${view.currency}) is greater than unrefunded amount on charge (${left} ${view.currency})`,
      undefined,
      "amount",
    );
  }
  if (amount < 1) throw refused("Invalid positive integer", "parameter_invalid_integer", "amount");
  checkLastDigit(amount, view.currency, "amount");
}

function findRefund(turn: Turn, id: string): StoredRefund {
  const refund = turn.refunds.find(id);
  if (refund === null) throw noSuch("refund", id);
  return refund;
}

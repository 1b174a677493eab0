import { z } from "zod";
import { minorUnits, moneyOf } from "./amounts.ts";
import { bookRefund, findCapture } from "./captures.ts";
import { notFound, unprocessable } from "./errors.ts";
import { announce, orderIdOf } from "./events.ts";
import type { Refund } from "./objects.ts";
import { moneySchema } from "./orders.ts";
import { isReversed } from "./reversals.ts";
import { drawSettlement } from "./settlement.ts";
import { link, newId, type StoredCapture, type StoredRefund, type Turn, timestamp } from "./turn.ts";

export const refundSchema = z.looseObject({
  amount: moneySchema.optional(),
  custom_id: z.string().max(255).optional(),
  invoice_id: z.string().max(127).optional(),
  note_to_payer: z.string().max(255).optional(),
});

/** Gives captured money back, all that is left of it or `amount`. */
export function refundCapture(turn: Turn, captureId: string, body: z.infer<typeof refundSchema>): Refund {
  const capture = findCapture(turn, captureId);
  const { view } = capture;
  if (isReversed(turn, captureId)) throw unprocessable("REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK");
  const minor = refundable(capture, body.amount);
  const settlement = drawSettlement(turn, "refund.settlement");
  const id = newId();
  const now = timestamp(turn.nowMs);
  const refund: StoredRefund = {
    view: {
      id,
      status: settlement === null ? "COMPLETED" : "PENDING",
      ...(settlement === null ? {} : { status_details: { reason: "ECHECK" } }),
      amount: moneyOf(view.amount.currency_code, minor),
      custom_id: body.custom_id ?? view.custom_id,
      invoice_id: body.invoice_id ?? view.invoice_id,
      note_to_payer: body.note_to_payer,
      create_time: now,
      update_time: now,
      links: [link(turn, `/v2/payments/refunds/${id}`, "self"), link(turn, `/v2/payments/captures/${captureId}`, "up")],
    },
    hidden: { captureId, ends: settlement === null ? null : settlement.fails ? "FAILED" : "COMPLETED" },
  };
  turn.refunds.insert(refund, { parent: captureId });
  if (settlement?.atMs !== undefined) turn.refunds.wakeAt(id, settlement.atMs);
  bookRefund(turn, capture, minor);
  const type = settlement === null ? "PAYMENT.CAPTURE.REFUNDED" : "PAYMENT.REFUND.PENDING";
  announce(turn, type, refund.view, orderIdOf(capture.view));
  return refund.view;
}

export function findRefund(turn: Turn, id: string): Refund {
  const refund = turn.refunds.find(id);
  if (refund === null) throw notFound();
  return refund.view;
}

/** Ends every pending refund whose time has come; at most `limit` at a time. */
export function settleRefunds(turn: Turn, limit: number): number {
  const due = turn.refunds.due(turn.nowMs, limit);
  for (const refund of due) {
    const { view, hidden } = refund;
    view.status = hidden.ends ?? "COMPLETED";
    delete view.status_details;
    view.update_time = timestamp(turn.nowMs);
    turn.refunds.save(refund);
    turn.refunds.wakeAt(view.id, null);
    const failed = view.status === "FAILED";
    const capture = findCapture(turn, hidden.captureId);
    if (failed) bookRefund(turn, capture, -minorUnits(view.amount, "/amount"));
    announce(turn, failed ? "PAYMENT.REFUND.FAILED" : "PAYMENT.CAPTURE.REFUNDED", view, orderIdOf(capture.view));
  }
  return due.length;
}

function refundable({ view, hidden }: StoredCapture, amount: z.infer<typeof moneySchema> | undefined): number {
  if (view.status === "REFUNDED") throw unprocessable("CAPTURE_FULLY_REFUNDED");
  if (view.status === "PENDING" || view.status === "DECLINED") throw unprocessable("CAPTURE_NOT_COMPLETED");
  const left = minorUnits(view.amount, "/amount") - hidden.refunded;
  if (amount === undefined) return left;
  if (amount.currency_code !== view.amount.currency_code) throw unprocessable("REFUND_CURRENCY_MISMATCH", "/amount");
  const minor = minorUnits(amount, "/amount");
  if (minor > left) throw unprocessable("REFUND_AMOUNT_EXCEEDED", "/amount/value");
  return minor;
}

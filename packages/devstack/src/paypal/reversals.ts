import { z } from "zod";
import { minorUnits, moneyOf } from "./amounts.ts";
import { findCapture } from "./captures.ts";
import { unprocessable } from "./errors.ts";
import { announce, orderIdOf } from "./events.ts";
import type { Reversal } from "./objects.ts";
import { link, newId, type Turn, timestamp } from "./turn.ts";

export const reverseSchema = z.strictObject({ capture: z.string().min(1) });

/**
 * Takes back for the buyer what is left of a capture: at the end of a dispute that the merchant has lost, or of PayPal's own accord.
 * Answers the id under which the account's statement lists it.
 */
export function reverseCapture(turn: Turn, captureId: string): string {
  const { view: capture, hidden } = findCapture(turn, captureId);
  const left = minorUnits(capture.amount, "/amount") - hidden.refunded;
  if (left === 0 || isReversed(turn, captureId)) throw unprocessable("CAPTURE_FULLY_REFUNDED");
  const id = newId();
  const now = timestamp(turn.nowMs);
  const reversal: Reversal = {
    id,
    status: "COMPLETED",
    amount: moneyOf(capture.amount.currency_code, left),
    custom_id: capture.custom_id,
    create_time: now,
    update_time: now,
    links: [link(turn, `/v2/payments/refunds/${id}`, "self"), link(turn, `/v2/payments/captures/${captureId}`, "up")],
  };
  turn.reversals.insert({ view: reversal, hidden: { captureId } }, { parent: captureId });
  announce(turn, "PAYMENT.CAPTURE.REVERSED", reversal, orderIdOf(capture));
  return id;
}

export function isReversed(turn: Turn, captureId: string): boolean {
  for (const _ of turn.reversals.newestFirst({ parent: captureId })) return true;
  return false;
}

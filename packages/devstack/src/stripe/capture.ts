import { z } from "zod";
import { bookCapture, disputeIfAsked, findCharge } from "./charges.ts";
import { refused, unexpectedState } from "./errors.ts";
import { announce } from "./events.ts";
import type { Charge, PaymentIntent } from "./objects.ts";
import { applyMetadata, checkLastDigit, expand, flag, integer, metadata } from "./parameters.ts";
import { findIntent } from "./payment-intents.ts";
import { type StoredIntent, seconds, type Turn } from "./turn.ts";

export const captureIntentSchema = z.strictObject({
  amount_to_capture: integer.optional(),
  final_capture: flag.optional(),
  metadata,
  expand,
});

export const cancelIntentSchema = z.strictObject({
  cancellation_reason: z.enum(["abandoned", "duplicate", "fraudulent", "requested_by_customer"]).optional(),
  expand,
});

/**
 * Takes what is held, or part of it. What is not taken is released, unless the capture is said not to be the final one,
 * which only a charge with multicapture allows; a final capture of nothing releases what is left after others.
 */
export function captureIntent(turn: Turn, id: string, params: z.infer<typeof captureIntentSchema>): PaymentIntent {
  const intent = findIntent(turn, id);
  const { view } = intent;
  if (view.status !== "requires_capture" || view.latest_charge === null) {
    throw unexpectedState(
      `This PaymentIntent could not be captured because it has a status of ${view.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`,
      view,
    );
  }
  const amount = params.amount_to_capture ?? view.amount_capturable;
  const isFinal = params.final_capture ?? true;
  const charge = findCharge(turn, view.latest_charge);
  checkLastDigit(amount, view.currency, "amount_to_capture");
  checkCaptured(amount, { intent: view, charge: charge.view, isFinal });
  view.amount_received += amount;
  view.amount_capturable = isFinal ? 0 : view.amount_capturable - amount;
  const isOver = view.amount_capturable === 0;
  charge.view.amount_captured = view.amount_received;
  if (amount > 0) charge.view.balance_transaction = bookCapture(turn, charge.view, amount);
  if (isOver) {
    charge.view.captured = true;
    charge.view.amount_refunded += charge.view.amount - view.amount_received;
    view.status = "succeeded";
    turn.intents.wakeAt(view.id, null);
  }
  view.metadata = applyMetadata(view.metadata, params.metadata);
  turn.charges.save(charge);
  turn.intents.save(intent);
  announceCapture(turn, charge.view, view);
  if (isOver) disputeIfAsked(turn, charge);
  return view;
}

function announceCapture(turn: Turn, charge: Charge, intent: PaymentIntent): void {
  if (intent.status === "succeeded") {
    announce(turn, "charge.captured", charge, { captured: false });
    announce(turn, "payment_intent.succeeded", intent);
    return;
  }
  announce(turn, "charge.updated", charge);
  announce(turn, "payment_intent.amount_capturable_updated", intent);
}

export function cancelIntent(turn: Turn, id: string, params: z.infer<typeof cancelIntentSchema>): PaymentIntent {
  const intent = findIntent(turn, id);
  const { view } = intent;
  if (view.status === "succeeded" || view.status === "canceled") {
    throw unexpectedState(
      `You cannot cancel this PaymentIntent because it has a status of ${view.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.`,
      view,
    );
  }
  if (view.amount_received > 0) {
    throw unexpectedState("You cannot cancel this PaymentIntent because part of it has been captured.", view);
  }
  const released = view.status === "requires_capture";
  endIntent(turn, intent, params.cancellation_reason ?? null, released ? "charge.refunded" : null);
  return view;
}

/** Ends every hold whose seven days are over; at most `limit` at a time. */
export function expireHolds(turn: Turn, limit: number): number {
  const due = turn.intents.due(turn.nowMs, limit);
  for (const intent of due) {
    // Stripe lets go of the rest by itself, and what was captured stays.
    if (intent.view.amount_received > 0) captureIntent(turn, intent.view.id, { amount_to_capture: 0 });
    else endIntent(turn, intent, "automatic", "charge.expired");
  }
  return due.length;
}

function endIntent(
  turn: Turn,
  intent: StoredIntent,
  reason: string | null,
  chargeEvent: "charge.expired" | "charge.refunded" | null,
): void {
  const { view } = intent;
  view.status = "canceled";
  view.canceled_at = seconds(turn);
  view.cancellation_reason = reason;
  view.amount_capturable = 0;
  view.next_action = null;
  turn.intents.save(intent);
  turn.intents.wakeAt(view.id, null);
  if (chargeEvent !== null && view.latest_charge !== null) {
    // Stripe shows a hold that was let go as a charge refunded in full.
    const charge = findCharge(turn, view.latest_charge);
    charge.view.refunded = true;
    charge.view.amount_refunded = charge.view.amount;
    turn.charges.save(charge);
    announce(turn, chargeEvent, charge.view, { amount_refunded: 0, refunded: false });
  }
  announce(turn, "payment_intent.canceled", view);
}

interface CaptureCheck {
  readonly intent: PaymentIntent;
  readonly charge: Charge;
  readonly isFinal: boolean;
}

function checkCaptured(amount: number, { intent, charge, isFinal }: CaptureCheck): void {
  if (!isFinal && charge.payment_method_details.card.multicapture?.status !== "available") {
    throw refused("This PaymentIntent does not support multiple captures.", "capture_unavailable", "final_capture");
  }
  if (amount > intent.amount_capturable) {
    throw refused(
      `The amount to capture (${amount}) is greater than the capturable amount (${intent.amount_capturable}).`,
      "amount_too_large",
      "amount_to_capture",
    );
  }
  const releasesRest = amount === 0 && isFinal && intent.amount_received > 0;
  if (amount < 1 && !releasesRest) {
    throw refused("Invalid positive integer", "parameter_invalid_integer", "amount_to_capture");
  }
}

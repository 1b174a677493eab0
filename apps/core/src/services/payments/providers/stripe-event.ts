import type { Instant } from "@stoa/kernel";
import { z } from "zod";
import type { PaymentFact } from "../payment.ts";
import type { EventIdentity, ParsedEvent } from "./provider-event.ts";
import { fromStripeAmount } from "./stripe-amount.ts";
import { paymentIntentSchema, reportOf } from "./stripe-report.ts";

const eventSchema = z.object({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  created: z.int().nullish(),
  data: z.object({ object: z.record(z.string(), z.unknown()) }),
});

const refundSchema = z.object({
  id: z.string(),
  amount: z.int(),
  currency: z.string(),
  status: z.string().nullish(),
  payment_intent: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

const disputeSchema = z.object({
  id: z.string(),
  amount: z.int(),
  currency: z.string(),
  status: z.string(),
  reason: z.string().default("unknown"),
  evidence_details: z.object({ due_by: z.int().nullish() }).nullish(),
  payment_intent: z.string().nullish(),
  /** What it has moved so far: the money out, and back in. */
  balance_transactions: z.array(z.object({ amount: z.int() })).default([]),
});

const instantOf = (seconds: number) => (seconds * 1_000) as Instant;

export function identifyStripeEvent(rawBody: string): EventIdentity {
  const { id: eventId, type } = eventSchema.parse(JSON.parse(rawBody));
  return { eventId, type };
}

/** Reads a Stripe event; its snapshot of the object tells facts, never orders. */
export function parseStripeEvent(rawBody: string): ParsedEvent {
  const { type, created, data } = eventSchema.parse(JSON.parse(rawBody));
  if (type.startsWith("payment_intent.")) {
    const intent = paymentIntentSchema.parse(data.object);
    const about = { paymentId: intent.metadata.paymentId ?? null, reference: intent.id };
    return { about, facts: reportOf(intent).facts };
  }
  if (type.startsWith("refund.")) {
    const refund = refundSchema.parse(data.object);
    const about = { paymentId: refund.metadata?.paymentId ?? null, reference: refund.payment_intent ?? null };
    return { about, facts: refundFacts(refund) };
  }
  if (type.startsWith("charge.dispute.")) {
    const { payment_intent: reference = null } = disputeSchema.parse(data.object);
    return {
      about: { paymentId: null, reference },
      facts: disputeFacts(data.object, created ? instantOf(created) : null),
    };
  }
  return { about: null, facts: [] };
}

/** What a refund says, whether it comes as an answer or inside an event. */
export function refundFacts(told: unknown): PaymentFact[] {
  const refund = refundSchema.parse(told);
  const fact = {
    reference: refund.id,
    amount: fromStripeAmount(refund.amount, refund.currency),
    refundId: refund.metadata?.refundId ?? null,
  };
  switch (refund.status) {
    case "succeeded":
      return [{ type: "refunded", ...fact }];
    case "failed":
    case "canceled":
      return [{ type: "refund_failed", ...fact }];
    default:
      return [];
  }
}

/**
 * What a dispute says, whether it comes as an answer or inside an event. `at`: when it said so, for Stripe may turn round what was
 * decided, and tells the end anew.
 */
export function disputeFacts(told: unknown, at: Instant | null): PaymentFact[] {
  const dispute = disputeSchema.parse(told);
  const fact = {
    reference: dispute.id,
    amount: fromStripeAmount(dispute.amount, dispute.currency),
    reason: dispute.reason,
  };
  // An inquiry takes no money; only a dispute does.
  if (dispute.status.startsWith("warning_")) return [];
  const dueBy = dispute.evidence_details?.due_by;
  const opened: PaymentFact = { type: "disputed", ...fact, ...(dueBy && { until: instantOf(dueBy) }) };
  switch (dispute.status) {
    case "under_review":
      return [opened, { type: "dispute_answered", ...fact }];
    case "won":
      return [opened, { type: "dispute_won", ...fact, at }];
    case "lost":
      return [opened, { type: "dispute_lost", ...fact, at }];
    case "prevented":
      // Settled with the bank before there was a dispute: by a refund, which tells of itself, or by money that is gone.
      return isTaken(dispute) ? [opened, { type: "dispute_lost", ...fact, at }] : [];
    default:
      return [opened];
  }
}

const isTaken = ({ balance_transactions: moved }: z.infer<typeof disputeSchema>) =>
  moved.reduce((sum, { amount }) => sum + amount, 0) < 0;

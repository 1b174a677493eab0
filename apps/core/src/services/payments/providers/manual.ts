import { money } from "@stoa/kernel";
import { type PaymentFact, standingOf } from "../payment.ts";
import type { PaymentProvider, ProviderAttempt } from "./provider.ts";
import type { ProviderReport } from "./provider-report.ts";
import { nothingYet } from "./provider-report.ts";

/**
 * Cash on delivery, bank transfer, an invoice: nobody is called. The money counts as promised at once, staff say when it came.
 * Orders that cost nothing are settled here too, whatever the shopper chose.
 */
export function createManualProvider(): PaymentProvider {
  return {
    name: "manual",
    refuses: () => null,
    authorize: async (attempt) => (isOver(attempt) ? reportOf(attempt) : withFact(attempt, "authorized")),
    capture: async (attempt, { to }) => (isOver(attempt) ? reportOf(attempt) : withCapture(attempt, to)),
    void: async (attempt) => (isOver(attempt) ? reportOf(attempt) : withFact(attempt, "voided")),
    refund: async (_attempt, { refundId }) => ({
      reference: `manual_${refundId}`,
      state: "succeeded",
      refusal: null,
    }),
    lookup: async (attempt) => (attempt.facts.length === 0 ? null : reportOf(attempt)),
    identifyEvent: nobodySendsEvents,
    parseEvent: nobodySendsEvents,
  };
}

function nobodySendsEvents(): never {
  throw new Error("nobody sends events about manual payments");
}

const referenceOf = (attempt: ProviderAttempt) => `manual_${attempt.paymentId}`;

const capturedOf = (attempt: ProviderAttempt) => standingOf(attempt.facts, "pending").captured;

/** An order that costs nothing is over when its capture is on record, as any other. */
function isOver(attempt: ProviderAttempt): boolean {
  const has = (type: PaymentFact["type"]) => attempt.facts.some((fact) => fact.type === type);
  return has("voided") || (has("captured") && capturedOf(attempt) >= attempt.amount.amount);
}

function reportOf(attempt: ProviderAttempt): ProviderReport {
  return { ...nothingYet(referenceOf(attempt)), facts: attempt.facts, isClosed: isOver(attempt) };
}

function withFact(attempt: ProviderAttempt, type: "authorized" | "voided"): ProviderReport {
  const reference = referenceOf(attempt);
  const amount = type === "voided" ? null : attempt.amount;
  return reportOf({ ...attempt, facts: [...attempt.facts, { type, reference, amount }] });
}

/** A capture in parts counts as what has come in all by then. */
function withCapture(attempt: ProviderAttempt, to: number): ProviderReport {
  if (to > 0 && capturedOf(attempt) >= to) return reportOf(attempt);
  const isWhole = to === attempt.amount.amount;
  const captured: PaymentFact = {
    type: "captured",
    reference: isWhole ? referenceOf(attempt) : `${referenceOf(attempt)}:${to}`,
    amount: money(to, attempt.amount.currency),
    isTotal: true,
  };
  return reportOf({ ...attempt, facts: [...attempt.facts, captured] });
}

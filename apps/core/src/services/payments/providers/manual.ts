import type { PaymentProvider, ProviderAttempt, ProviderReport } from "./provider.ts";
import { nothingYet } from "./provider.ts";

/**
 * Cash on delivery, bank transfer, an invoice: nobody is called. The money counts as promised at once, staff say when it came.
 * Orders that cost nothing are settled here too, whatever the shopper chose.
 */
export function createManualProvider(): PaymentProvider {
  return {
    name: "manual",
    refuses: () => null,
    authorize: async (attempt) => (isClosed(attempt) ? reportOf(attempt) : withFact(attempt, "authorized")),
    capture: async (attempt) => (isClosed(attempt) ? reportOf(attempt) : withFact(attempt, "captured")),
    void: async (attempt) => (isClosed(attempt) ? reportOf(attempt) : withFact(attempt, "voided")),
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

function isClosed(attempt: ProviderAttempt): boolean {
  return attempt.facts.some((fact) => fact.type === "captured" || fact.type === "voided");
}

function reportOf(attempt: ProviderAttempt): ProviderReport {
  return { ...nothingYet(referenceOf(attempt)), facts: attempt.facts, isClosed: isClosed(attempt) };
}

function withFact(attempt: ProviderAttempt, type: "authorized" | "captured" | "voided"): ProviderReport {
  const reference = referenceOf(attempt);
  const amount = type === "voided" ? null : attempt.amount;
  const report = { ...reportOf(attempt), facts: [...attempt.facts, { type, reference, amount }] };
  return { ...report, isClosed: type !== "authorized" };
}

import type { Clock } from "@stoa/kernel";
import { createGate, type GateOptions } from "./gate.ts";
import type { PaymentProvider } from "./provider.ts";
import { unlessUnknown } from "./provider-report.ts";
import { stripeRefusesAmount } from "./stripe-amount.ts";
import { StripeBooks } from "./stripe-books.ts";
import { StripeCalls } from "./stripe-calls.ts";
import { StripeCaptures } from "./stripe-captures.ts";
import { createStripeVault } from "./stripe-cards.ts";
import { classifyStripeError, createStripeClient, type StripeCredentials } from "./stripe-client.ts";
import { createStripeEvidence, EVIDENCE_LENGTH_MAX } from "./stripe-disputes.ts";
import { identifyStripeEvent, parseStripeEvent } from "./stripe-event.ts";
import { StripeIntents } from "./stripe-intents.ts";
import { reportOf } from "./stripe-report.ts";

export interface StripeOptions extends StripeCredentials, Pick<GateOptions, "record" | "observe" | "nowMs"> {
  readonly clock: Clock;
  /** Stripe allows 100 writes and 100 reads a second in live mode, 25 in test mode; more for shops that ask for it. */
  readonly requestsPerSecond?: number | undefined;
}

const REQUESTS_PER_SECOND = 80;

/** Cards through Stripe: the intent is created unconfirmed and its id stored before it is confirmed, so no charge is ever lost. */
export function createStripeProvider(options: StripeOptions): PaymentProvider {
  const stripe = createStripeClient(options);
  const { clock, record, observe, nowMs } = options;
  const gate = createGate({
    provider: "stripe",
    classify: classifyStripeError,
    record,
    observe,
    nowMs,
    requestsPerSecond: options.requestsPerSecond ?? REQUESTS_PER_SECOND,
  });
  const calls = new StripeCalls(stripe, gate);
  const api = new StripeIntents(calls, () => clock.now());
  const captures = new StripeCaptures(calls);
  const books = new StripeBooks(stripe, gate, clock);
  return {
    name: "stripe",
    guard: () => gate.state(),
    vault: createStripeVault(stripe, gate),
    refuses: (choice, amount) => {
      if (!choice.paymentMethod) return { path: "payment.paymentMethod", message: "needed to pay by Stripe" };
      const message = stripeRefusesAmount(amount);
      return message ? { path: "payment.provider", message } : null;
    },
    prepareAttempt: async (attempt) => ({ reference: (await api.create(attempt)).id, report: null }),
    authorize: (attempt) => api.authorize(attempt),
    capture: (attempt, order) => captures.capture(attempt, order),
    void: (attempt) => api.void(attempt),
    refund: (attempt, order) => captures.refund(attempt, order),
    lookup: async (attempt) => {
      const intent = await unlessUnknown(calls.find(attempt), classifyStripeError);
      if (!intent) return null;
      const report = reportOf(intent);
      const refunds = intent.amount_received > 0 ? await books.refundsOf(intent.id) : [];
      return { ...report, facts: [...report.facts, ...refunds] };
    },
    keepsBooks: true,
    list: (range) => books.list(range),
    statement: (range) => books.statement(range),
    disputesOf: async ({ reference }) => (reference === null ? [] : books.disputesOf(reference)),
    releaseUnknown: (reference) => books.release(reference),
    submitEvidence: createStripeEvidence(stripe, gate),
    evidenceLengthMax: EVIDENCE_LENGTH_MAX,
    identifyEvent: identifyStripeEvent,
    parseEvent: parseStripeEvent,
  };
}

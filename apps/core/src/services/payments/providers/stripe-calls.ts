import type Stripe from "stripe";
import type { ProviderGate } from "./gate.ts";
import type { ProviderAttempt } from "./provider.ts";
import type { ProviderReport } from "./provider-report.ts";
import { showingCard } from "./stripe-cards.ts";
import { classifyStripeError } from "./stripe-client.ts";
import { paymentIntentSchema, reportOf, type StripeIntent } from "./stripe-report.ts";

/** The way to Stripe's intents: each call through the gate, its answer read. */
export class StripeCalls {
  constructor(
    readonly stripe: Stripe,
    readonly gate: ProviderGate,
  ) {}

  async find(attempt: ProviderAttempt): Promise<StripeIntent | null> {
    const { reference, paymentId } = attempt;
    if (reference) return this.retrieve(attempt, reference);
    const call = { operation: "search", paymentId, key: null, safe: true };
    const query = `metadata["paymentId"]:"${paymentId}"`;
    const found = await this.gate.run(call, () => this.stripe.paymentIntents.search({ query, limit: 1 }));
    return found.data[0] ? paymentIntentSchema.parse(found.data[0]) : null;
  }

  retrieve(attempt: ProviderAttempt, id: string): Promise<StripeIntent> {
    const shown = showingCard(attempt);
    return this.send(attempt, "retrieve", null, (call) => this.stripe.paymentIntents.retrieve(id, shown, call));
  }

  /** Does something to an intent that can be done once only; when Stripe refuses, what the intent says now decides. */
  async act(attempt: ProviderAttempt, operation: string, act: () => Promise<StripeIntent>): Promise<ProviderReport> {
    try {
      return reportOf(await act());
    } catch (error) {
      const { outcome, code } = classifyStripeError(error);
      if (outcome === "unknown") throw error;
      const intent = await this.find(attempt);
      if (!intent) throw error;
      const report = reportOf(intent);
      if (operation === "cancel" && !report.isClosed) throw error;
      return { ...report, refusal: code ?? "rejected" };
    }
  }

  async send(
    attempt: ProviderAttempt,
    operation: string,
    key: string | null,
    send: (options: Stripe.RequestOptions) => Promise<unknown>,
  ): Promise<StripeIntent> {
    const call = { operation, paymentId: attempt.paymentId, key, safe: true };
    return paymentIntentSchema.parse(await this.gate.run(call, () => send(key ? { idempotencyKey: key } : {})));
  }
}

export function referenceOf(attempt: ProviderAttempt): string {
  if (!attempt.reference) throw new Error(`payment ${attempt.paymentId} is not known to Stripe`);
  return attempt.reference;
}

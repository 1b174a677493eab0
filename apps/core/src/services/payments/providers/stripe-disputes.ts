import type Stripe from "stripe";
import type { ProviderGate } from "./gate.ts";
import { EvidenceRefused, type ProviderEvidence } from "./provider.ts";
import { classifyStripeError } from "./stripe-client.ts";

/** Source: Stripe API, dispute evidence, `uncategorized_text`. */
export const EVIDENCE_LENGTH_MAX = 20_000;

/**
 * Puts the shop's words before Stripe, which takes them once. After a lost answer they are found there.
 * @throws EvidenceRefused when Stripe takes none now.
 */
export function createStripeEvidence(stripe: Stripe, gate: ProviderGate) {
  return async ({ reference, paymentId, text }: ProviderEvidence): Promise<void> => {
    const call = (operation: string) => ({ operation, paymentId, key: null, safe: true });
    const params = { evidence: { uncategorized_text: text }, submit: true };
    try {
      await gate.run(call("update_dispute"), () => stripe.disputes.update(reference, params));
    } catch (error) {
      const { outcome, code } = classifyStripeError(error);
      if (outcome !== "rejected") throw error;
      const dispute = await gate.run(call("get_dispute"), () => stripe.disputes.retrieve(reference));
      if (dispute.evidence.uncategorized_text !== text) throw new EvidenceRefused(code ?? dispute.status);
    }
  };
}

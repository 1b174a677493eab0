import { z } from "zod";
import { classifyPaypalError } from "./paypal-client.ts";
import type { PaypalRest } from "./paypal-rest.ts";
import { EvidenceRefused, type ProviderEvidence } from "./provider.ts";

/** PayPal takes so many characters of notes. Source: Customer Disputes v1, "notes". */
export const EVIDENCE_LENGTH_MAX = 2_000;

const disputeSchema = z.object({
  status: z.string(),
  evidences: z.array(z.object({ notes: z.string().optional() })).default([]),
  links: z.array(z.object({ rel: z.string() })).default([]),
});

/**
 * Puts the shop's words before PayPal, which takes them once, while it waits for the seller. After a lost answer they are found there.
 * @throws EvidenceRefused when PayPal takes none now.
 */
export function createPaypalEvidence(rest: PaypalRest) {
  return async ({ reference, paymentId, text }: ProviderEvidence): Promise<void> => {
    const path = `/v1/customer/disputes/${encodeURIComponent(reference)}`;
    const look = async () => {
      const call = { operation: "get_dispute", paymentId, key: null, safe: true };
      const dispute = disputeSchema.parse(JSON.parse(await rest(call, { method: "GET", path })));
      return { ...dispute, isSaid: dispute.evidences.some(({ notes }) => notes === text) };
    };
    const { isSaid, links, status } = await look();
    if (isSaid) return;
    if (!links.some(({ rel }) => rel.replaceAll("-", "_") === "provide_evidence")) {
      throw new EvidenceRefused(status.toLowerCase());
    }
    const call = { operation: "provide_evidence", paymentId, key: null, safe: true };
    try {
      await rest(call, { method: "POST", path: `${path}/provide-evidence`, body: formOf(text) });
    } catch (error) {
      const { outcome, code } = classifyPaypalError(error);
      if (outcome !== "rejected") throw error;
      // It may have been sent twice, and taken the first time.
      if (!(await look()).isSaid) throw new EvidenceRefused(code?.toLowerCase() ?? "rejected");
    }
  };
}

/** JSON in a part of a form, beside which documents could travel. */
function formOf(notes: string): FormData {
  const form = new FormData();
  const input = JSON.stringify({ evidences: [{ evidence_type: "OTHER", notes }] });
  form.append("input", new Blob([input], { type: "application/json" }), "input.json");
  return form;
}

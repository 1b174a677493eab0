import { z } from "zod";
import type { StoredRecord } from "../stand-in/record-store.ts";
import { bookMovement } from "./balance-transactions.ts";
import { noSuch, refused } from "./errors.ts";
import { announce } from "./events.ts";
import { listPage } from "./lists.ts";
import type { ApiList, Dispute } from "./objects.ts";
import { anything, applyMetadata, expand, flag, listParameters, metadata, text } from "./parameters.ts";
import type { Turn } from "./turn.ts";

export const updateDisputeSchema = z.strictObject({
  evidence: z.record(z.string(), anything).optional(),
  metadata,
  submit: flag.optional(),
  expand,
});
export const disputeListSchema = z.strictObject({
  ...listParameters,
  charge: text.optional(),
  payment_intent: text.optional(),
});

export function retrieveDispute(turn: Turn, id: string): Dispute {
  return findDispute(turn, id).view;
}

export function listDisputes(turn: Turn, params: z.infer<typeof disputeListSchema>): ApiList<Dispute> {
  return listPage(turn.disputes, params, {
    url: "/v1/disputes",
    parent: params.charge,
    keeps: (dispute) => params.payment_intent === undefined || dispute.payment_intent === params.payment_intent,
  });
}

/**
 * Adds evidence and, unless `submit` is false, hands it in. As in Stripe's test mode the text
 * `winning_evidence` or `losing_evidence` in `uncategorized_text` decides the case at once.
 */
export function updateDispute(turn: Turn, id: string, params: z.infer<typeof updateDisputeSchema>): Dispute {
  const dispute = findDispute(turn, id);
  const { view } = dispute;
  if (view.status !== "needs_response") throw closed(view);
  view.metadata = applyMetadata(view.metadata, params.metadata);
  const { evidence } = params;
  if (evidence !== undefined) {
    const submitted = params.submit !== false;
    view.evidence = { ...(typeof view.evidence === "object" ? view.evidence : {}), ...evidence };
    view.evidence_details = {
      ...view.evidence_details,
      has_evidence: true,
      submission_count: view.evidence_details.submission_count + (submitted ? 1 : 0),
    };
    if (submitted) view.status = "under_review";
  }
  turn.disputes.save(dispute);
  announce(turn, "charge.dispute.updated", view);
  if (view.status === "under_review") decide(turn, dispute, evidence?.uncategorized_text);
  return view;
}

/** The shop accepts the loss. */
export function closeDispute(turn: Turn, id: string): Dispute {
  const dispute = findDispute(turn, id);
  if (dispute.view.status !== "needs_response") throw closed(dispute.view);
  end(turn, dispute, "lost");
  return dispute.view;
}

function decide(turn: Turn, dispute: StoredRecord<Dispute, null>, text: unknown): void {
  if (text === "winning_evidence") end(turn, dispute, "won");
  if (text === "losing_evidence") end(turn, dispute, "lost");
}

function end(turn: Turn, dispute: StoredRecord<Dispute, null>, status: "lost" | "won"): void {
  dispute.view.status = status;
  turn.disputes.save(dispute);
  if (status === "won") {
    const { id: source, amount, currency } = dispute.view;
    bookMovement(turn, { type: "adjustment", source, amount, currency });
    announce(turn, "charge.dispute.funds_reinstated", dispute.view);
  }
  announce(turn, "charge.dispute.closed", dispute.view);
}

function closed(dispute: Dispute): Error {
  return refused(`This dispute is already ${dispute.status}.`);
}

function findDispute(turn: Turn, id: string): StoredRecord<Dispute, null> {
  const dispute = turn.disputes.find(id);
  if (dispute === null) throw noSuch("dispute", id);
  return dispute;
}

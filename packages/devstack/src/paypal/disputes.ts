import { z } from "zod";
import { findCapture } from "./captures.ts";
import { notFound, unprocessable } from "./errors.ts";
import { announce, type EventType, orderIdOf } from "./events.ts";
import type { Dispute } from "./objects.ts";
import { isReversed, reverseCapture } from "./reversals.ts";
import { link, newId, type StoredDispute, type Turn, timestamp } from "./turn.ts";

const RESPONSE_MS = 10 * 24 * 60 * 60 * 1000;
const NOTES_LENGTH_MAX = 2_000;

export const openDisputeSchema = z.strictObject({
  capture: z.string().min(1),
  reason: z.string().max(255).default("MERCHANDISE_OR_SERVICE_NOT_RECEIVED"),
});

export const disputeListSchema = z.object({
  disputed_transaction_id: z.string().optional(),
  page_size: z.coerce.number().int().min(1).max(50).default(10),
});

export const evidenceSchema = z.looseObject({
  evidences: z
    .array(
      z.looseObject({
        evidence_type: z.string().min(1).max(255),
        evidence_info: z.looseObject({}).optional(),
        notes: z.string().max(NOTES_LENGTH_MAX).optional(),
      }),
    )
    .min(1)
    .max(100),
});

export const adjudicateSchema = z.object({ adjudication_outcome: z.enum(["BUYER_FAVOR", "SELLER_FAVOR"]) });

/** The buyer wants the captured money back. Answers the dispute's id. */
export function openDispute(turn: Turn, captureId: string, reason: string): string {
  const { view: capture } = findCapture(turn, captureId);
  const now = timestamp(turn.nowMs);
  const dispute: Dispute = {
    id: `PP-D-${newId().slice(0, 6)}`,
    create_time: now,
    update_time: now,
    disputed_transactions: [
      {
        seller_transaction_id: captureId,
        create_time: capture.create_time,
        transaction_status: capture.status,
        gross_amount: capture.amount,
        custom: capture.custom_id,
      },
    ],
    reason,
    status: "WAITING_FOR_SELLER_RESPONSE",
    dispute_state: "REQUIRED_ACTION",
    dispute_amount: capture.amount,
    dispute_life_cycle_stage: "CHARGEBACK",
    dispute_channel: "INTERNAL",
    seller_response_due_date: timestamp(turn.nowMs + RESPONSE_MS),
    evidences: [],
  };
  turn.disputes.insert({ view: dispute, hidden: null }, { parent: captureId });
  tell(turn, "CUSTOMER.DISPUTE.CREATED", dispute);
  return dispute.id;
}

export function findDispute(turn: Turn, id: string): StoredDispute {
  const dispute = turn.disputes.find(id);
  if (dispute === null) throw notFound();
  return dispute;
}

/** With links to what may be done next, as PayPal has it. */
export function showDispute(turn: Turn, { id, ...view }: Dispute): unknown {
  const path = `/v1/customer/disputes/${id}`;
  const isOpen = view.status === "WAITING_FOR_SELLER_RESPONSE";
  const links = [
    link(turn, path, "self"),
    ...(isOpen ? [link(turn, `${path}/provide-evidence`, "provide_evidence", "POST")] : []),
    ...(isOpen ? [link(turn, `${path}/accept-claim`, "accept_claim", "POST")] : []),
  ];
  return { dispute_id: id, ...view, links };
}

function tell(turn: Turn, type: EventType, dispute: Dispute): void {
  const { view: capture } = findCapture(turn, disputedCapture(dispute));
  announce(turn, type, showDispute(turn, dispute), orderIdOf(capture));
}

/** Every dispute is about one capture. */
const disputedCapture = ({ disputed_transactions: [transaction] }: Dispute) => transaction?.seller_transaction_id ?? "";

export function listDisputes(turn: Turn, query: z.infer<typeof disputeListSchema>): unknown {
  const items: unknown[] = [];
  for (const { view } of turn.disputes.newestFirst({ parent: query.disputed_transaction_id })) {
    if (items.length === query.page_size) break;
    items.push(showDispute(turn, view));
  }
  return { items, links: [] };
}

/** Takes the merchant's word while it is awaited, and puts the case before PayPal. */
export function provideEvidence(turn: Turn, id: string, { evidences }: z.infer<typeof evidenceSchema>): unknown {
  const dispute = findDispute(turn, id);
  const { view } = dispute;
  if (view.status !== "WAITING_FOR_SELLER_RESPONSE") throw notNow();
  view.evidences = evidences.map((evidence) => ({ ...evidence, source: "SUBMITTED_BY_SELLER" }));
  view.status = "UNDER_REVIEW";
  view.dispute_state = "UNDER_PAYPAL_REVIEW";
  delete view.seller_response_due_date;
  view.update_time = timestamp(turn.nowMs);
  turn.disputes.save(dispute);
  tell(turn, "CUSTOMER.DISPUTE.UPDATED", view);
  return { links: [link(turn, `/v1/customer/disputes/${id}`, "self")] };
}

/** The merchant gives in. */
export function acceptClaim(turn: Turn, id: string): unknown {
  const dispute = findDispute(turn, id);
  if (dispute.view.status !== "WAITING_FOR_SELLER_RESPONSE") throw notNow();
  return end(turn, dispute, "ACCEPTED");
}

/** How PayPal decides; there only in the sandbox. */
export function adjudicate(turn: Turn, id: string, body: z.infer<typeof adjudicateSchema>): unknown {
  const dispute = findDispute(turn, id);
  if (dispute.view.status !== "UNDER_REVIEW") throw notNow();
  const isBuyers = body.adjudication_outcome === "BUYER_FAVOR";
  return end(turn, dispute, isBuyers ? "RESOLVED_BUYER_FAVOUR" : "RESOLVED_SELLER_FAVOUR");
}

function end(turn: Turn, dispute: StoredDispute, outcome: string): unknown {
  const { view } = dispute;
  view.status = "RESOLVED";
  view.dispute_state = "RESOLVED";
  delete view.seller_response_due_date;
  const isGivenBack = outcome !== "RESOLVED_SELLER_FAVOUR";
  view.dispute_outcome = { outcome_code: outcome, ...(isGivenBack && { amount_refunded: view.dispute_amount }) };
  view.update_time = timestamp(turn.nowMs);
  turn.disputes.save(dispute);
  const capture = disputedCapture(view);
  if (isGivenBack && !isReversed(turn, capture)) reverseCapture(turn, capture);
  tell(turn, "CUSTOMER.DISPUTE.RESOLVED", view);
  return { links: [link(turn, `/v1/customer/disputes/${view.id}`, "self")] };
}

function notNow(): Error {
  return unprocessable("ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE");
}

import { bookMovement } from "./balance-transactions.ts";
import { announce } from "./events.ts";
import type { Dispute } from "./objects.ts";
import { newId, type StoredCharge, seconds, type Turn } from "./turn.ts";

const EVIDENCE_SECONDS = 9 * 24 * 60 * 60;

/** The cardholder takes the captured money back; the shop may answer with evidence. */
export function openDispute(turn: Turn, charge: StoredCharge, reason: string): void {
  const dispute: Dispute = {
    id: newId("du"),
    object: "dispute",
    amount: charge.view.amount_captured,
    balance_transactions: [],
    charge: charge.view.id,
    created: seconds(turn),
    currency: charge.view.currency,
    evidence: {},
    evidence_details: {
      due_by: seconds(turn) + EVIDENCE_SECONDS,
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.view.payment_intent,
    reason,
    status: "needs_response",
  };
  charge.view.disputed = true;
  turn.charges.save(charge);
  const { id: source, amount, currency } = dispute;
  bookMovement(turn, { type: "adjustment", source, amount: -amount, currency });
  turn.disputes.insert({ view: dispute, hidden: null }, { parent: charge.view.id });
  announce(turn, "charge.dispute.created", dispute);
  announce(turn, "charge.dispute.funds_withdrawn", dispute);
}

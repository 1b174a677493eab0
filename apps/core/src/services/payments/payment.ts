import type { Instant, Money, StateTable } from "@stoa/kernel";
import type { OrderPaymentState } from "@stoa/read-models";

/** Who can take money, by the name the storefront API uses. */
export const providerNames = ["stripe", "paypal", "manual"] as const;
export type ProviderName = (typeof providerNames)[number];

/**
 * Legal transitions. The edges out of `failed`, `cancelled`, `voided` and `expired` exist because providers report late:
 * what they say about money always wins over what we believed.
 */
export const paymentStates = {
  pending: ["requires_action", "processing", "authorized", "captured", "voided", "failed", "cancelled", "expired"],
  requires_action: ["processing", "authorized", "captured", "voided", "failed", "cancelled", "expired"],
  processing: ["requires_action", "authorized", "captured", "voided", "failed", "cancelled", "expired"],
  authorized: ["captured", "voided", "expired"],
  captured: [],
  failed: ["authorized", "captured", "voided", "expired"],
  cancelled: ["authorized", "captured", "voided", "failed", "expired"],
  voided: ["captured"],
  expired: ["captured", "voided"],
} as const satisfies StateTable;
export type PaymentState = keyof typeof paymentStates;

/** Where a payment stands while nothing about money has been decided. */
export type OpenState = Extract<PaymentState, "pending" | "requires_action" | "processing">;

export const openStates = ["pending", "requires_action", "processing"] as const satisfies readonly OpenState[];

export const factTypes = [
  "authorized",
  "captured",
  "voided",
  "expired",
  "failed",
  "refunded",
  "refund_failed",
  "disputed",
  "dispute_won",
  "dispute_lost",
] as const;
export type FactType = (typeof factTypes)[number];

/**
 * Something a provider has said about a payment that will stay true: the same fact may be told often and in any order.
 * `reference` is the provider's id of what it is about; amounts are in the payment's currency, null where none is meant.
 */
export interface PaymentFact {
  readonly type: FactType;
  readonly reference: string;
  readonly amount: Money | null;
  /** For `authorized`: until when the money is held. */
  readonly until?: Instant | null;
  /** For `failed`: the provider's own word for why, such as `insufficient_funds`. */
  readonly declineCode?: string;
  /** For refunds: our refund's id, when the provider tells it back. */
  readonly refundId?: string | null;
  /** For disputes. */
  readonly reason?: string;
}

/** What the facts add up to. */
export interface PaymentStanding {
  readonly state: PaymentState;
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
  readonly authorizedUntil: Instant | null;
  readonly declineCode: string | null;
}

/**
 * The one place where a payment's state is decided: from the set of facts alone, so that their order and their repetition
 * cannot matter. `open` is what holds as long as no fact has decided.
 */
export function standingOf(facts: readonly PaymentFact[], open: OpenState): PaymentStanding {
  const failedRefunds = new Set(facts.filter((fact) => fact.type === "refund_failed").map((fact) => fact.reference));
  const authorization = facts.find((fact) => fact.type === "authorized");
  const captured = facts.find((fact) => fact.type === "captured")?.amount?.amount ?? 0;
  const refunded = facts
    .filter((fact) => fact.type === "refunded" && !failedRefunds.has(fact.reference))
    .reduce((sum, fact) => sum + (fact.amount?.amount ?? 0), 0);
  const state = stateOf(facts, open);
  return {
    state,
    // News of a capture may overtake that of its authorisation, and news of a refund that of its capture.
    authorized: Math.max(authorization?.amount?.amount ?? 0, captured),
    captured,
    refunded: Math.min(refunded, captured),
    authorizedUntil: state === "authorized" ? (authorization?.until ?? null) : null,
    declineCode: facts.find((fact) => fact.type === "failed")?.declineCode ?? null,
  };
}

function stateOf(facts: readonly PaymentFact[], open: OpenState): PaymentState {
  const has = (type: FactType) => facts.some((fact) => fact.type === type);
  if (has("captured")) return "captured";
  if (has("authorized")) return has("voided") ? "voided" : has("expired") ? "expired" : "authorized";
  if (has("failed")) return "failed";
  return has("voided") || has("expired") ? "cancelled" : open;
}

/** What the world outside is told: the storefront's payment states. */
export function orderPaymentStateOf(payment: {
  readonly state: PaymentState;
  readonly captured: number;
  readonly refunded: number;
}): OrderPaymentState {
  switch (payment.state) {
    case "pending":
    case "processing":
      return "pending";
    case "captured":
      if (payment.refunded === 0) return "captured";
      return payment.refunded < payment.captured ? "partially_refunded" : "refunded";
    case "voided":
    case "cancelled":
    case "expired":
      return "voided";
    default:
      return payment.state;
  }
}

/** An authorisation or a capture counts only when it is for exactly what the order costs. */
export function isForWholeAmount(fact: PaymentFact, expected: Money): boolean {
  if (fact.type !== "authorized" && fact.type !== "captured") return true;
  return fact.amount?.amount === expected.amount && fact.amount.currency === expected.currency;
}

export const refundStates = {
  requested: ["pending", "succeeded", "failed"],
  pending: ["succeeded", "failed"],
  succeeded: ["failed"],
  // Who tries again asks for another refund.
  failed: [],
} as const satisfies StateTable;
export type RefundState = keyof typeof refundStates;

export const disputeStates = {
  opened: ["evidence_sent", "won", "lost"],
  evidence_sent: ["won", "lost"],
  won: [],
  lost: [],
} as const satisfies StateTable;
export type DisputeState = keyof typeof disputeStates;

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
  // PayPal can secure money anew under another authorization.
  voided: ["authorized", "captured"],
  expired: ["authorized", "captured", "voided"],
} as const satisfies StateTable;
export type PaymentState = keyof typeof paymentStates;

/** Where a payment stands while nothing about money has been decided. */
export type OpenState = Extract<PaymentState, "pending" | "requires_action" | "processing">;

export const openStates = ["pending", "requires_action", "processing"] as const satisfies readonly OpenState[];

export const factTypes = [
  "authorized",
  "captured",
  "released",
  "voided",
  "expired",
  "failed",
  "refunded",
  "refund_failed",
  "disputed",
  "dispute_answered",
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
  /** For `authorized`: until when the money is held. For `disputed`: until when evidence is taken. */
  readonly until?: Instant | null;
  /** For `failed`: the provider's own word for why, such as `insufficient_funds`. */
  readonly declineCode?: string;
  /** For refunds: our refund's id, when the provider tells it back. */
  readonly refundId?: string | null;
  /** For `captured`: the amount is what had been taken in all by then, not what one capture added. */
  readonly isTotal?: boolean;
  /** For refunds and disputes: which capture the money comes from, where a provider refunds captures and not payments. */
  readonly captureReference?: string | null;
  /** For disputes. */
  readonly reason?: string;
  /** For the end of a dispute, and money that was taken back: when the provider said so, first where it has said it more than once. */
  readonly at?: Instant | null;
  /** For the end of a dispute that was told more than once: when it was told last. In between it may have been turned round. */
  readonly toldLastAt?: Instant | null;
}

export const isAboutRefund = ({ type }: Pick<PaymentFact, "type">) => type === "refunded" || type === "refund_failed";

/** What the facts add up to. */
export interface PaymentStanding {
  readonly state: PaymentState;
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
  /** What is still held and can be captured. */
  readonly held: number;
  /** Until when; null when nothing is held. */
  readonly authorizedUntil: Instant | null;
  readonly declineCode: string | null;
}

/**
 * The one place where a payment's state is decided: from the set of facts alone, so that their order and their repetition
 * cannot matter. `open` is what holds as long as no fact has decided.
 */
export function standingOf(facts: readonly PaymentFact[], open: OpenState): PaymentStanding {
  const failedRefunds = new Set(facts.filter((fact) => fact.type === "refund_failed").map((fact) => fact.reference));
  const authorizations = facts.filter((fact) => fact.type === "authorized");
  const captured = capturedOf(facts);
  const refunded = facts
    .filter((fact) => fact.type === "refunded" && !failedRefunds.has(fact.reference))
    .reduce((sum, fact) => sum + amountOf(fact), 0);
  // News of a capture may overtake that of its authorisation, and news of a refund that of its capture.
  const authorized = Math.max(captured, ...authorizations.map(amountOf));
  const held = isLetGo(facts) ? 0 : authorized - captured;
  const untils = authorizations.flatMap(({ until }) => until ?? []);
  return {
    state: stateOf(facts, open),
    authorized,
    captured,
    refunded: Math.min(refunded, captured),
    held,
    authorizedUntil: held > 0 && untils.length > 0 ? (Math.max(...untils) as Instant) : null,
    declineCode: facts.find((fact) => fact.type === "failed")?.declineCode ?? null,
  };
}

const amountOf = (fact: PaymentFact) => fact.amount?.amount ?? 0;

/** Single captures add up; of what was taken in all by some time, the most is the latest. */
function capturedOf(facts: readonly PaymentFact[]): number {
  const captures = facts.filter((fact) => fact.type === "captured");
  const single = captures.filter((fact) => !fact.isTotal).reduce((sum, fact) => sum + amountOf(fact), 0);
  return single + Math.max(0, ...captures.filter((fact) => fact.isTotal).map(amountOf));
}

/** Whether nothing is held any more: the rest was released, or what ended was the attempt or each of its authorizations. */
function isLetGo(facts: readonly PaymentFact[]): boolean {
  return facts.some((fact) => fact.type === "released") || hasEnded(facts, ["voided", "expired"]);
}

function hasEnded(facts: readonly PaymentFact[], types: readonly FactType[]): boolean {
  const ended = new Set(facts.filter((fact) => types.includes(fact.type)).map((fact) => fact.reference));
  const authorizations = new Set(facts.filter((fact) => fact.type === "authorized").map((fact) => fact.reference));
  if (ended.difference(authorizations).size > 0) return true;
  return ended.size > 0 && authorizations.isSubsetOf(ended);
}

function stateOf(facts: readonly PaymentFact[], open: OpenState): PaymentState {
  const has = (type: FactType) => facts.some((fact) => fact.type === type);
  if (has("captured")) return "captured";
  if (has("authorized")) {
    if (!isLetGo(facts)) return "authorized";
    return has("voided") || has("released") ? "voided" : "expired";
  }
  if (has("failed")) return "failed";
  return has("voided") || has("expired") || has("released") ? "cancelled" : open;
}

/** What the world outside is told: the storefront's payment states. */
export function orderPaymentStateOf(payment: {
  readonly state: PaymentState;
  readonly held: number;
  readonly captured: number;
  readonly refunded: number;
}): OrderPaymentState {
  switch (payment.state) {
    case "pending":
    case "processing":
      return "pending";
    case "captured":
      if (payment.refunded > 0) return payment.refunded < payment.captured ? "partially_refunded" : "refunded";
      // Part of it has been taken, the rest is still to come.
      return payment.held > 0 ? "authorized" : "captured";
    case "voided":
    case "cancelled":
    case "expired":
      return "voided";
    default:
      return payment.state;
  }
}

/**
 * The facts that can be about what the order costs. An authorisation counts only when it is for exactly that; a capture may be
 * of a part, but what comes beside an authorisation of something else is of that something else. A refund is of what was captured, so
 * in its currency; a dispute may be in the currency of the shopper's bank.
 */
export function matchingFacts(facts: readonly PaymentFact[], expected: Money): PaymentFact[] {
  const isOther = facts.some((fact) => fact.type === "authorized" && !isForWholeAmount(fact, expected));
  return facts.filter((fact) => {
    if (fact.type === "authorized") return isForWholeAmount(fact, expected);
    if (isAboutRefund(fact)) return fact.amount === null || fact.amount.currency === expected.currency;
    if (fact.type !== "captured") return true;
    return !isOther && fact.amount?.currency === expected.currency && fact.amount.amount <= expected.amount;
  });
}

/** An authorisation counts only when it is for exactly what the order costs. */
export function isForWholeAmount(fact: PaymentFact, expected: Money): boolean {
  if (fact.type !== "authorized") return true;
  return fact.amount?.amount === expected.amount && fact.amount.currency === expected.currency;
}

export const refundStates = {
  requested: ["pending", "succeeded", "failed"],
  pending: ["succeeded", "failed"],
  succeeded: ["failed"],
  // Who tries again asks for another refund. But a provider may have given what it had refused to us: its word about money wins.
  failed: ["succeeded"],
} as const satisfies StateTable;
export type RefundState = keyof typeof refundStates;

/** What a shopper gets for money that is owed: the money itself, store credit, or other goods. */
export type RefundTo = "original" | "store_credit" | "exchange";

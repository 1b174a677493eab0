import type { OrderId, PaymentId } from "@stoa/kernel";
import { openStates, type PaymentFact, type ProviderName, standingOf } from "../payment.ts";
import type { PaymentRow } from "../record-news.ts";

/** How the provider's books and ours can disagree. */
export const mismatchKinds = [
  "missing_here",
  "missing_there",
  "amount_differs",
  "state_differs",
  "duplicate_charge",
] as const;
export type MismatchKind = (typeof mismatchKinds)[number];

export interface Mismatch {
  readonly kind: MismatchKind;
  /** The provider's id of what it is about. */
  readonly reference: string | null;
  readonly paymentId: PaymentId | null;
  readonly orderId: OrderId | null;
  /** Of what is missing here: it bears the id of a payment of ours. What bears another's id may be another shop's. */
  readonly isOurs?: boolean;
  /** What either side says, as facts or as a standing; for whoever looks at it. */
  readonly ours: unknown;
  readonly theirs: unknown;
  /** What only a statement tells of the payment, and nobody can be asked for. */
  readonly told?: readonly PaymentFact[];
}

/** What of a payment's facts a provider can be held to. Disputes are told by their own events and not in a payment's books. */
const comparable = (facts: readonly PaymentFact[]) => facts.filter((fact) => !fact.type.startsWith("dispute"));

/** Compares one payment; null when both sides agree. `theirs` is null when the provider does not know it. */
export function mismatchOf(
  row: PaymentRow,
  ours: readonly PaymentFact[],
  theirs: readonly PaymentFact[] | null,
): Mismatch | null {
  const { id: paymentId, orderId, providerReference: reference } = row;
  const about = { reference, paymentId, orderId };
  const own = shownOf(comparable(ours));
  if (theirs === null) {
    return own.authorized > 0 ? { ...about, kind: "missing_there", ours: own, theirs: null } : null;
  }
  const other = shownOf(comparable(theirs));
  const isOpen = (state: string) => openStates.some((open) => open === state);
  // Until money moves, both sides may tell an unfinished attempt in their own words.
  if (isOpen(own.state) && isOpen(other.state)) return null;
  if (moneyless.has(own.state) && moneyless.has(other.state)) return null;
  if (moneyless.has(own.state) && isOpen(other.state) && waitsForUs.has(row.provider)) return null;
  if (own.state !== other.state) return { ...about, kind: "state_differs", ours: own, theirs: other };
  const isSame =
    own.authorized === other.authorized &&
    own.captured === other.captured &&
    own.refunded === other.refunded &&
    own.held === other.held;
  return isSame ? null : { ...about, kind: "amount_differs", ours: own, theirs: other };
}

/** Ends in which nothing was ever taken; providers and we may name them differently. */
const moneyless: ReadonlySet<string> = new Set(["failed", "cancelled", "voided", "expired"]);

/** Where an attempt that is left open takes nothing unless we ask for it: nobody can close an order of PayPal's that has no hold. */
const waitsForUs: ReadonlySet<ProviderName> = new Set(["paypal"]);

function shownOf(facts: readonly PaymentFact[]) {
  const { state, authorized, captured, refunded, held } = standingOf(facts, "pending");
  return { state, authorized, captured, refunded, held };
}

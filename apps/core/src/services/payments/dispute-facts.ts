import type { Instant, StateTable } from "@stoa/kernel";
import type { FactType, PaymentFact } from "./payment.ts";

/** What was decided may be turned round: by an appeal at PayPal, or by the shopper's bank. */
export const disputeStates = {
  opened: ["evidence_sent", "won", "lost"],
  evidence_sent: ["won", "lost"],
  won: ["lost"],
  lost: ["won"],
} as const satisfies StateTable;
export type DisputeState = keyof typeof disputeStates;

export const isDecided = (state: DisputeState) => state === "won" || state === "lost";

const stateOf: Partial<Record<FactType, DisputeState>> = {
  disputed: "opened",
  dispute_answered: "evidence_sent",
  dispute_won: "won",
  dispute_lost: "lost",
};

export const isAboutDispute = ({ type }: Pick<PaymentFact, "type">) => stateOf[type] !== undefined;

/**
 * How a dispute has ended by all that was told of it, in whatever order: the later word counts. Of two of which nobody knows when they
 * were said, money that came back came later, for a dispute takes it first.
 */
export function outcomeOf(
  reference: string,
  facts: readonly PaymentFact[],
): Extract<FactType, "dispute_won" | "dispute_lost"> | null {
  const told = (type: FactType) => facts.find((fact) => fact.type === type && fact.reference === reference);
  const [won, lost] = [told("dispute_won"), told("dispute_lost")];
  if (won && lost) return lastSaid(lost) > lastSaid(won) ? "dispute_lost" : "dispute_won";
  if (won) return "dispute_won";
  return lost ? "dispute_lost" : null;
}

const lastSaid = ({ at, toldLastAt }: PaymentFact) => toldLastAt ?? at ?? 0;

/**
 * The end of a dispute as both tellings of it leave it, in whatever order they come: an end that was turned round, and turned round once
 * more, is told by the same name at another hour. Answers what was known itself where the second adds nothing.
 */
export function toldAnew(known: PaymentFact, told: PaymentFact): PaymentFact {
  const isEnd = known.type === "dispute_won" || known.type === "dispute_lost";
  if (!isEnd || told.at == null || told.at === known.at) return known;
  if (known.at == null) return { ...known, at: told.at };
  const [at, toldLastAt] = [Math.min(known.at, told.at) as Instant, Math.max(lastSaid(known), told.at) as Instant];
  return at === known.at && toldLastAt === known.toldLastAt ? known : { ...known, at, toldLastAt };
}

/** Where all that was told of a dispute leaves it. */
export function disputeStateOf(reference: string, facts: readonly PaymentFact[]): DisputeState {
  const outcome = outcomeOf(reference, facts);
  if (outcome) return outcome === "dispute_won" ? "won" : "lost";
  const isAnswered = facts.some((fact) => fact.type === "dispute_answered" && fact.reference === reference);
  return isAnswered ? "evidence_sent" : "opened";
}

/** Whether it is the end of a dispute that has been turned round since. */
export function isOverturned({ type, reference }: PaymentFact, facts: readonly PaymentFact[]): boolean {
  return (type === "dispute_won" || type === "dispute_lost") && outcomeOf(reference, facts) !== type;
}

/** Why there is a dispute that nobody opened: a provider or a bank has taken the money back without asking, and it is lost at once. */
export const REVERSED = "reversed";

/** What is said of a capture's money that was taken back so. */
export function reversalFacts(
  of: Pick<PaymentFact, "reference" | "amount" | "captureReference" | "at">,
): PaymentFact[] {
  const fact = { ...of, reason: REVERSED };
  return [
    { type: "disputed", ...fact },
    { type: "dispute_lost", ...fact },
  ];
}

/**
 * What tells by itself of money that was taken back, before or after: the dispute that it is of, or the capture under the capture's own
 * name. A dispute from before they named their capture may be over any.
 */
function tellersOf(fact: PaymentFact, facts: readonly PaymentFact[]): PaymentFact[] {
  if (fact.reason !== REVERSED) return [];
  return facts.filter(
    ({ type, reason, reference, captureReference }) =>
      type === "disputed" &&
      (captureReference ?? fact.captureReference) === fact.captureReference &&
      (reason !== REVERSED || (reference === captureReference && reference !== fact.reference)),
  );
}

/** Whether something else tells of the same money, whatever has become of that. */
export const isToldTwice = (fact: PaymentFact, facts: readonly PaymentFact[]) => tellersOf(fact, facts).length > 0;

/**
 * Whether what was taken back is a dispute's money, or the capture's by its own name. What was taken after the shop had won the dispute
 * is not: the dispute has given its money back by then.
 */
export function isOfDispute(fact: PaymentFact, facts: readonly PaymentFact[]): boolean {
  return tellersOf(fact, facts).some((teller) => {
    const won = facts.find((one) => one.type === "dispute_won" && one.reference === teller.reference);
    const cameLater = (fact.at ?? 0) > (won?.at ?? Number.POSITIVE_INFINITY);
    return !cameLater || outcomeOf(teller.reference, facts) !== "dispute_won";
  });
}

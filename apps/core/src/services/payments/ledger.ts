import type { Currency } from "@stoa/kernel";
import { isOfDispute, isToldTwice, outcomeOf } from "./dispute-facts.ts";
import { type FactType, type PaymentFact, type ProviderName, standingOf } from "./payment.ts";

/** What a provider's money is booked on, one set per provider: `stripe.held`, `paypal.balance` … */
export const ledgerAccounts = {
  /** Authorised at the provider, not ours yet; the other side is `committed`. */
  held: "memo",
  committed: "memo",
  /** What the provider owes us. */
  balance: "asset",
  /** Taken from shoppers for orders. */
  sales: "income",
  refunds: "expense",
  /** Taken back by shoppers' banks. */
  disputes: "expense",
} as const;
export type LedgerAccount = keyof typeof ledgerAccounts;

/** What gift cards and store credit are booked on: `credits.liability` … */
export const creditAccounts = {
  /** What the shop owes to those who hold gift cards and store credit. */
  liability: "liability",
  /** Given away: cards issued by staff, store credit in place of money, corrections. */
  granted: "expense",
  /** Taken for orders. */
  sales: "income",
  refunds: "expense",
  /** Never spent, and past its date. */
  expired: "income",
} as const;
export type CreditAccount = keyof typeof creditAccounts;
export type LedgerAccountKind = (typeof ledgerAccounts)[LedgerAccount] | (typeof creditAccounts)[CreditAccount];

/** One line of a posting: a debit is positive, a credit negative, in minor units. */
export interface LedgerLine {
  readonly account: `${ProviderName}.${LedgerAccount}` | `credits.${CreditAccount}`;
  readonly amount: number;
  readonly currency: Currency;
}

export interface LedgerPosting {
  /** `<payment>/<what>/<provider's reference>` or `<gift card>/<what>/<cause>`: the same money is booked once. */
  readonly key: string;
  readonly lines: readonly LedgerLine[];
}

export interface Booked {
  readonly paymentId: string;
  readonly provider: ProviderName;
  readonly currency: Currency;
}

/**
 * The postings that new facts call for. What is held and what was taken follow the standing, so their postings are the difference
 * that the news made; whatever order the facts come in, the accounts end alike.
 */
export function postingsFor(
  payment: Booked,
  before: readonly PaymentFact[],
  after: readonly PaymentFact[],
): LedgerPosting[] {
  const book = ({ what, debit, credit, amount, currency }: Claim): LedgerPosting => ({
    key: `${payment.paymentId}/${what}`,
    lines: [
      { account: `${payment.provider}.${debit}`, amount, currency },
      { account: `${payment.provider}.${credit}`, amount: -amount, currency },
    ],
  });
  const { currency } = payment;
  const [was, is] = [standingOf(before, "pending"), standingOf(after, "pending")];
  const change = changeOf(before, after);
  const [held, captured] = [is.held - was.held, is.captured - was.captured];
  const known = new Set(claimsOf(before, currency).map(({ what }) => what));
  const turned = differences(turnedOf(after, currency), turnedOf(before, currency));
  const postings = [
    book({ what: `held/${change}`, debit: "held", credit: "committed", amount: held, currency }),
    book({ what: `captured/${change}`, debit: "balance", credit: "sales", amount: captured, currency }),
    ...claimsOf(after, currency)
      .filter(({ what }) => !known.has(what))
      .map(book),
    ...[...turned].map(([of, amount]) => {
      return book({ what: `disputes/${of}/${change}`, debit: "disputes", credit: "balance", amount, currency: of });
    }),
  ];
  return postings.filter((posting) => posting.lines.some((line) => line.amount !== 0));
}

/** Names this change and no other: facts are only ever added, or an end of a dispute is told again as of another hour. */
function changeOf(before: readonly PaymentFact[], after: readonly PaymentFact[]): string {
  if (after.length > before.length) return `${after.length}`;
  const hours = after.flatMap(({ at, toldLastAt }) => (at == null ? [] : [toldLastAt ? `${at}-${toldLastAt}` : at]));
  return [after.length, ...hours].join("/");
}

interface Claim {
  readonly what: string;
  readonly debit: LedgerAccount;
  readonly credit: LedgerAccount;
  readonly amount: number;
  readonly currency: Currency;
}

/** Refunds and disputes, each booked once by its own name; what gives money back, only when the taking of it has been. */
function claimsOf(facts: readonly PaymentFact[], ofPayment: Currency): Claim[] {
  const hasCaptured = facts.some((fact) => fact.type === "captured");
  return facts.flatMap((fact): Claim[] => {
    const what = `${fact.type}/${fact.reference}`;
    // A bank may dispute in its own currency, and that is what the provider takes.
    const { amount, currency } = fact.amount ?? { amount: 0, currency: ofPayment };
    const isPaired = facts.some((other) => other.reference === fact.reference && other.type === pairOf[fact.type]);
    switch (fact.type) {
      case "refunded":
        return hasCaptured ? [{ what, debit: "refunds", credit: "balance", amount, currency }] : [];
      case "refund_failed":
        return hasCaptured && isPaired ? [{ what, debit: "balance", credit: "refunds", amount, currency }] : [];
      case "disputed": {
        const taken = { what, debit: "disputes", credit: "balance", amount, currency } as const;
        // The dispute's own posting has taken it.
        return isToldTwice(fact, facts)
          ? [taken, { ...taken, what: `${what}/again`, debit: "balance", credit: "disputes" }]
          : [taken];
      }
      case "dispute_won":
        return isPaired ? [{ what, debit: "balance", credit: "disputes", amount, currency }] : [];
      default:
        return [];
    }
  });
}

type Sums = ReadonlyMap<Currency, number>;

/**
 * What disputes have taken beside what each is booked with by its own name: because the shop's win was turned round, or money was taken
 * back after it.
 */
function turnedOf(facts: readonly PaymentFact[], ofPayment: Currency): Sums {
  const booked = claimsOf(facts, ofPayment).map(({ debit, credit, amount, currency }): [Currency, number] => {
    return [currency, debit === "disputes" ? amount : credit === "disputes" ? -amount : 0];
  });
  return differences(sumsOf(takenOf(facts)), sumsOf(booked));
}

/** What each dispute keeps from the shop. */
function takenOf(facts: readonly PaymentFact[]): [Currency, number][] {
  return facts.flatMap((fact) => {
    const { type, reference, amount } = fact;
    if (type !== "disputed" || !amount || isOfDispute(fact, facts)) return [];
    const won = facts.find((one) => one.type === "dispute_won" && one.reference === reference)?.amount;
    const isWon = won && outcomeOf(reference, facts) === "dispute_won";
    const taken: [Currency, number] = [amount.currency, amount.amount];
    return isWon ? [taken, [won.currency, -won.amount]] : [taken];
  });
}

function sumsOf(amounts: readonly (readonly [Currency, number])[]): Sums {
  const sums = new Map<Currency, number>();
  for (const [currency, amount] of amounts) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return sums;
}

const differences = (left: Sums, right: Sums): Sums =>
  sumsOf([...left, ...[...right].map(([currency, amount]): [Currency, number] => [currency, -amount])]);

const pairOf: Partial<Record<FactType, FactType>> = { refund_failed: "refunded", dispute_won: "disputed" };

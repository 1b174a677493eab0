import type { Currency } from "@stoa/kernel";
import type { FactType, PaymentFact, ProviderName } from "./payment.ts";

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

/** Every posting that a set of facts calls for. More facts only ever add postings, whatever order they come in. */
export function postingsFor(payment: Booked, facts: readonly PaymentFact[]): LedgerPosting[] {
  const has = (type: FactType) => facts.some((fact) => fact.type === type);
  const amountOf = (type: FactType) => facts.find((fact) => fact.type === type)?.amount?.amount ?? 0;
  const move = (what: string, debit: LedgerAccount, credit: LedgerAccount, amount: number): LedgerPosting => ({
    key: `${payment.paymentId}/${what}`,
    lines: [
      { account: `${payment.provider}.${debit}`, amount, currency: payment.currency },
      { account: `${payment.provider}.${credit}`, amount: -amount, currency: payment.currency },
    ],
  });
  const postings: LedgerPosting[] = [];
  const held = amountOf("authorized");
  if (has("authorized")) postings.push(move("authorized", "held", "committed", held));
  if (has("authorized") && (has("captured") || has("voided") || has("expired"))) {
    postings.push(move("released", "committed", "held", held));
  }
  if (has("captured")) postings.push(move("captured", "balance", "sales", amountOf("captured")));
  for (const fact of facts) {
    const amount = fact.amount?.amount ?? 0;
    const isPaired = facts.some((other) => other.reference === fact.reference && other.type === pairOf[fact.type]);
    const what = `${fact.type}/${fact.reference}`;
    if (fact.type === "refunded" && has("captured")) postings.push(move(what, "refunds", "balance", amount));
    if (fact.type === "disputed") postings.push(move(what, "disputes", "balance", amount));
    if (fact.type === "refund_failed" && isPaired && has("captured"))
      postings.push(move(what, "balance", "refunds", amount));
    if (fact.type === "dispute_won" && isPaired) postings.push(move(what, "balance", "disputes", amount));
  }
  return postings.filter((posting) => posting.lines.some((line) => line.amount !== 0));
}

// What gives money back can only be booked when the taking of it has been.
const pairOf: Partial<Record<FactType, FactType>> = { refund_failed: "refunded", dispute_won: "disputed" };

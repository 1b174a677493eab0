import type { Money } from "@stoa/kernel";
import { asc, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { ledgerEntry } from "./tables.ts";

export interface TrialBalance {
  readonly accounts: readonly { readonly account: string; readonly balance: Money }[];
  /** The sum over all accounts, zero in each currency at any time. */
  readonly totals: readonly Money[];
  /** Postings that do not add up to zero; there is none. At most 100 are named. */
  readonly unbalanced: readonly string[];
  readonly isBalanced: boolean;
}

const UNBALANCED_MAX = 100;

/** The ledger's balances: a debit is positive, a credit negative. */
export async function trialBalance(db: Database | Transaction): Promise<TrialBalance> {
  const sum = sql<string>`sum(${ledgerEntry.amount})`;
  const [accounts, postings] = await Promise.all([
    db
      .select({ account: ledgerEntry.account, currency: ledgerEntry.currency, sum })
      .from(ledgerEntry)
      .groupBy(ledgerEntry.account, ledgerEntry.currency)
      .orderBy(asc(ledgerEntry.account), asc(ledgerEntry.currency)),
    db
      .select({ key: ledgerEntry.postingKey })
      .from(ledgerEntry)
      .groupBy(ledgerEntry.postingKey, ledgerEntry.currency)
      .having(sql`${sum} <> 0`)
      .limit(UNBALANCED_MAX),
  ]);
  const totals = [...Map.groupBy(accounts, (row) => row.currency)].map(([currency, own]) => ({
    currency,
    amount: own.reduce((total, row) => total + Number(row.sum), 0),
  }));
  return {
    accounts: accounts.map((row) => ({
      account: row.account,
      balance: { amount: Number(row.sum), currency: row.currency },
    })),
    totals,
    unbalanced: postings.map((row) => row.key),
    isBalanced: postings.length === 0 && totals.every((total) => total.amount === 0),
  };
}

import { BREACHES_MAX, type Invariant } from "../invariant.ts";

export const ledgerBalances: Invariant = {
  number: 7,
  title: "every posting adds up to zero per currency, and so does the whole ledger",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql } }) {
    const postings = await sql<{ key: string; sum: string }[]>`
      select p.key, coalesce(e.currency, '') as currency, coalesce(sum(e.amount), 0)::text as sum
      from payments.ledger_posting p left join payments.ledger_entry e on e.posting_key = p.key
      group by p.key, e.currency having coalesce(sum(e.amount), 0) <> 0 or count(e.line) < 2 limit ${BREACHES_MAX}`;
    const whole = await sql<{ currency: string; sum: string }[]>`
      select currency, sum(amount)::text as sum from payments.ledger_entry group by currency having sum(amount) <> 0`;
    return [
      ...postings.map(({ key, sum }) => `posting ${key} adds up to ${sum}`),
      ...whole.map(({ currency, sum }) => `the trial balance in ${currency} is ${sum}`),
    ];
  },
};

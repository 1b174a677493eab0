import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant } from "../invariant.ts";

export const ledgerBalances: Invariant = {
  number: 7,
  title:
    "every posting and the whole ledger add up to zero, disputes have taken what is not won of them, and gift cards hold what they were given and the ledger owes",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql } }) {
    const postings = await sql<{ key: string; sum: string }[]>`
      select p.key, coalesce(e.currency, '') as currency, coalesce(sum(e.amount), 0)::text as sum
      from payments.ledger_posting p left join payments.ledger_entry e on e.posting_key = p.key
      group by p.key, e.currency having coalesce(sum(e.amount), 0) <> 0 or count(e.line) < 2 limit ${BREACHES_MAX}`;
    const whole = await sql<{ currency: string; sum: string }[]>`
      select currency, sum(amount)::text as sum from payments.ledger_entry group by currency having sum(amount) <> 0`;
    const cards = await sql<{ id: string; balance: number; held: number; sum: number; aside: number }[]>`
      with entries as (
        select gift_card_id as id,
          sum(case when type in ('issued', 'refunded', 'adjusted', 'converted') then amount
            when type in ('redeemed', 'expired') then -amount else 0 end) as sum,
          sum(case when type = 'held' then amount when type in ('released', 'redeemed') then -amount else 0 end) as aside
        from payments.gift_card_entry group by gift_card_id
      )
      select c.id::text, c.balance::float8 as balance, c.held::float8 as held,
        coalesce(e.sum, 0)::float8 as sum, coalesce(e.aside, 0)::float8 as aside
      from payments.gift_card c left join entries e on e.id = c.id
      where c.balance <> coalesce(e.sum, 0) or c.held <> coalesce(e.aside, 0) limit ${BREACHES_MAX}`;
    const owed = await sql<{ currency: string; owed: string; balance: string }[]>`
      with owed as (
        select currency, -sum(amount) as amount from payments.ledger_entry
        where account = 'credits.liability' group by currency
      ), cards as (select currency, sum(balance) as amount from payments.gift_card group by currency)
      select currency, coalesce(owed.amount, 0)::text as owed, coalesce(cards.amount, 0)::text as balance
      from owed full join cards using (currency) where coalesce(owed.amount, 0) <> coalesce(cards.amount, 0)`;
    const disputes = await sql<{ id: string; booked: string; taken: string }[]>`
      with booked as (
        select p.payment_id, e.currency, sum(e.amount) as amount
        from payments.ledger_entry e join payments.ledger_posting p on p.key = e.posting_key
        where e.account like '%.disputes' group by p.payment_id, e.currency
      ), taken as (
        select payment_id, currency, sum(amount) filter (where state <> 'won') as amount
        from payments.dispute group by payment_id, currency
      )
      select payment_id::text as id, coalesce(booked.amount, 0)::text as booked, coalesce(taken.amount, 0)::text as taken
      from booked full join taken using (payment_id, currency)
      where coalesce(booked.amount, 0) <> coalesce(taken.amount, 0) limit ${BREACHES_MAX}`;
    return [
      ...disputes.map(({ id, booked, taken }) => {
        return `${idOf("pay", id)}: disputes that are not won are over ${taken}, the ledger says ${booked}`;
      }),
      ...postings.map(({ key, sum }) => `posting ${key} adds up to ${sum}`),
      ...whole.map(({ currency, sum }) => `the trial balance in ${currency} is ${sum}`),
      ...cards.map((card) => {
        const stands = `${card.balance} with ${card.held} held`;
        return `${idOf("gft", card.id)} stands at ${stands}, its entries say ${card.sum} with ${card.aside} held`;
      }),
      ...owed.map((row) => `gift cards in ${row.currency} hold ${row.balance}, the ledger owes ${row.owed}`),
    ];
  },
};

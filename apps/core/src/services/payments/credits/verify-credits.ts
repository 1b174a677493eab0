import type { Currency } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Database } from "../../../platform/db/index.ts";
import { giftCard } from "../tables.ts";
import { entryEffects } from "./credit.ts";

/** A balance that is not what its entries add up to. */
export interface CreditMismatch {
  readonly what: "balance" | "held" | "tender" | "payment" | "ledger";
  /** The card's uuid, the order's for a tender, the payment's for what became credit, the currency for the ledger. */
  readonly about: string;
  readonly found: number;
  readonly expected: number;
}

const effectOf = (column: "balance" | "held") =>
  sql.join(
    Object.entries(entryEffects).map(([type, effect]) => sql`when ${type} then ${effect[column]}::int`),
    sql` `,
  );

/** What is compared: sums of entries, of holds and of what became credit. */
const sums = () => sql`
    with sums as (
      select card.id, card.currency, card.balance, card.held,
        coalesce(sum(entry.amount * case entry.type ${effectOf("balance")} end), 0) as entered,
        coalesce(sum(entry.amount * case entry.type ${effectOf("held")} end), 0) as set_aside
      from payments.gift_card card left join payments.gift_card_entry entry on entry.gift_card_id = card.id
      group by card.id
    ),
    tenders as (
      select gift_card_id,
        coalesce(sum(amount) filter (where state = 'held'), 0) as held
      from payments.credit_tender group by gift_card_id
    ),
    refunds as (
      select order_id, gift_card_id, sum(amount) as amount from payments.gift_card_entry
      where type = 'refunded' group by order_id, gift_card_id
    ),
    converted as (
      select order_id, from_card_id as gift_card_id, sum(amount - returned) as amount from payments.credit_source
      where from_card_id is not null group by order_id, from_card_id
    ),
    paid as (
      select payment_id as id, sum(amount - returned) as amount from payments.credit_source
      where payment_id is not null group by payment_id
    ),
    owed as (
      select currency, sum(amount) as amount from payments.ledger_entry
      where account = 'credits.liability' group by currency
    )`;

/**
 * Compares every projection with what it is a projection of: balances and holds with the entries, holds and refunds of orders with
 * theirs, what payments gave for credit with where credit came from, and the ledger's liability with the sum of all balances. Empty when all is well.
 */
export async function verifyCredits(db: Database): Promise<CreditMismatch[]> {
  const rows = await db.execute<{ what: CreditMismatch["what"]; about: string; found: string; expected: string }>(sql`
    ${sums()}
    select 'balance' as what, id::text as about, balance as found, entered as expected from sums where balance <> entered
    union all
    select 'held', id::text, sums.held, set_aside from sums where sums.held <> set_aside
    union all
    select 'tender', sums.id::text, coalesce(tenders.held, 0), sums.held
    from sums left join tenders on tenders.gift_card_id = sums.id where coalesce(tenders.held, 0) <> sums.held
    union all
    select 'tender', tender.order_id::text, tender.refunded, coalesce(refunds.amount, 0) + coalesce(converted.amount, 0)
    from payments.credit_tender tender left join refunds using (order_id, gift_card_id)
      left join converted using (order_id, gift_card_id)
    where tender.refunded <> coalesce(refunds.amount, 0) + coalesce(converted.amount, 0)
    union all
    select 'payment', payment.id::text, payment.credited, coalesce(paid.amount, 0)
    from payments.payment left join paid on paid.id = payment.id where payment.credited <> coalesce(paid.amount, 0)
    union all
    select 'ledger', currency, -coalesce(owed.amount, 0), coalesce(balances.amount, 0)
    from owed full join (select currency, sum(balance) as amount from payments.gift_card group by currency) balances
      using (currency)
    where -coalesce(owed.amount, 0) <> coalesce(balances.amount, 0)
    limit 1000`);
  return rows.map((row) => ({ ...row, found: Number(row.found), expected: Number(row.expected) }));
}

/** What gift cards and store credit hold in all, and what of them does not add up. Amounts are minor units. */
export interface CreditCheck {
  readonly sums: readonly { readonly currency: Currency; readonly balance: number; readonly held: number }[];
  readonly mismatches: readonly CreditMismatch[];
}

/** For the regular check: the sums that an operator watches, and the mismatches that nobody should ever see. */
export async function checkCredits(db: Database): Promise<CreditCheck> {
  const [rows, mismatches] = await Promise.all([
    db
      .select({
        currency: giftCard.currency,
        balance: sql<string>`sum(${giftCard.balance})`,
        held: sql<string>`sum(${giftCard.held})`,
      })
      .from(giftCard)
      .groupBy(giftCard.currency),
    verifyCredits(db),
  ]);
  const sums = rows.map((row) => ({ ...row, balance: Number(row.balance), held: Number(row.held) }));
  return { sums, mismatches };
}

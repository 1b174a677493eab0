import { type BookEntry, readBooks } from "../books.ts";
import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant } from "../invariant.ts";

interface Booked {
  readonly id: string;
  readonly provider: string;
  readonly reference: string | null;
  readonly captured: number;
  readonly refunded: number;
  readonly promised: number;
  /** What the ledger says that the provider holds for us, and owes us. */
  readonly held: number;
  readonly balance: number;
  readonly disputed: boolean;
}

export const providerAgrees: Invariant = {
  number: 10,
  title: "what the provider says is what our ledger says",
  needs: ["postgres"],
  isLive: false,
  async breaches({ stores }) {
    const { sql } = stores;
    const entries = await readBooks(stores);
    const asked = [stores.stripe === null ? "" : "stripe", stores.paypal === null ? "" : "paypal"];
    const payments = await sql<Booked[]>`
      select p.id::text, p.provider, p.provider_reference as reference, p.captured::float8 as captured,
        p.refunded::float8 as refunded, p.refund_held::float8 as promised,
        coalesce(sum(e.amount) filter (where e.account = p.provider || '.held'), 0)::float8 as held,
        coalesce(sum(e.amount) filter (where e.account = p.provider || '.balance'), 0)::float8 as balance,
        exists (select from payments.dispute d where d.payment_id = p.id) as disputed
      from payments.payment p left join payments.ledger_posting l on l.payment_id = p.id
      left join payments.ledger_entry e on e.posting_key = l.key
      where p.provider = any(${asked}) and p.amount > 0 group by p.id`;
    const books = new Map(entries.map((entry) => [`${entry.provider} ${entry.reference}`, entry]));
    const ours = new Set(payments.map(({ provider, reference }) => `${provider} ${reference}`));
    const unknown = entries.filter((entry) => {
      const isOurs = ours.has(`${entry.provider} ${entry.reference}`);
      return !isOurs && entry.held + entry.captured - entry.refunded > 0;
    });
    return [
      ...payments.flatMap((payment) => differences(payment, books.get(`${payment.provider} ${payment.reference}`))),
      ...unknown.map(({ provider, reference }) => `${provider} has money on ${reference}, which we do not know`),
    ].slice(0, BREACHES_MAX);
  },
};

function differences(payment: Booked, entry: BookEntry | undefined): string[] {
  const { held = 0, captured = 0, refunded = 0 } = entry ?? {};
  const differs: string[] = [];
  const compare = (what: string, theirs: number, ours: number) => {
    if (theirs !== ours) differs.push(`${idOf("pay", payment.id)}: ${what} ${theirs} there, ${ours} here`);
  };
  compare("held", held, payment.held);
  compare("captured", captured, payment.captured);
  // A refund that the provider has yet to complete stands in its books already.
  if (refunded < payment.refunded || refunded > payment.promised) compare("refunded", refunded, payment.refunded);
  if (!payment.disputed) compare("balance", captured - payment.refunded, payment.balance);
  return differs;
}

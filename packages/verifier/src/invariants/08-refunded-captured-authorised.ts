import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant, minutesBefore } from "../invariant.ts";

const LIVE_MINUTES = 15;

export const refundedCapturedAuthorised: Invariant = {
  number: 8,
  title:
    "refunded ≤ captured ≤ authorised for each payment, every refund that was told of is on record by its name, what became credit counts against it once, no order's units cost less than what was taken for them, and no gift card spends what it has not",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql }, now }) {
    const payments = await sql<{ id: string; authorised: number; captured: number; refunded: number }[]>`
      with told as (
        select payment_id,
          coalesce(max(amount) filter (where type = 'authorized'), 0) as authorised,
          coalesce(sum(amount) filter (where type = 'captured' and data->>'isTotal' is distinct from 'true'), 0)
            + coalesce(max(amount) filter (where type = 'captured' and data->>'isTotal' = 'true'), 0) as captured,
          coalesce(sum(amount) filter (where type = 'refunded' and not exists (
            select from payments.payment_event f where f.payment_id = e.payment_id
              and f.type = 'refund_failed' and f.reference = e.reference)), 0) as refunded
        from payments.payment_event e group by payment_id
      )
      select p.id::text, greatest(p.authorized, coalesce(t.authorised, 0))::float8 as authorised,
        greatest(p.captured, coalesce(t.captured, 0))::float8 as captured,
        greatest(p.refunded, coalesce(t.refunded, 0))::float8 as refunded
      from payments.payment p left join told t on t.payment_id = p.id
      where p.refunded > p.captured or p.captured > p.authorized or p.authorized > p.amount
        or t.refunded > t.captured or (t.authorised > 0 and t.captured > t.authorised)
      limit ${BREACHES_MAX}`;
    const promised = await sql<{ id: string; promised: number; captured: number }[]>`
      select p.id::text, sum(r.amount)::float8 as promised, p.captured::float8 as captured
      from payments.payment p join payments.refund r on r.payment_id = p.id
      where r.state <> 'failed' and p.captured > 0 group by p.id, p.captured having sum(r.amount) > p.captured
      limit ${BREACHES_MAX}`;
    const credited = await sql<{ id: string; credited: number; sources: number; left: number }[]>`
      with sources as (
        select payment_id, sum(amount - returned) as amount from payments.credit_source
        where payment_id is not null group by payment_id
      )
      select p.id::text, p.credited::float8 as credited, coalesce(s.amount, 0)::float8 as sources,
        (p.captured - p.refund_held)::float8 as left
      from payments.payment p left join sources s on s.payment_id = p.id
      where p.credited <> coalesce(s.amount, 0) or p.refund_held + p.credited > p.captured
      limit ${BREACHES_MAX}`;
    const nameless = await sql<{ id: string; reference: string }[]>`
      select e.payment_id::text as id, e.reference from payments.payment_event e
      where e.type = 'refunded' and not exists (
        select from payments.refund r where r.payment_id = e.payment_id and r.provider_reference = e.reference)
      limit ${BREACHES_MAX}`;
    // Units of a line may differ by the least that providers take, of the goods and of shipping; what is under way is not over yet.
    const overtaken = await sql<{ id: string; taken: number; cost: number }[]>`
      with kept as (
        select order_id, sum(ceil((total + case when tax_included then 0 else tax end + shipping_share)::numeric
          * (quantity - cancelled) / quantity)) as cost, 2 * sum(quantity) as units
        from orders.order_line group by order_id
      ),
      charged as (
        select p.order_id, sum(p.captured - p.refunded - p.credited - coalesce((
          select sum(r.amount) from payments.refund r where r.payment_id = p.id and r.key like '%/outside/%'), 0) - coalesce((
          select sum(d.amount) from payments.dispute d
          where d.payment_id = p.id and d.state = 'lost' and d.currency = p.currency), 0)) as amount
        from payments.payment p group by p.order_id
      ),
      spent as (
        select order_id, sum(amount - refunded) as amount from payments.credit_tender where state = 'redeemed' group by order_id
      )
      select o.id::text, (coalesce(c.amount, 0) + coalesce(s.amount, 0))::float8 as taken, k.cost::float8 as cost
      from orders."order" o join kept k on k.order_id = o.id left join charged c on c.order_id = o.id
        left join spent s on s.order_id = o.id
      where o.state in ('confirmed', 'completed') and coalesce(c.amount, 0) + coalesce(s.amount, 0) > k.cost + k.units * case
          when o.currency in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 10 when o.currency in ('HUF', 'TWD') then 100 else 1 end
        and o.updated_at < ${minutesBefore(now, LIVE_MINUTES)}
        and not exists (select from payments.refund r join payments.payment p on p.id = r.payment_id
          where p.order_id = o.id and r.state in ('requested', 'pending'))
      limit ${BREACHES_MAX}`;
    const busy = await sql<{ key: string }[]>`
      select key from platform.saga where state in ('running', 'waiting', 'unwinding', 'stuck')`;
    const isBusy = (id: string) => busy.some(({ key }) => key.startsWith(idOf("ord", id)));
    const cards = await sql<{ id: string; balance: number; entries: number }[]>`
      select c.id::text, c.balance::float8 as balance, coalesce(sum(e.amount) filter (
          where e.type in ('issued', 'adjusted', 'refunded', 'converted')), 0)::float8
        - coalesce(sum(e.amount) filter (where e.type in ('redeemed', 'expired')), 0)::float8 as entries
      from payments.gift_card c left join payments.gift_card_entry e on e.gift_card_id = c.id
      group by c.id having c.balance < 0 or c.held < 0 or c.held > c.balance or c.balance <> coalesce(sum(e.amount) filter (
          where e.type in ('issued', 'adjusted', 'refunded', 'converted')), 0)
        - coalesce(sum(e.amount) filter (where e.type in ('redeemed', 'expired')), 0)
      limit ${BREACHES_MAX}`;
    return [
      ...cards.map(({ id, balance, entries }) => `gift card ${id} has ${balance}, its history says ${entries}`),
      ...payments.map(({ id, authorised, captured, refunded }) => {
        return `${idOf("pay", id)}: ${authorised} authorised, ${captured} captured, ${refunded} refunded`;
      }),
      ...credited.map(({ id, credited: became, sources, left }) => {
        return `${idOf("pay", id)}: ${became} became credit of ${left} that was left, credit says ${sources}`;
      }),
      ...overtaken
        .filter(({ id }) => !isBusy(id))
        .map(({ id, taken, cost }) => `${idOf("ord", id)} costs at most ${cost} by now, ${taken} was taken for it`),
      ...nameless.map(
        ({ id, reference }) => `${idOf("pay", id)}: ${reference} was given back and is no refund of ours`,
      ),
      ...promised.map((row) => `${idOf("pay", row.id)}: refunds of ${row.promised} of ${row.captured} captured`),
    ];
  },
};

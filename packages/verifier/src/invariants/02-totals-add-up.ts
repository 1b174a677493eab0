import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant } from "../invariant.ts";

export const totalsAddUp: Invariant = {
  number: 2,
  title:
    "lines + shipping + tax − discount = total = what was authorised and what gift cards paid; no line got back, or paid for others, more than was paid for it",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql } }) {
    const lines = await sql<{ id: string; position: number }[]>`
      select order_id::text as id, position from orders.order_line
      where total <> quantity * unit_price - discount or discount < 0 or tax < 0 limit ${BREACHES_MAX}`;
    const orders = await sql<{ id: string; total: number; sum: number }[]>`
      with lines as (
        select order_id, sum(quantity * unit_price) as gross, sum(discount) as discount, sum(tax) as tax,
          sum(tax) filter (where not tax_included) as added
        from orders.order_line group by order_id
      )
      select o.id::text, o.total::float8 as total, (o.subtotal - o.discount + o.shipping + coalesce(l.added, 0)
        + case when o.shipping_tax_included then 0 else o.shipping_tax end)::float8 as sum
      from orders."order" o left join lines l on l.order_id = o.id
      where o.subtotal <> coalesce(l.gross, 0)
        or o.discount <> coalesce(l.discount, 0) + o.shipping_discount
        or o.tax <> coalesce(l.tax, 0) + o.shipping_tax
        or o.total <> o.subtotal - o.discount + o.shipping + coalesce(l.added, 0)
          + case when o.shipping_tax_included then 0 else o.shipping_tax end
      limit ${BREACHES_MAX}`;
    // An order that was changed later may have been charged more, or several times; less than it costs never is.
    const authorised = await sql<{ id: string; total: number; held: number }[]>`
      with providers as (
        select order_id, sum(authorized) as amount, count(*) as payments from payments.payment
        where authorized > 0 group by order_id
      ),
      credits as (
        select order_id, sum(amount) as amount from payments.credit_tender where state in ('held', 'redeemed') group by order_id
      )
      select o.id::text, o.total::float8 as total, (coalesce(p.amount, 0) + coalesce(c.amount, 0))::float8 as held
      from orders."order" o left join providers p on p.order_id = o.id left join credits c on c.order_id = o.id
      where o.state in ('confirmed', 'completed') and coalesce(p.amount, 0) + coalesce(c.amount, 0) <> o.total - o.set_off
        and (coalesce(p.payments, 0) <= 1 or p.amount + coalesce(c.amount, 0) < o.total - o.set_off)
        and not exists (select from orders.order_event e where e.order_id = o.id and e.type like '%edit%')
      limit ${BREACHES_MAX}`;
    // An edit of a release before lines said what they set off is in the order's own sum alone.
    const back = await sql<{ id: string; back: number; paid: number }[]>`
      with line as (
        select order_id, refunded + set_off as back, set_off,
          total + case when tax_included then 0 else tax end + shipping_share as paid from orders.order_line
      )
      select o.id::text, sum(l.back)::float8 as back, sum(l.paid)::float8 as paid
      from orders."order" o join line l on l.order_id = o.id group by o.id
      having bool_or(l.back > l.paid) or sum(l.set_off) > o.set_off
        or (sum(l.set_off) = o.set_off and sum(l.back) > o.total)
      limit ${BREACHES_MAX}`;
    return [
      ...back.map(({ id, back, paid }) => {
        return `lines of ${idOf("ord", id)} got back or set off ${back} of ${paid}, or more than was paid for one of them`;
      }),
      ...lines.map(({ id, position }) => `line ${position} of ${idOf("ord", id)} does not add up`),
      ...orders.map(({ id, total, sum }) => `${idOf("ord", id)} totals ${total}, its parts ${sum}`),
      ...authorised.map(
        ({ id, total, held }) => `${idOf("ord", id)} costs ${total}, ${held} was authorised or paid by gift card`,
      ),
    ];
  },
};

import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant, minutesBefore } from "../invariant.ts";

const LIMIT_MINUTES = 15;

export const capturedHasAnOrder: Invariant = {
  number: 9,
  title: "every captured payment belongs to a confirmed order within 15 minutes, or is refunded",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql }, now }) {
    const stranded = await sql<{ id: string; order: string; state: string | null }[]>`
      select p.id::text, p.order_id::text as order, o.state from payments.payment p
      left join orders."order" o on o.id = p.order_id
      where p.captured - p.credited - (
        select coalesce(sum(r.amount), 0) from payments.refund r where r.payment_id = p.id and r.key like '%/outside/%'
      ) - (
        select coalesce(sum(d.amount), 0) from payments.dispute d
        where d.payment_id = p.id and d.state = 'lost' and d.currency = p.currency
      ) > p.refunded and coalesce(o.state, '') not in ('confirmed', 'completed', 'on_hold')
        and not exists (select from payments.refund r where r.payment_id = p.id and r.state = 'pending')
        and (select min(e.recorded_at) from payments.payment_event e where e.payment_id = p.id and e.type = 'captured')
          < ${minutesBefore(now, LIMIT_MINUTES)}
        and coalesce(o.updated_at, '-infinity') < ${minutesBefore(now, LIMIT_MINUTES)}
      limit ${BREACHES_MAX}`;
    return stranded.map(({ id, order, state }) => {
      return `${idOf("pay", id)} was captured, and ${idOf("ord", order)} is ${state ?? "not there"}`;
    });
  },
};

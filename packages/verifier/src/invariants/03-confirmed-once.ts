import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant, minutesBefore } from "../invariant.ts";

/** Sent messages are purged after a week. */
const KEPT_MINUTES = 6 * 24 * 60;

export const confirmedOnce: Invariant = {
  number: 3,
  title: "one order.confirmed per confirmed order",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql }, now }) {
    const orders = await sql<{ id: string; confirmed: boolean }[]>`
      select o.id::text, exists (
        select from orders.order_event e where e.order_id = o.id and e.type = 'confirmed'
      ) or o.state in ('confirmed', 'completed') as confirmed
      from orders."order" o where o.placed_at > ${minutesBefore(now, KEPT_MINUTES)}`;
    const told = await sql<{ key: string; count: number }[]>`
      select o.key, count(*)::int as count from platform.outbox o
      where o.type = 'order.confirmed' and o.created_at > ${minutesBefore(now, KEPT_MINUTES)}
        and not exists (select from platform.dead_letter d where d.replayed_at is not null and d.key = o.key)
      group by o.key`;
    const counts = new Map(told.map(({ key, count }) => [key, count]));
    return orders
      .flatMap(({ id, confirmed }) => {
        const order = idOf("ord", id);
        const count = counts.get(order) ?? 0;
        return count === (confirmed ? 1 : 0) ? [] : [`${order} was announced ${count} times`];
      })
      .slice(0, BREACHES_MAX);
  },
};

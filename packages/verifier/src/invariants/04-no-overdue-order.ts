import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant, minutesBefore } from "../invariant.ts";

const GRACE_MINUTES = 5;
/** No checkout may take longer than this, whatever its deadline says. */
const DEADLINE_MAX_MINUTES = 24 * 60;

export const noOverdueOrder: Invariant = {
  number: 4,
  title: "no order is pending past its deadline and five minutes",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql }, now }) {
    const pending = await sql<{ id: string; placed: Date }[]>`
      select id::text, placed_at as placed from orders."order"
      where state = 'pending' and placed_at < ${minutesBefore(now, GRACE_MINUTES)}`;
    const keys = pending.map(({ id }) => idOf("ord", id));
    const sagas = await sql<{ key: string; deadline: Date | null }[]>`
      select key, deadline_at as deadline from platform.saga where type = 'place-order' and key = any(${keys})`;
    const deadlines = new Map(sagas.map(({ key, deadline }) => [key, deadline]));
    return pending
      .flatMap(({ id, placed }) => {
        const order = idOf("ord", id);
        if (!deadlines.has(order)) return [`${order} is pending and nothing works on it`];
        const latest = deadlines.get(order) ?? new Date(placed.getTime() + DEADLINE_MAX_MINUTES * 60_000);
        return latest < minutesBefore(now, GRACE_MINUTES)
          ? [`${order} should have ended by ${latest.toISOString()}`]
          : [];
      })
      .slice(0, BREACHES_MAX);
  },
};

import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant } from "../invariant.ts";

/** Events that move an order, and from where; all others happen along the way. */
const MOVES: Readonly<Record<string, { readonly from: readonly string[]; readonly to: string }>> = {
  confirmed: { from: ["pending"], to: "confirmed" },
  refused: { from: ["pending"], to: "refused" },
  cancelled: { from: ["confirmed", "on_hold"], to: "cancelled" },
  completed: { from: ["confirmed"], to: "completed" },
};
/** States that have no event of their own, and what the timeline shows in their stead. */
const SHOWN_AS: Readonly<Record<string, readonly string[]>> = {
  on_hold: ["pending", "confirmed"],
};

export const timelineLegal: Invariant = {
  number: 5,
  title: "every timeline is gapless from 1 and legal by the state table",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql } }) {
    const orders = await sql<{ id: string; state: string; seqs: number[]; types: string[] }[]>`
      select o.id::text, o.state, coalesce(array_agg(e.seq order by e.seq) filter (where e.seq is not null), '{}') as seqs,
        coalesce(array_agg(e.type order by e.seq) filter (where e.seq is not null), '{}') as types
      from orders."order" o left join orders.order_event e on e.order_id = o.id group by o.id, o.state`;
    return orders
      .flatMap(({ id, state, seqs, types }) => {
        const why = wrongWith(state, seqs, types);
        return why ? [`${idOf("ord", id)}: ${why}`] : [];
      })
      .slice(0, BREACHES_MAX);
  },
};

function wrongWith(state: string, seqs: readonly number[], types: readonly string[]): string | null {
  if (seqs.length === 0) return "has no timeline";
  if (seqs.some((seq, index) => seq !== index + 1)) return `has a gap in ${seqs.join(", ")}`;
  let at = "pending";
  for (const type of types) {
    const move = MOVES[type];
    if (!move) continue;
    if (!move.from.includes(at)) return `${type} after ${at}`;
    at = move.to;
  }
  return at === state || SHOWN_AS[state]?.includes(at) ? null : `is ${state}, its timeline says ${at}`;
}

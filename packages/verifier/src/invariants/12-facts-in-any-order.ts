import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant } from "../invariant.ts";

interface Fact {
  readonly type: string;
  readonly reference: string;
  readonly amount: number;
  /** What was taken in all by some time, instead of what one capture took. */
  readonly isTotal: boolean;
}

interface Told {
  readonly id: string;
  readonly state: string;
  readonly captured: number;
  readonly refunded: number;
  readonly facts: readonly Fact[];
}

/** Orders and repetitions that a log is applied in. */
const SHUFFLES = 5;
const OPEN = ["pending", "requires_action", "processing"];

export const factsInAnyOrder: Invariant = {
  number: 12,
  title: "what providers told, applied in any order and repeated, ends where the payment stands",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql } }) {
    const payments = await sql<Told[]>`
      select p.id::text, p.state, p.captured::float8 as captured, p.refunded::float8 as refunded,
        coalesce(jsonb_agg(jsonb_build_object('type', e.type, 'reference', e.reference, 'amount', coalesce(e.amount, 0),
          'isTotal', coalesce((e.data->>'isTotal')::boolean, false))
          order by e.recorded_at) filter (where e.id is not null), '[]') as facts
      from payments.payment p left join payments.payment_event e on e.payment_id = p.id group by p.id`;
    const lost = await sql<{ id: string }[]>`
      select v.payment_id::text as id from payments.provider_event v
      where v.provider = 'stripe' and v.result = 'applied' and v.type = 'payment_intent.succeeded'
        and not exists (
          select from payments.payment_event e where e.payment_id = v.payment_id and e.type = 'captured')
      limit ${BREACHES_MAX}`;
    // The later word counts; where nobody knows when they were said, the money came back after it had been taken.
    const turned = await sql<{ id: string; reference: string; state: string; last: string }[]>`
      select d.payment_id::text as id, d.reference, d.state, l.last from payments.dispute d cross join lateral (
        select case e.type when 'dispute_won' then 'won' else 'lost' end as last from payments.payment_event e
        where e.payment_id = d.payment_id and e.reference = d.reference and e.type in ('dispute_won', 'dispute_lost')
        order by coalesce((e.data->>'at')::bigint, 0) desc, e.type = 'dispute_won' desc limit 1) l
      where d.state <> l.last limit ${BREACHES_MAX}`;
    return [
      ...payments.flatMap((payment) => disagreements(payment)),
      ...turned.map(
        (row) => `${idOf("pay", row.id)}: ${row.reference} is ${row.state}, and ${row.last} by the last word`,
      ),
      ...lost.map(({ id }) => `${idOf("pay", id)}: an event says captured and was not taken`),
    ].slice(0, BREACHES_MAX);
  },
};

function disagreements(payment: Told): string[] {
  const ends = Array.from({ length: SHUFFLES }, (_, round) =>
    endOf(shuffled([...payment.facts, ...payment.facts], round)),
  );
  const [first] = ends;
  if (!first) return [];
  const name = idOf("pay", payment.id);
  if (ends.some((end) => JSON.stringify(end) !== JSON.stringify(first)))
    return [`${name}: the order of its news matters`];
  const { state, captured, refunded } = first;
  const isState = state === null ? OPEN.includes(payment.state) : state.includes(payment.state);
  if (isState && captured === payment.captured && refunded === payment.refunded) return [];
  const stands = `${payment.state}, ${payment.captured} captured, ${payment.refunded} refunded`;
  return [`${name} is ${stands}; its news say ${state ?? "open"}, ${captured} captured, ${refunded} refunded`];
}

/** One piece of news after another; what was told before counts once. */
function endOf(facts: readonly Fact[]) {
  const seen = new Map<string, Fact>();
  for (const fact of facts) seen.set(`${fact.type} ${fact.reference}`, fact);
  const of = (type: string) => [...seen.values()].filter((fact) => fact.type === type);
  const sum = (list: readonly Fact[]) => list.reduce((total, fact) => total + fact.amount, 0);
  const failed = new Set(of("refund_failed").map((fact) => fact.reference));
  const totals = of("captured").filter((fact) => fact.isTotal);
  const captured =
    sum(of("captured").filter((fact) => !fact.isTotal)) + Math.max(0, ...totals.map((fact) => fact.amount));
  const refunded = Math.min(captured, sum(of("refunded").filter((fact) => !failed.has(fact.reference))));
  return { state: stateOf(of), captured, refunded };
}

/** The states that fit; null while nothing about money has been told. */
function stateOf(of: (type: string) => readonly Fact[]): readonly string[] | null {
  const has = (type: string) => of(type).length > 0;
  if (has("captured")) return ["captured"];
  const ended = [...of("voided"), ...of("expired")].map((fact) => fact.reference);
  if (has("authorized")) {
    // Of several authorisations each has to end, unless the end of the whole attempt was told.
    const held = of("authorized").map((fact) => fact.reference);
    const isOver =
      ended.some((one) => !held.includes(one)) || (ended.length > 0 && held.every((one) => ended.includes(one)));
    if (!has("released") && !isOver) return ["authorized"];
    return has("voided") || has("released") ? ["voided"] : ["expired"];
  }
  if (has("failed")) return ["failed"];
  return ended.length > 0 || has("released") ? ["cancelled", "voided", "expired"] : null;
}

function shuffled<Item>(items: readonly Item[], round: number): Item[] {
  const result = [...items];
  let state = round * 2_654_435_761 + 1;
  for (let place = result.length - 1; place > 0; place -= 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const other = state % (place + 1);
    const [left, right] = [result[place], result[other]];
    if (left !== undefined && right !== undefined) [result[place], result[other]] = [right, left];
  }
  return result;
}

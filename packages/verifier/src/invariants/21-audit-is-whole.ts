import { createHash } from "node:crypto";
import { idOf, uuidOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant } from "../invariant.ts";
import type { Stores } from "../stores.ts";

const BATCH = 1_000;
const SUSPECTS_MAX = 1_000;
/** Of what staff do with money by hand, the timeline tells the end. */
const ENDS_LATER = new Set(["payment_captured", "payment_voided", "payment_refunded", "refund_failed"]);
const GENESIS = "0".repeat(64);

interface AuditRow {
  readonly seq: string;
  readonly hash: string;
  readonly previousHash: string;
  readonly at: Date;
  readonly [column: string]: unknown;
}

export const auditIsWhole: Invariant = {
  number: 21,
  title: "the audit chain is whole, and every staff write has its row",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores }) {
    const { sql } = stores;
    const unseen = await sql<StaffEvent[]>`
      select e.order_id::text as order, e.type, e.actor_id as actor, e.at from orders.order_event e
      where e.actor_kind = 'staff' and not exists (
        select from platform.audit_log a where a.actor_id = e.actor_id and a.at between e.at - interval '5 s'
          and e.at + interval '5 s') limit ${SUSPECTS_MAX}`;
    const orders: StaffEvent[] = [];
    for (const event of unseen) if (!(await wasAskedBefore(stores, event))) orders.push(event);
    const stock = await sql<{ sku: string; kind: string }[]>`
      select m.sku, m.kind from inventory.stock_movement m
      where m.actor_kind = 'staff' and not exists (
        select from platform.audit_log a where a.actor_id = m.actor_id and a.at between m.at - interval '5 s'
          and m.at + interval '5 s') limit ${BREACHES_MAX}`;
    return [
      ...(await brokenLinks(stores)),
      ...orders
        .slice(0, BREACHES_MAX)
        .map(({ order, type }) => `staff did "${type}" to ${idOf("ord", order)} without an audit row`),
      ...stock.map(({ sku, kind }) => `staff moved ${sku} (${kind}) without an audit row`),
    ];
  },
};

interface StaffEvent {
  readonly order: string;
  readonly type: string;
  readonly actor: string;
  readonly at: Date;
}

/** What becomes of money by hand may be known long after it was asked for; an exchange's refund is told to the orders that gave to it, too. */
async function wasAskedBefore({ sql }: Stores, { order, type, actor, at }: StaffEvent): Promise<boolean> {
  if (!ENDS_LATER.has(type)) return false;
  const asked = await sql<{ payment: string }[]>`
    select entity_id as payment from platform.audit_log
    where actor_id = ${actor} and entity = 'payment' and action in ('payment.capture_asked', 'payment.refund_asked', 'payment.void_asked')
      and at <= ${at}::timestamptz + interval '5 s' order by seq desc limit ${SUSPECTS_MAX}`;
  const payments = asked.flatMap(({ payment }) => uuidOf(payment) ?? []);
  const found = await sql`
    select from payments.payment p where p.id = any(${payments}::uuid[]) and (p.order_id = ${order}::uuid or exists (
      select from payments.refund_request q join payments.refund r on r.request_id = q.id
      join payments.payment giver on giver.id = r.payment_id
      where q.order_id = p.order_id and giver.order_id = ${order}::uuid)) limit 1`;
  return found.length > 0;
}

async function brokenLinks({ sql }: Stores): Promise<string[]> {
  let previous = GENESIS;
  let after = "0";
  for (;;) {
    const rows = await sql<AuditRow[]>`
      select seq::text, at, actor_kind as "actorKind", actor_id as "actorId", actor_name as "actorName", action, entity,
        entity_id as "entityId", before, after, request_id as "requestId", previous_hash as "previousHash", hash
      from platform.audit_log link where link.seq > ${after} order by link.seq limit ${BATCH}`;
    for (const { seq, hash, at, ...row } of rows) {
      const text = sorted({ ...row, at: at.getTime() });
      if (row.previousHash !== previous) return [`row ${seq} does not follow from the one before it`];
      if (createHash("sha256").update(text).digest("hex") !== hash) return [`row ${seq} was altered`];
      previous = hash;
      after = seq;
    }
    if (rows.length < BATCH) return [];
  }
}

/** JSON with the members of every object in order, so that equal values have equal texts. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (member === null || typeof member !== "object" || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}

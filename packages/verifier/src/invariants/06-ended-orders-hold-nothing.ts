import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant, since } from "../invariant.ts";

const LIVE_MINUTES = 15;

export const endedOrdersHoldNothing: Invariant = {
  number: 6,
  title: "a refused or cancelled order holds no units, no promotion use and no money",
  needs: ["postgres"],
  isLive: true,
  async breaches(examination) {
    const { sql } = examination.stores;
    const ended = await sql<{ id: string }[]>`
      select id::text from orders."order"
      where state in ('refused', 'cancelled') and updated_at < ${since(examination, LIVE_MINUTES)}`;
    const uuids = ended.map((row) => row.id);
    const ids = uuids.map((id) => idOf("ord", id));
    const reserved = await sql<{ holder: string }[]>`
      select holder from inventory.reservation where status = 'held' and holder = any(${ids}) limit ${BREACHES_MAX}`;
    const allocated = await sql<{ id: string }[]>`
      select order_id::text as id from inventory.allocation
      where order_id = any(${uuids}::uuid[]) and quantity > shipped + cancelled limit ${BREACHES_MAX}`;
    const used = await sql<{ id: string }[]>`
      select order_id::text as id from carts.promotion_usage where order_id = any(${uuids}::uuid[]) limit ${BREACHES_MAX}`;
    const money = await sql<{ id: string; state: string }[]>`
      select order_id::text as id, state from payments.payment
      where order_id = any(${uuids}::uuid[]) and (state = 'authorized' or (state = 'captured' and captured - credited - (
          select coalesce(sum(r.amount), 0) from payments.refund r where r.payment_id = payment.id and r.key like '%/outside/%'
        ) > refunded
        and not exists (select from payments.refund r where r.payment_id = payment.id and r.state = 'pending')))
      limit ${BREACHES_MAX}`;
    const credits = await sql<{ id: string; state: string }[]>`
      select order_id::text as id, state from payments.credit_tender
      where order_id = any(${uuids}::uuid[]) and (state = 'held' or (state = 'redeemed' and refunded < amount))
      limit ${BREACHES_MAX}`;
    const exchanged = await sql<{ id: string; card: string }[]>`
      select t.order_id::text as id, c.id::text as card from payments.credit_tender t
      join payments.gift_card c on c.id = t.gift_card_id and c.kind = 'exchange' and c.balance > 0
      where t.order_id = any(${uuids}::uuid[]) limit ${BREACHES_MAX}`;
    const replaced = await sql<{ id: string }[]>`
      select id::text from orders.return
      where replacement_id = any(${uuids}::uuid[]) and state = 'received' limit ${BREACHES_MAX}`;
    return [
      ...reserved.map(({ holder }) => `${holder} has ended and keeps units reserved`),
      ...allocated.map(({ id }) => `${idOf("ord", id)} has ended and keeps units allocated`),
      ...used.map(({ id }) => `${idOf("ord", id)} has ended and counts as a promotion's use`),
      ...money.map(({ id, state }) => `${idOf("ord", id)} has ended and its payment is ${state}`),
      ...exchanged.map(
        ({ id, card }) => `${idOf("ord", id)} has ended and ${idOf("gft", card)} keeps what goods paid for it`,
      ),
      ...replaced.map(({ id }) => `${idOf("ret", id)} waits for an order that has ended`),
      ...credits.map(({ id, state }) => `${idOf("ord", id)} has ended and what a gift card gave is ${state}`),
    ];
  },
};

import { type Corruption, damage, oneOf } from "./corruption.ts";

/** Damage to orders and what hangs on them. */
export const orders: readonly Corruption[] = [
  {
    number: 1,
    what: "a cart has two orders",
    corrupt: damage(
      `drop index orders.order_one_per_cart`,
      `update orders."order" set cart_id = (select cart_id from orders."order" where id = ${oneOf("confirmed")})
        where id = ${oneOf("cancelled")}`,
    ),
  },
  {
    number: 1,
    what: "an idempotency key answers with an order that is gone",
    corrupt: damage(`delete from orders."order" where id = ${oneOf("confirmed")}`),
  },
  {
    number: 2,
    what: "a total is a cent too high",
    corrupt: damage(`update orders."order" set total = total + 1 where id = ${oneOf("confirmed")}`),
  },
  {
    number: 2,
    what: "a line does not add up",
    corrupt: damage(`update orders.order_line set total = total - 1 where order_id = ${oneOf("confirmed")}`),
  },
  {
    number: 2,
    what: "more was authorised than the order costs",
    corrupt: damage(
      `update payments.payment set amount = amount + 1, authorized = authorized + 1 where order_id = ${oneOf("confirmed")}`,
    ),
  },
  {
    number: 2,
    what: "a gift card has paid less than its order counts on",
    corrupt: damage(`update payments.credit_tender set amount = amount - 1 where state = 'redeemed' and refunded = 0`),
  },
  {
    number: 2,
    what: "a line got back what it had paid for another",
    corrupt: damage(
      `update orders."order" set set_off = 500 where id = ${oneOf("cancelled")}`,
      `update orders.order_line set set_off = 500 where order_id = ${oneOf("cancelled")}`,
    ),
  },
  {
    number: 2,
    what: "a line sets off what its order has not",
    corrupt: damage(`update orders.order_line set set_off = 1 where order_id = ${oneOf("confirmed")}`),
  },
  {
    number: 3,
    what: "an order was announced twice",
    corrupt:
      damage(`insert into platform.outbox select gen_random_uuid(), channel, type, key, payload, traceparent, created_at,
      available_at, claimed_until, attempts, last_error, sent_at from platform.outbox where type = 'order.confirmed' limit 1`),
  },
  {
    number: 3,
    what: "a confirmed order was never announced",
    corrupt: damage(`delete from platform.outbox where type = 'order.confirmed'`),
  },
  {
    number: 4,
    what: "an order is pending long after its deadline",
    corrupt: damage(
      `update orders."order" set state = 'pending', refusal = null, placed_at = placed_at - interval '2 days' where id = ${oneOf("refused")}`,
    ),
  },
  {
    number: 5,
    what: "a timeline has a gap",
    corrupt: damage(`delete from orders.order_event where seq = 2 and order_id = ${oneOf("confirmed")}`),
  },
  {
    number: 5,
    what: "an order has moved against its table",
    corrupt: damage(`update orders."order" set state = 'cancelled' where id = ${oneOf("confirmed")}`),
  },
  {
    number: 6,
    what: "a cancelled order keeps units",
    corrupt: damage(`update inventory.allocation set cancelled = 0 where order_id = ${oneOf("cancelled")}`),
  },
  {
    number: 6,
    what: "a refused order counts as a promotion's use",
    corrupt: damage(
      `insert into carts.promotion_usage select id, ${oneOf("refused")}, '{}', now() from carts.promotion`,
    ),
  },
  {
    number: 6,
    what: "a cancelled order's money was never given back",
    corrupt: damage(`update payments.payment set refunded = 0 where order_id = ${oneOf("cancelled")}`),
  },
  {
    number: 6,
    what: "a cancelled order's gift card was never given its money back",
    corrupt: damage(`update payments.credit_tender set refunded = 0 where refunded > 0`),
  },
  {
    number: 6,
    what: "a refused order still holds something of a gift card",
    corrupt: damage(`update payments.credit_tender set state = 'held' where state = 'released'`),
  },
  {
    number: 6,
    what: "a refused order keeps the value of goods that were to be exchanged for it",
    corrupt: damage(
      `insert into payments.gift_card (id, kind, currency, balance, created_at, updated_at)
        values ('00000000-0000-0000-0000-000000000007', 'exchange', 'USD', 500, now(), now())`,
      `insert into payments.credit_tender (order_id, gift_card_id, position, state, amount, created_at, updated_at)
        values (${oneOf("refused")}, '00000000-0000-0000-0000-000000000007', 0, 'released', 500, now(), now())`,
    ),
  },
  {
    number: 6,
    what: "a return waits for a replacement that was refused",
    corrupt: damage(
      `insert into orders.return (id, order_id, state, replacement_id, requested_at, updated_at)
        values (gen_random_uuid(), ${oneOf("confirmed")}, 'received', ${oneOf("refused")}, now(), now())`,
    ),
  },
  {
    number: 6,
    what: "a refused order keeps a gift card's money",
    corrupt:
      damage(`insert into payments.credit_tender (order_id, gift_card_id, position, state, amount, created_at, updated_at)
      values (${oneOf("refused")}, gen_random_uuid(), 0, 'held', 500, now(), now())`),
  },
];

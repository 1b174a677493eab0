import type { ShopCopy } from "./healthy-shop.ts";

/** What goes wrong in one scripted way, and the invariant that must notice. */
export interface Corruption {
  readonly number: number;
  readonly what: string;
  corrupt(shop: ShopCopy): Promise<unknown>;
}

/** SQL with triggers off, as damage knows no triggers. */
const damage =
  (...statements: readonly string[]) =>
  ({ sql }: ShopCopy) =>
    sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      for (const statement of statements) {
        const { count } = await tx.unsafe(statement);
        if (/^(update|insert|delete)/.test(statement.trim()) && count === 0)
          throw new Error(`nothing to damage: ${statement}`);
      }
    });

const oneOf = (state: string) => `(select id from orders."order" where state = '${state}' order by placed_at limit 1)`;

export const corruptions: readonly Corruption[] = [
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
    number: 7,
    what: "a gift card has more on it than it was given",
    corrupt: damage(`update payments.gift_card set balance = balance + 1`),
  },
  {
    number: 7,
    what: "the ledger does not owe what a gift card holds",
    corrupt: damage(`delete from payments.ledger_entry where posting_key like 'gft_%/redeemed/%'`),
  },
  {
    number: 7,
    what: "a posting does not balance",
    corrupt: damage(
      `update payments.ledger_entry set amount = amount + 1 where line = 0 and posting_key = (select min(posting_key) from payments.ledger_entry)`,
    ),
  },
  {
    number: 8,
    what: "more was refunded than captured",
    corrupt: damage(
      `insert into payments.payment_event select gen_random_uuid(), payment_id, provider, reference || 'x', 'refunded', amount * 2, currency, data, recorded_at
        from payments.payment_event where type = 'captured' and amount > 0 limit 1`,
    ),
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
    number: 8,
    what: "more was taken for an order than its units cost by now",
    corrupt: damage(
      `update orders.order_line set cancelled = quantity where order_id = ${oneOf("confirmed")}`,
      `update orders."order" set updated_at = updated_at - interval '1 day'`,
    ),
  },
  {
    number: 8,
    what: "a refund was taken for another one",
    corrupt: damage(`update payments.refund set provider_reference = 're_another' where state = 'succeeded'`),
  },
  {
    number: 8,
    what: "a payment counts as store credit what nobody was given",
    corrupt: damage(
      `update payments.payment set credited = credited + 1 where state = 'captured' and captured > refund_held + credited`,
    ),
  },
  {
    number: 8,
    what: "a gift card holds more than was ever put on it",
    corrupt: damage(`insert into payments.gift_card (id, kind, code_hash, currency, balance, created_at, updated_at)
      values (gen_random_uuid(), 'gift_card', 'x', 'USD', 5000, now(), now())`),
  },
  {
    number: 6,
    what: "a refused order keeps a gift card's money",
    corrupt:
      damage(`insert into payments.credit_tender (order_id, gift_card_id, position, state, amount, created_at, updated_at)
      values (${oneOf("refused")}, gen_random_uuid(), 0, 'held', 500, now(), now())`),
  },
  {
    number: 9,
    what: "a captured payment belongs to no order",
    corrupt: damage(`update payments.payment set order_id = gen_random_uuid() where captured > refunded`),
  },
  {
    number: 10,
    what: "the provider has captured what we do not know of",
    corrupt: async ({ books }) => {
      const charge = books.charges.find((one) => one.captured > 0);
      if (!charge) throw new Error("nothing was captured");
      books.charges.push({ ...charge, paymentIntent: "pi_unknown", refunded: 0 });
    },
  },
  {
    number: 10,
    what: "our ledger lacks a capture",
    corrupt: damage(
      `update payments.ledger_entry set amount = 0 where account = 'stripe.balance' and posting_key like '%/captured%'`,
    ),
  },
  {
    number: 11,
    what: "one step has charged twice",
    corrupt: async ({ books }) => {
      const charge = books.charges.find((one) => one.captured > 0);
      if (!charge) throw new Error("nothing was captured");
      books.charges.push({ ...charge, paymentIntent: "pi_again" });
    },
  },
  {
    number: 12,
    what: "a payment stands where its news do not lead",
    corrupt: damage(
      `update payments.payment set state = 'voided', captured = 0, refunded = 0 where state = 'captured' and refunded = 0`,
    ),
  },
  {
    number: 13,
    what: "more is promised than there is",
    corrupt: damage(
      `alter table inventory.stock_level drop constraint stock_level_not_oversold`,
      `update inventory.stock_level set on_hand = reserved + allocated - 1 where sku = 'RED'`,
    ),
  },
  {
    number: 14,
    what: "a counter is not the sum of its movements",
    corrupt: damage(`update inventory.stock_level set on_hand = on_hand + 1 where sku = 'RED'`),
  },
  {
    number: 15,
    what: "units are allocated to nobody",
    corrupt: damage(`delete from inventory.allocation where order_id = ${oneOf("confirmed")}`),
  },
  {
    number: 15,
    what: "units have left the shelves without a parcel",
    corrupt: damage(
      `update inventory.stock_movement set kind = 'ship', on_hand = -1 where seq = (select min(seq) from inventory.stock_movement)`,
    ),
  },
  {
    number: 15,
    what: "of a kit that was sold a part is not there",
    corrupt: damage(
      `update orders.order_line set parts = jsonb_build_array(jsonb_build_object('sku', sku, 'quantity', 2))
        where order_id = ${oneOf("confirmed")}`,
    ),
  },
  {
    number: 16,
    what: "a hold has outlived its time",
    corrupt: damage(
      `insert into inventory.reservation values (gen_random_uuid(), 'cart_x', 'held', now() - interval '1 year', now(), now())`,
    ),
  },
  {
    number: 17,
    what: "Redis shows other stock than there is",
    corrupt: ({ redis }) => redis.set("v1:stock:RED", '1.0 "1" 1\n{"sku":"RED","available":999}'),
  },
  {
    number: 17,
    what: "Redis shows more of a kit than its parts are for",
    corrupt: async ({ redis }) => {
      const kit = [{ sku: "RED", quantity: 1_000, trackInventory: true }];
      await redis.set("v1:product-base:kit", `1.0 "1" 1\n${JSON.stringify({ variants: [{ sku: "KIT", kit }] })}`);
      await redis.set("v1:stock:KIT", '1.0 "1" 1\n{"sku":"KIT","available":1}');
    },
  },
  {
    number: 18,
    what: "a message has never left",
    corrupt: damage(`update platform.outbox set sent_at = null where type = 'order.confirmed'`),
  },
  {
    number: 18,
    what: "a message was given up and is shown nowhere",
    corrupt: damage(`update platform.outbox set attempts = 20, last_error = 'no' where type = 'order.confirmed'`),
  },
  {
    number: 19,
    what: "a promotion's use was counted twice",
    corrupt: damage(`update carts.promotion set used = used + 1 where usage_limit > used`),
  },
  {
    number: 19,
    what: "a delivery was taken twice",
    corrupt: damage(
      `alter table platform.inbox drop constraint inbox_consumer_message_id_pk`,
      `insert into platform.inbox select * from platform.inbox limit 1`,
    ),
  },
  {
    number: 19,
    what: "a sale was counted that never was",
    corrupt: ({ mongo }) =>
      mongo.collection<{ _id: string }>("sales").insertOne({ _id: "ord_00000000000000000000000001" }),
  },
  {
    number: 20,
    what: "nobody will ever wake a saga",
    corrupt: damage(
      `alter table platform.saga drop constraint saga_wakes`,
      `update platform.saga set state = 'running', wake_at = null where id = (select id from platform.saga limit 1)`,
    ),
  },
  {
    number: 21,
    what: "an audit row was altered",
    corrupt: damage(
      `insert into platform.audit_log (at, actor_kind, actor_id, actor_name, action, entity, entity_id, previous_hash, hash)
        values (now(), 'staff', 'stf_1', 'Eve', 'order.cancelled', 'order', 'ord_1', repeat('0', 64), repeat('a', 64))`,
    ),
  },
  {
    number: 21,
    what: "staff did something without an audit row",
    corrupt: damage(`update orders.order_event set actor_kind = 'staff', actor_id = 'stf_1' where type = 'cancelled'`),
  },
  {
    number: 23,
    what: "a view of a product is shown that was taken off the shop",
    corrupt: ({ mongo }) =>
      mongo.collection("products").updateOne({ slug: "red-thing" }, { $set: { status: "draft" } }),
  },
  {
    number: 24,
    what: "an erased customer's row still has a name",
    corrupt: damage(`insert into users.customer (id, email, name, erased_at, created_at, updated_at)
      values (gen_random_uuid(), '', 'Ada Lovelace', now(), now(), now())`),
  },
  {
    number: 24,
    what: "an erased customer's e-mail lies in Redis",
    corrupt: ({ redis }) => redis.set("v1:order:ord_x", '1.0 "1" 1\n{"email":"ERASED@example.com"}'),
  },
  {
    number: 24,
    what: "an erased customer's e-mail lies in a document",
    corrupt: ({ mongo }) => mongo.collection("imports").insertOne({ note: "for erased@example.com" }),
  },
  {
    number: 24,
    what: "an erased customer's e-mail lies in a table that nobody thought of",
    corrupt: damage(
      `create table platform.scratch (note jsonb)`,
      `insert into platform.scratch values ('{"to": "Erased@Example.com"}')`,
    ),
  },
];

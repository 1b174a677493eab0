import { type Corruption, damage } from "./corruption.ts";

/** Damage to messages, sagas, the audit log and what is shown of the shop, and traces of a customer who was erased. */
export const traces: readonly Corruption[] = [
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
    number: 21,
    what: "staff took an order's money and nobody knows who asked for it",
    corrupt: damage(
      `update orders.order_event set actor_kind = 'staff', actor_id = 'stf_1' where type = 'payment_captured'`,
    ),
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

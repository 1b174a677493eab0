import { type Corruption, damage, oneOf } from "./corruption.ts";

/** Damage to payments, gift cards and the ledger. */
export const money: readonly Corruption[] = [
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
    number: 7,
    what: "a dispute has taken money of which the ledger knows nothing",
    corrupt: damage(
      `insert into payments.dispute (provider, reference, payment_id, state, amount, currency, opened_at, updated_at)
        select provider, 'dp_x', id, 'opened', captured, currency, now(), now() from payments.payment where captured > 0 limit 1`,
    ),
  },
  {
    number: 12,
    what: "a dispute stands as lost that was won in the end",
    corrupt: damage(
      `insert into payments.dispute (provider, reference, payment_id, state, amount, currency, opened_at, updated_at)
        select provider, 'dp_x', id, 'lost', captured, currency, now(), now() from payments.payment where captured > 0 limit 1`,
      `insert into payments.payment_event (id, payment_id, provider, reference, type, amount, currency, data, recorded_at)
        select gen_random_uuid(), payment_id, provider, reference, 'dispute_' || e.type, amount, currency, e.data::jsonb, now()
        from payments.dispute, (values ('won', '{"at": 2}'), ('lost', '{"at": 1}')) as e(type, data) where reference = 'dp_x'`,
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
];

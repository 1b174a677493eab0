import { type Corruption, damage, oneOf } from "./corruption.ts";

/** Damage to stock, on the shelves and as it is shown. */
export const goods: readonly Corruption[] = [
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
];

import { idOf, uuidOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant } from "../invariant.ts";

export const oneOrderPerCart: Invariant = {
  number: 1,
  title: "at most one order not refused per cart, and one per idempotency key",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql } }) {
    const carts = await sql<{ cart: string; orders: string[] }[]>`
      select cart_id::text as cart, array_agg(id::text) as orders from orders."order"
      where state <> 'refused' and cart_id is not null group by cart_id having count(*) > 1 limit ${BREACHES_MAX}`;
    const keys = await sql<{ scope: string; key: string; answers: string[]; rows: number }[]>`
      select scope, key, array_agg(substring(answer::text from 'ord_[0-9a-z]{26}')) as answers, count(*)::int as rows from platform.idempotency_key
      where scope like '%:orders.place:%' group by scope, key limit 100000`;
    const known = new Set((await sql<{ id: string }[]>`select id::text from orders."order"`).map((row) => row.id));
    const doubtful = keys.flatMap(({ scope, key, answers, rows }) => {
      if (rows > 1) return [`the key ${key} of ${scope} stands ${rows} times`];
      const order = uuidOf(answers[0]);
      return order !== null && known.has(order) ? [] : [`the key ${key} of ${scope} answers with no order`];
    });
    return [
      ...carts.map(({ cart, orders }) => {
        return `cart ${idOf("cart", cart)} has orders ${orders.map((id) => idOf("ord", id)).join(", ")}`;
      }),
      ...doubtful.slice(0, BREACHES_MAX),
    ];
  },
};

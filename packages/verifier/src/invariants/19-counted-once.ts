import { idOf, uuidOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant } from "../invariant.ts";
import type { Stores } from "../stores.ts";

export const countedOnce: Invariant = {
  number: 19,
  title: "no delivery is counted twice",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores }) {
    const { sql } = stores;
    const taken = await sql<{ consumer: string; message: string }[]>`
      select consumer, message_id as message from platform.inbox group by consumer, message_id having count(*) > 1
      limit ${BREACHES_MAX}`;
    const promotions = await sql<{ id: string; used: number; uses: number }[]>`
      select p.id::text, p.used, count(u.order_id)::int as uses from carts.promotion p
      left join carts.promotion_usage u on u.promotion_id = p.id
      group by p.id, p.used having p.used <> count(u.order_id) limit ${BREACHES_MAX}`;
    const customers = await sql<{ id: string; used: number; uses: number }[]>`
      select c.promotion_id::text as id, c.used, count(u.order_id)::int as uses from carts.promotion_customer c
      left join carts.promotion_usage u on u.promotion_id = c.promotion_id and c.customer_key = any(u.customer_keys)
      group by c.promotion_id, c.customer_key, c.used having c.used <> count(u.order_id) limit ${BREACHES_MAX}`;
    return [
      ...taken.map(({ consumer, message }) => `${consumer} took ${message} twice`),
      ...promotions.map(({ id, used, uses }) => `${idOf("prm", id)} counts ${used} uses and has ${uses}`),
      ...customers.map(({ id, used, uses }) => `${idOf("prm", id)} counts ${used} uses of a customer who has ${uses}`),
      ...(await unsoldSales(stores)),
    ];
  },
};

/** Recommendations count a sale once for each order, and only orders that were confirmed. */
async function unsoldSales({ sql, mongo }: Stores): Promise<string[]> {
  if (!mongo) return [];
  const sales = await mongo
    .collection<{ _id: string }>("sales")
    .find({}, { projection: { _id: 1 } })
    .toArray();
  const uuids = sales.flatMap(({ _id }) => uuidOf(_id) ?? []);
  const confirmed = await sql<{ id: string }[]>`
    select order_id::text as id from orders.order_event where type = 'confirmed' and order_id = any(${uuids}::uuid[])`;
  const known = new Set(confirmed.map((row) => row.id));
  return uuids
    .filter((uuid) => !known.has(uuid))
    .slice(0, BREACHES_MAX)
    .map((uuid) => `a sale was counted for ${idOf("ord", uuid)}, which was never confirmed`);
}

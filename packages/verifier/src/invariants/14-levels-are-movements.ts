import { BREACHES_MAX, type Invariant } from "../invariant.ts";

export const levelsAreMovements: Invariant = {
  number: 14,
  title: "every stock counter is the sum of its movements",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql } }) {
    const levels = await sql<{ sku: string; counters: string; sums: string }[]>`
      with sums as (
        select sku, location_id, sum(on_hand) as on_hand, sum(reserved) as reserved, sum(allocated) as allocated
        from inventory.stock_movement group by sku, location_id
      )
      select coalesce(l.sku, s.sku) as sku, concat_ws('/', l.on_hand, l.reserved, l.allocated) as counters,
        concat_ws('/', s.on_hand, s.reserved, s.allocated) as sums
      from inventory.stock_level l full join sums s on s.sku = l.sku and s.location_id = l.location_id
      where (coalesce(l.on_hand, 0), coalesce(l.reserved, 0), coalesce(l.allocated, 0)) is distinct from
        (coalesce(s.on_hand, 0), coalesce(s.reserved, 0), coalesce(s.allocated, 0))
      limit ${BREACHES_MAX}`;
    return levels.map(({ sku, counters, sums }) => {
      return `${sku} shows ${counters} on hand/reserved/allocated, its movements ${sums}`;
    });
  },
};

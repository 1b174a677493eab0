import { BREACHES_MAX, type Invariant } from "../invariant.ts";

export const nothingOversold: Invariant = {
  number: 13,
  title: "on hand − reserved − allocated − buffer is never below zero, unless sold ahead",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores: { sql } }) {
    const levels = await sql<{ sku: string; location: string; free: number }[]>`
      select l.sku, l.location_id::text as location, l.on_hand - l.reserved - l.allocated - l.buffer as free
      from inventory.stock_level l left join inventory.stock_item i on i.sku = l.sku
      where not l.allow_backorder and not coalesce(i.allow_backorder, false) and coalesce(i.tracked, true)
        and l.on_hand - l.reserved - l.allocated - l.buffer < 0 or l.reserved < 0 or l.allocated < 0
      limit ${BREACHES_MAX}`;
    return levels.map(({ sku, location, free }) => `${sku} at ${location} has ${free} free`);
  },
};

import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant, since } from "../invariant.ts";

const LIVE_MINUTES = 15;

export const unitsConserved: Invariant = {
  number: 15,
  title: "units in confirmed orders and units left are the units there were",
  needs: ["postgres"],
  isLive: true,
  async breaches(examination) {
    const { sql } = examination.stores;
    const kept = await sql<{ sku: string; what: string; level: number; claims: number }[]>`
      with claims as (
        select l.sku, 'reserved' as what, sum(l.quantity) as units from inventory.reservation_line l
          join inventory.reservation r on r.id = l.reservation_id where r.status = 'held' group by l.sku
        union all
        select sku, 'allocated', sum(quantity - shipped - cancelled) from inventory.allocation group by sku
      ),
      levels as (
        select sku, 'reserved' as what, sum(reserved) as units from inventory.stock_level group by sku
        union all
        select sku, 'allocated', sum(allocated) from inventory.stock_level group by sku
      )
      select l.sku, l.what, l.units::float8 as level, coalesce(c.units, 0)::float8 as claims
      from levels l left join claims c on c.sku = l.sku and c.what = l.what
      where l.units <> coalesce(c.units, 0) limit ${BREACHES_MAX}`;
    const gone = await sql<{ sku: string; moved: number; shipped: number }[]>`
      with moved as (
        select sku, -sum(on_hand) as units from inventory.stock_movement where kind = 'ship' group by sku
      ),
      shipped as (select sku, sum(shipped) as units from inventory.allocation group by sku)
      select coalesce(m.sku, s.sku) as sku, coalesce(m.units, 0)::float8 as moved, coalesce(s.units, 0)::float8 as shipped
      from moved m full join shipped s on s.sku = m.sku
      where coalesce(m.units, 0) <> coalesce(s.units, 0) limit ${BREACHES_MAX}`;
    const sold = await sql<{ id: string; sku: string; ordered: number; allocated: number }[]>`
      with pieces as (
        select l.order_id, coalesce(p.part->>'sku', l.sku) as sku,
          l.quantity * coalesce((p.part->>'quantity')::int, 1) as quantity
        from orders.order_line l left join lateral jsonb_array_elements(l.parts) as p(part) on true
      ),
      ordered as (
        select o.id, l.sku, sum(l.quantity) as units from orders."order" o
          join pieces l on l.order_id = o.id
          join inventory.stock_item i on i.sku = l.sku and i.tracked
        where o.state in ('confirmed', 'completed') and o.updated_at < ${since(examination, LIVE_MINUTES)}
        group by o.id, l.sku
      ),
      allocated as (
        select order_id as id, sku, sum(quantity) as units from inventory.allocation group by order_id, sku
      )
      select d.id::text, d.sku, d.units::float8 as ordered, coalesce(a.units, 0)::float8 as allocated
      from ordered d left join allocated a on a.id = d.id and a.sku = d.sku
      where d.units <> coalesce(a.units, 0) limit ${BREACHES_MAX}`;
    return [
      ...kept.map(({ sku, what, level, claims }) => `${sku}: ${level} ${what}, ${claims} of them for somebody`),
      ...gone.map(({ sku, moved, shipped }) => `${sku}: ${moved} units left the shelves, ${shipped} were shipped`),
      ...sold.map(({ id, sku, ordered, allocated }) => {
        return `${idOf("ord", id)} bought ${ordered} of ${sku} and has ${allocated}`;
      }),
    ];
  },
};

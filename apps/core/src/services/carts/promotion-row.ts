import { fromUuid } from "@stoa/kernel";
import { type SQL, type SQLChunk, sql } from "drizzle-orm";
import type { Promotion } from "./promotion.ts";

/** A promotion as Postgres writes it into JSON. */
export type PromotionRow = Omit<Promotion, "id"> & { readonly id: string };

/** The members of a `PromotionRow`, selected from `carts.promotion p`. `customerKeys` say whose uses are counted, a `text[]`. */
export function promotionColumns(customerKeys: SQLChunk): SQL {
  return sql`p.id, p.code, p.name, p.effect, p.priority, p.stackable as "isStackable", p.used, p.active as "isActive", p.version,
    (extract(epoch from p.starts_at) * 1000)::bigint as "startsAt",
    (extract(epoch from p.ends_at) * 1000)::bigint as "endsAt",
    p.usage_limit as "usageLimit", p.usage_limit_per_customer as "usageLimitPerCustomer",
    coalesce((select max(c.used) from carts.promotion_customer c where c.promotion_id = p.id and c.customer_key = any(${customerKeys})), 0) as "usedByCustomer",
    (select coalesce(jsonb_agg(r.condition order by r.position), '[]')
      from carts.promotion_rule r where r.promotion_id = p.id) as conditions`;
}

/** The promotion in a row of `promotionColumns`. */
export function promotionOf(row: PromotionRow): Promotion {
  return { ...row, id: fromUuid("prm", row.id) };
}

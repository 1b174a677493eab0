import { type Placeholder, type SQL, sql } from "drizzle-orm";

/**
 * `any (…)` over a list of whatever length. Told the list itself, Postgres plans a statement anew for each one; of a list that a
 * query makes it thinks the same every time, and keeps the plan.
 */
export function anyOf(list: Placeholder, type: "text" | "uuid"): SQL {
  return sql`any (array(select unnest(${list}::${sql.raw(type)}[])))`;
}

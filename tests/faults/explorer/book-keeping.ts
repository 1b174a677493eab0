import type postgres from "postgres";

/** Rows that a migration wrote and a shop cannot be without. */
const KEPT = ["payments.ledger_account"];

/** Empties every table of the shop, so that a seed begins with nothing; far cheaper than a database for each. */
export async function emptyDatabase(sql: postgres.Sql): Promise<void> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('platform', 'users', 'inventory', 'payments', 'carts', 'orders', 'notifications')
      and tablename not like '%migration%'`;
  const statements = tables
    .map((row) => row.name)
    .filter((name) => !KEPT.includes(name))
    .map((name) => `delete from ${name};`);
  // Without triggers: neither foreign keys nor "append only" stand in the way of a clean start.
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx.unsafe(statements.join(" ")).simple();
  });
}

/**
 * How many of the explored sessions wait for a lock. Asked of the locks themselves: a session that has been granted one looks as if it
 * waited until its process wakes up.
 */
export async function countBlocked(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ blocked: number }[]>`
    select count(distinct l.pid)::int as blocked from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where not l.granted and a.datname = current_database() and a.application_name = 'explored'`;
  return row?.blocked ?? 0;
}

export interface Unfinished {
  readonly orders: number;
  readonly sagas: number;
  readonly messages: number;
}

/** What has yet to come to an end, but for orders that wait for their shopper. */
export async function unfinished(sql: postgres.Sql): Promise<Unfinished> {
  const [row] = await sql<{ orders: number; sagas: number; messages: number }[]>`
    with waiting as (select order_id from payments.payment where state = 'requires_action')
    select
      (select count(*)::int from orders."order" where state = 'pending' and id not in (select order_id from waiting)) as orders,
      (select count(*)::int from platform.saga where state in ('running', 'unwinding', 'stuck')) as sagas,
      (select count(*)::int from platform.outbox where sent_at is null) as messages`;
  return row ?? { orders: 0, sagas: 0, messages: 0 };
}

/** The sagas that are at work, for whoever has to find out why. */
export async function sagasAtWork(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ said: string }[]>`
    select concat_ws(' ', s.type, s.state, 'attempts', s.attempts, 'wakes', s.wake_at, 'leased until', s.lease_until, 'failure', s.failure, (
      select string_agg(concat_ws(' ', t.name, t.state), ', ') from platform.saga_step t where t.saga_id = s.id)) as said
    from platform.saga s where s.state in ('running', 'unwinding', 'stuck')`;
  return rows.map(({ said }) => said);
}

import type { Stack } from "@stoa/devstack";
import postgres from "postgres";
import { cpuByName } from "./cpu.ts";
import { untilQuiet } from "./quiet.ts";

/** Counters that only grow; what a run cost is the difference of two readings. */
export interface Costs {
  readonly at: number;
  /** Statements that core's role has run, `begin` and `commit` left out. */
  readonly statements: number;
  /** Committed transactions of core's role; a statement outside of any transaction is one. */
  readonly commits: number;
  /** Messages that QStash has taken. */
  readonly messages: number;
  /** Milliseconds of CPU by process, children included. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Sum and count of each histogram of core, by name and labels. */
  readonly histograms: ReadonlyMap<string, { readonly sum: number; readonly count: number }>;
  /** Each statement of core, by its normalised text. */
  readonly bySql: ReadonlyMap<string, StatementCosts>;
  /** Rows written, changed and deleted, by table. */
  readonly rowsByTable: Readonly<Record<string, number>>;
}

export interface StatementCosts {
  readonly calls: number;
  /** Milliseconds that Postgres spent planning and executing it, waits for locks included. */
  readonly ms: number;
}

export interface Meter extends AsyncDisposable {
  read(): Promise<Costs>;
  /** Resolves when nothing is left to do: no saga at work; no message, mail or provider event waiting, here or at the provider. */
  quiet(): Promise<void>;
}

const WATCHER = "load_watcher";

/** Watches under a role of its own, so that it does not count itself. Needs `pg_stat_statements` among the preloaded libraries. */
export async function openMeter(stack: Stack, databaseUrl: string): Promise<Meter> {
  const admin = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  await admin`create extension if not exists pg_stat_statements`;
  await admin.unsafe(`create role ${WATCHER} login superuser password 'load'`);
  await admin.end();
  const url = new URL(databaseUrl);
  const coreRole = decodeURIComponent(url.username);
  url.username = WATCHER;
  url.password = "load";
  const sql = postgres(url.href, { max: 2, onnotice: () => undefined });
  const openedAt = Date.now();
  return {
    read: async () => {
      const [bySql, messages, histograms] = await Promise.all([
        readStatements(sql, coreRole),
        readMessages(stack, openedAt),
        readHistograms(`${stack.urls.core}/metrics`),
      ]);
      const statements = [...bySql].reduce((sum, [text, { calls }]) => sum + (isControl(text) ? 0 : calls), 0);
      return {
        at: performance.now(),
        statements,
        commits: await readCommits(sql),
        messages,
        cpuMs: cpuByName(),
        histograms,
        bySql,
        rowsByTable: await readRows(sql),
      };
    },
    quiet: () => untilQuiet(sql, { url: stack.urls.stripe, secretKey: stack.env.STRIPE_SECRET_KEY ?? "" }),
    [Symbol.asyncDispose]: () => sql.end(),
  };
}

/** What core does not send as a statement of its own: transaction control, and the check of the ledger's trigger at the commit. */
const isControl = (statement: string) => /^(begin|commit|rollback|savepoint|release|exists)\b/i.test(statement);

async function readStatements(sql: postgres.Sql, role: string): Promise<Map<string, StatementCosts>> {
  const rows = await sql<(StatementCosts & { readonly query: string })[]>`
    select query, sum(calls)::float8 as calls, sum(total_plan_time + total_exec_time) as ms from pg_stat_statements
    where userid = ${role}::regrole group by query`;
  return new Map(rows.map((row) => [row.query, row]));
}

async function readCommits(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select xact_commit::int as commits from pg_stat_database where datname = current_database()`;
  return row?.commits ?? 0;
}

async function readRows(sql: postgres.Sql): Promise<Record<string, number>> {
  const rows = await sql<{ readonly name: string; readonly written: number }[]>`
    select schemaname || '.' || relname as name, (n_tup_ins + n_tup_upd + n_tup_del)::float8 as written from pg_stat_user_tables`;
  return Object.fromEntries(rows.map(({ name, written }) => [name, written]));
}

async function readMessages(stack: Stack, fromDate: number): Promise<number> {
  let count = 0;
  let cursor: string | undefined = "0";
  while (cursor !== undefined) {
    const url = `${stack.urls.qstash}/v2/events?state=CREATED&fromDate=${fromDate}&count=1000&cursor=${cursor}`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${stack.env.QSTASH_TOKEN}` } });
    const page = (await answer.json()) as { events: unknown[]; cursor?: string };
    count += page.events.length;
    cursor = page.cursor;
  }
  return count;
}

/** Sum and count of every histogram in a page of Prometheus' text format. */
async function readHistograms(url: string): Promise<Map<string, { sum: number; count: number }>> {
  const text = await (await fetch(url)).text();
  const found = new Map<string, { sum: number; count: number }>();
  for (const [, name = "", part, labels = "", value] of text.matchAll(/^(\w+)_(sum|count)\{([^}]*)\} (\S+)$/gm)) {
    const shown = labels.replaceAll(/,?app="\w+",?/g, "");
    const key = `${name}{${shown}}`;
    const entry = found.get(key) ?? { sum: 0, count: 0 };
    entry[part === "sum" ? "sum" : "count"] = Number(value);
    found.set(key, entry);
  }
  return found;
}

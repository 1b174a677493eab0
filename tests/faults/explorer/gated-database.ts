import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { currentActivity } from "./activity.ts";
import { LockOrder } from "./lock-order.ts";
import type { Scheduler } from "./scheduler.ts";

/** Asked before a statement or a commit; may kill the process that was about to send it. */
export type BeforeStatement = (label: string) => Promise<void>;

const POOL = 48;

export function openClient(url: string): postgres.Sql {
  // No timers of the client's own: time is the scheduler's.
  return postgres(url, {
    max: POOL,
    idle_timeout: 0,
    max_lifetime: null,
    onnotice: () => undefined,
    connection: {
      application_name: "explored",
      lock_timeout: 10_000,
      statement_timeout: 20_000,
      // The explored clock goes on while two transactions wait for each other: the second that Postgres gives them would be half a minute.
      deadlock_timeout: 20,
    },
  });
}

/** A handle on Postgres whose every statement, begin and commit waits at a gate. Blocked statements block for real. */
export function gatedDatabase(client: postgres.Sql, scheduler: Scheduler, before: BeforeStatement) {
  return drizzle(gated(client, { scheduler, before }));
}

interface Gating {
  readonly scheduler: Scheduler;
  readonly before: BeforeStatement;
  /** Of the transaction; none outside of one. */
  readonly locks?: LockOrder;
}

function gated<Client extends postgres.Sql | postgres.TransactionSql>(client: Client, gating: Gating): Client {
  return new Proxy(client, {
    get(target, property, receiver) {
      if (property === "unsafe")
        return (...args: Parameters<postgres.Sql["unsafe"]>) => gatedQuery(target, args, gating);
      const member: unknown = Reflect.get(target, property, receiver);
      if (property !== "begin" && property !== "savepoint") return member;
      return (...args: unknown[]) => begin(target, member as Begin, { args, gating });
    },
  });
}

type Begin = (...args: unknown[]) => Promise<unknown>;

async function begin(
  target: object,
  member: Begin,
  { args, gating }: { readonly args: readonly unknown[]; readonly gating: Gating },
): Promise<unknown> {
  const { scheduler, before } = gating;
  await before("begin");
  const activity = currentActivity();
  const work = args.at(-1);
  if (typeof work !== "function") throw new Error("a transaction without work");
  const inner = async (sql: postgres.TransactionSql) => {
    return scheduler.outside(activity, async () => {
      const result: unknown = await work(gated(sql, { ...gating, locks: gating.locks ?? new LockOrder(scheduler) }));
      await before("commit");
      return result;
    });
  };
  // Between begin and its callback, and between the callback and its end, the connection is at work.
  const result = await scheduler.inFlight(() => member.apply(target, [...args.slice(0, -1), inner]));
  await before("committed");
  return result;
}

type Rows = Promise<unknown>;

/** As much of a pending query as drizzle uses: to wait for its rows, as objects or as arrays. */
function gatedQuery(
  client: postgres.Sql | postgres.TransactionSql,
  [text, parameters, options]: Parameters<postgres.Sql["unsafe"]>,
  { scheduler, before, locks }: Gating,
) {
  const run = async (shape: "objects" | "arrays"): Rows => {
    await before(labelOf(text));
    locks?.tell(text, parameters ?? []);
    return scheduler.inFlight(async () => {
      const query = client.unsafe(text, parameters, { ...options, prepare: true });
      try {
        return shape === "arrays" ? await query.values() : await query;
      } catch (error) {
        if (isDeadlock(error))
          scheduler.wrongs.push(`Postgres ended a circle of waiting transactions at: ${labelOf(text)}`);
        throw error;
      }
    });
  };
  return {
    values: () => run("arrays"),
    // biome-ignore lint/suspicious/noThenProperty: drizzle awaits the query itself, as postgres.js allows.
    then: (...handlers: Parameters<Rows["then"]>) => run("objects").then(...handlers),
  };
}

const isDeadlock = (error: unknown) => error instanceof postgres.PostgresError && error.code === "40P01";

/** `update platform.saga` for a statement: enough to read a trace by, and the same on every run. */
function labelOf(text: string): string {
  const words = text.replaceAll('"', "").replace(/\s+/g, " ").trim();
  const verb = /^(select|insert|update|delete|with)/i.exec(words)?.[1]?.toLowerCase() ?? words.slice(0, 20);
  const table = /\b(?:into|update|from)\s+([a-z_]+\.[a-z_]+)/i.exec(words)?.[1] ?? "";
  return `${verb} ${table}`.trim();
}

import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";

/** The drizzle handle on the pool. Use `transact` for anything that writes. */
export type Database = PostgresJsDatabase;

/** A running transaction; whatever is written through it commits or vanishes together. */
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly applicationName: string;
  /** Told how long each transaction waited for a connection and its BEGIN. */
  readonly onBegun?: (waitSeconds: number) => void;
}

export interface DatabaseConnection extends AsyncDisposable {
  readonly db: Database;
  /** Raw client for LISTEN, migrations and the health check. Its parsers belong to drizzle: dates come back as text. */
  readonly client: postgres.Sql;
}

/**
 * Opens the pool. postgres.js has no query time-out of its own, so the server's statement and idle time-outs bound every wait;
 * `connect_timeout` bounds the way there.
 */
export function openDatabase(options: DatabaseOptions): DatabaseConnection {
  const client = postgres(options.url, {
    max: options.poolSize,
    connect_timeout: 5,
    idle_timeout: 60,
    max_lifetime: 1800,
    keep_alive: 30,
    onnotice: () => undefined,
    connection: {
      application_name: options.applicationName,
      statement_timeout: options.statementTimeoutMs,
      lock_timeout: Math.min(options.statementTimeoutMs, 5_000),
      idle_in_transaction_session_timeout: 15_000,
    },
  });
  return {
    db: drizzle(preparing(client, options.onBegun)),
    client,
    [Symbol.asyncDispose]: () => client.end({ timeout: 5 }),
  };
}

/**
 * drizzle sends its statements through `unsafe`, which postgres.js leaves unprepared unless told.
 * Telling it saves the parse and plan of every hot statement.
 */
function preparing<T extends postgres.Sql | postgres.TransactionSql>(sql: T, onBegun?: DatabaseOptions["onBegun"]): T {
  return new Proxy(sql, {
    get(target, property, receiver) {
      if (property === "unsafe") {
        return (query: string, parameters?: never[], options?: postgres.UnsafeQueryOptions) =>
          target.unsafe(query, parameters, { ...options, prepare: true });
      }
      if (property === "begin" || property === "savepoint") {
        const start: unknown = Reflect.get(target, property, receiver);
        if (typeof start !== "function") return start;
        return (...args: unknown[]) => {
          const askedAt = performance.now();
          const begun = () => onBegun?.((performance.now() - askedAt) / 1_000);
          return start.apply(
            target,
            args.map((argument) => preparingCallback(argument, begun)),
          );
        };
      }
      return Reflect.get(target, property, receiver);
    },
  });
}

function preparingCallback(argument: unknown, begun: () => void): unknown {
  if (typeof argument !== "function") return argument;
  return (inner: postgres.TransactionSql) => {
    begun();
    return argument(preparing(inner));
  };
}

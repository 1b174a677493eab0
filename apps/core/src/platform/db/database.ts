import { patience, Unavailable } from "@stoa/runtime";
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
  /** How long a statement waits for a lock; as in `patience` unless said otherwise, and no longer than the statement may take. */
  readonly lockTimeoutMs?: number;
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
 * Opens the pool. postgres.js has no query time-out of its own: the server's statement and idle time-outs bound every wait while
 * it can be heard, and our own deadline a little behind them when the network has swallowed the question or the answer.
 */
export function openDatabase(options: DatabaseOptions): DatabaseConnection {
  const answerMs = options.statementTimeoutMs + patience.postgres.answerMarginMs;
  const client = postgres(options.url, {
    max: options.poolSize,
    connect_timeout: patience.postgres.connectSeconds,
    idle_timeout: 60,
    max_lifetime: 1800,
    keep_alive: 30,
    onnotice: () => undefined,
    connection: {
      application_name: options.applicationName,
      statement_timeout: options.statementTimeoutMs,
      lock_timeout: Math.min(options.statementTimeoutMs, options.lockTimeoutMs ?? patience.postgres.lockMs),
      idle_in_transaction_session_timeout: patience.postgres.idleInTransactionMs,
    },
  });
  return {
    db: drizzle(preparing(client, { answerMs, onBegun: options.onBegun })),
    client,
    [Symbol.asyncDispose]: () => client.end({ timeout: 5 }),
  };
}

interface Watch {
  /** How long an answer is waited for; the server's own limits end before. */
  readonly answerMs: number;
  readonly onBegun?: DatabaseOptions["onBegun"];
  /** Told when a statement of this transaction has got no answer: the connection is lost, and its end need not be waited for. */
  readonly lost?: (error: unknown) => void;
}

/**
 * drizzle sends its statements through `unsafe`, which postgres.js leaves unprepared unless told.
 * Telling it saves the parse and plan of every hot statement. No statement, and no transaction, waits for ever.
 */
function preparing<T extends postgres.Sql | postgres.TransactionSql>(sql: T, watch: Watch): T {
  return new Proxy(sql, {
    get(target, property, receiver) {
      if (property === "unsafe") {
        return (query: string, parameters?: never[], options?: postgres.UnsafeQueryOptions) =>
          bounded(target.unsafe(query, parameters, { ...options, prepare: true }), watch);
      }
      if (property === "begin" || property === "savepoint") {
        const start: unknown = Reflect.get(target, property, receiver);
        if (typeof start !== "function") return start;
        return (...args: unknown[]) =>
          boundedTransaction(watch, (stage) =>
            start.apply(
              target,
              args.map((argument) => (isWork(argument) ? workOf(argument, watch, stage) : argument)),
            ),
          );
      }
      return Reflect.get(target, property, receiver);
    },
  });
}

/** A statement is sent when somebody waits for it, so the clock starts there. */
function bounded<Q extends PromiseLike<unknown>>(query: Q, { answerMs, lost }: Watch): Q {
  const ask = query.then.bind(query);
  const answer = () =>
    new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => {
        const error = new Unavailable("postgres", "timeout");
        lost?.(error);
        reject(error);
      }, answerMs);
      const over = (settle: (value: unknown) => void) => (value: unknown) => {
        clearTimeout(timer);
        settle(value);
      };
      void ask(over(resolve), over(reject));
    });
  const wait: Q["then"] = (answered, failed) => answer().then(answered as never, failed);
  // biome-ignore lint/suspicious/noThenProperty: a query is a promise that is sent when it is waited for; there is no other seam.
  Reflect.defineProperty(query, "then", { value: wait });
  return query;
}

interface Stage {
  readonly begun: () => void;
  /** All that is left is to commit, or to roll back. */
  readonly ended: () => void;
  readonly lost: (error: unknown) => void;
}

/** Its beginning and its end are waited for as long as a statement is; what it does in between is bounded by its statements. */
function boundedTransaction<T>({ answerMs, onBegun }: Watch, run: (stage: Stage) => Promise<T>): Promise<T> {
  const askedAt = performance.now();
  return new Promise<T>((resolve, reject) => {
    const expire = () => reject(new Unavailable("postgres", "timeout"));
    let timer = setTimeout(expire, answerMs);
    const stage = {
      begun: () => {
        clearTimeout(timer);
        onBegun?.((performance.now() - askedAt) / 1_000);
      },
      ended: () => {
        timer = setTimeout(expire, answerMs);
      },
      lost: reject,
    };
    run(stage)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

function workOf(argument: Work, { answerMs }: Watch, stage: Stage) {
  return async (inner: postgres.TransactionSql) => {
    stage.begun();
    try {
      return await argument(preparing(inner, { answerMs, lost: stage.lost }));
    } finally {
      stage.ended();
    }
  };
}

type Work = (inner: postgres.TransactionSql) => unknown;

const isWork = (argument: unknown): argument is Work => typeof argument === "function";

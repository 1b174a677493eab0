import { is, Param, Placeholder, SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { drizzle, type PostgresJsSession } from "drizzle-orm/postgres-js";
import type { Database, Transaction } from "./database.ts";

/**
 * Where a value will stand. With a column, for a place that does not tell the column itself (a `set`, an `sql` text): the value is
 * then written as that column's values are.
 */
export interface ValueOf<V> {
  (name: keyof V & string): Placeholder;
  (name: keyof V & string, column: Param["encoder"]): SQL;
}

/** What drizzle's builders are: a statement that answers `R` once somebody waits for it. */
interface Builder<R> extends PromiseLike<R> {
  prepare(name: string): object;
}

type Prepared<V, R> = (db: Database | Transaction, values: V) => Promise<R>;

/**
 * A statement whose text is made once, when it is first run, and filled with values ever after: drizzle takes longer to write a
 * statement than Postgres to answer it. For those that every order needs, and only where the text is always the same.
 */
export function prepared<V, R>(build: (db: Database, value: ValueOf<V>) => Builder<R>): Prepared<V, R>;
export function prepared<V, R>(build: (db: Database, value: ValueOf<V>) => SQL<R>): Prepared<V, R[]>;
export function prepared<V>(build: (db: Database, value: ValueOf<V>) => Builder<unknown> | SQL): Prepared<V, unknown> {
  let statement: Statement | undefined;
  return (db, values) => {
    statement ??= compile(build(unconnected, placeholder));
    return run(statement, db, values as Readonly<Record<string, unknown>>);
  };
}

/** Writes statements and runs none. */
const unconnected: Database = drizzle.mock();

function placeholder(name: string, column?: Param["encoder"]): never {
  const place = sql.placeholder(name);
  return (column ? sql`${sql.param(place, column)}` : place) as never;
}

type Fill = (values: Readonly<Record<string, unknown>>) => unknown;

interface Statement {
  /** drizzle's own, with everything but a connection and its values. */
  readonly query: object;
  readonly fills: readonly Fill[];
}

function compile(built: Builder<unknown> | SQL): Statement {
  const query = is(built, SQL)
    ? unconnected._.session.prepareQuery(dialect.sqlToQuery(built), undefined, NAME, false)
    : built.prepare(NAME);
  return { query, fills: (query as { readonly params: readonly unknown[] }).params.map(fillOf) };
}

const dialect = new PgDialect();
/** drizzle only asks whether there is one; the driver names statements by their text. */
const NAME = "prepared";

function fillOf(param: unknown): Fill {
  if (is(param, Placeholder)) return (values) => values[param.name];
  if (!is(param, Param) || !is(param.value, Placeholder)) return () => param;
  const { encoder, value } = param;
  return (values) => {
    const filled = values[value.name];
    return filled === null || is(filled, SQL) ? filled : encoder.mapToDriverValue(filled);
  };
}

function run({ query, fills }: Statement, db: Database | Transaction, values: Parameters<Fill>[0]): Promise<unknown> {
  const { client } = db._.session as PostgresJsSession<never, never, never>;
  const params = fills.map((fill) => fill(values));
  const bound = Object.create(query, { client: { value: client }, params: { value: params } });
  return bound.execute();
}

import { Column, DrizzleQueryError, is, Param, Placeholder, SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { drizzle } from "drizzle-orm/postgres-js";
import type { Sql } from "postgres";
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
  readonly text: string;
  readonly fills: readonly Fill[];
  /** Null where rows are taken as the driver gives them. */
  readonly rowOf: ((values: readonly unknown[]) => unknown) | null;
}

/** What drizzle makes of a statement; not all of it is in its types. */
interface Compiled {
  readonly queryString: string;
  readonly params: readonly unknown[];
  readonly fields?: readonly Field[];
  readonly joinsNotNullableMap?: Readonly<Record<string, boolean>>;
}

interface Field {
  /** Names from the row down to the value. */
  readonly path: readonly string[];
  readonly field: Column | SQL | SQL.Aliased;
}

function compile(built: Builder<unknown> | SQL): Statement {
  const query = is(built, SQL)
    ? unconnected._.session.prepareQuery(dialect.sqlToQuery(built), undefined, NAME, false)
    : built.prepare(NAME);
  const { queryString: text, params, fields, joinsNotNullableMap } = query as unknown as Compiled;
  const mayMiss = Object.values(joinsNotNullableMap ?? {}).includes(false);
  if (mayMiss && fields?.some(({ path }) => path.length > 1))
    throw new Error("nothing tells that a whole part is missing");
  return { text, fills: params.map(fillOf), rowOf: fields ? rowReader(fields) : null };
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

/** Puts a row's values where they belong, each read as its column's values are. */
function rowReader(fields: readonly Field[]): (values: readonly unknown[]) => unknown {
  const places = fields.map(({ path, field }) => {
    return { parents: path.slice(0, -1), name: path.at(-1) ?? "", decoder: decoderOf(field) };
  });
  return (values) => {
    const row: Record<string, unknown> = {};
    for (const [index, { parents, name, decoder }] of places.entries()) {
      let at = row;
      for (const parent of parents) {
        at[parent] ??= {};
        at = at[parent] as Record<string, unknown>;
      }
      const value = values[index];
      at[name] = value === null ? null : decoder.mapFromDriverValue(value);
    }
    return row;
  };
}

function decoderOf(field: Field["field"]): Pick<Column, "mapFromDriverValue"> {
  if (is(field, Column)) return field;
  // A text's decoder is not in its type.
  return (is(field, SQL) ? field : field.sql)["decoder" as never];
}

async function run(
  { text, fills, rowOf }: Statement,
  db: Database | Transaction,
  values: Parameters<Fill>[0],
): Promise<unknown> {
  const { client } = db._.session as unknown as { readonly client: Sql };
  const params = fills.map((fill) => fill(values)) as never[];
  const asked = client.unsafe(text, params);
  try {
    if (!rowOf) return await asked;
    const rows = await asked.values();
    return rows.map(rowOf);
  } catch (error) {
    throw new DrizzleQueryError(text, params, error as Error);
  }
}

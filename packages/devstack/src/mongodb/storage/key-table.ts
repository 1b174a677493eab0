import type { Database, Statement } from "bun:sqlite";

/** Half-open range of keys: from `low`, up to but not including `high`. Null is no bound. */
export interface KeyRange {
  readonly low: Buffer | null;
  readonly high: Buffer | null;
}

export interface KeyEntry {
  readonly key: Buffer;
  readonly seq: number;
}

interface Row {
  readonly key: Uint8Array;
  readonly seq: number;
}

/** Entries read from SQLite at a time, so that no statement stays open while the client is slow or documents change. */
const CHUNK = 256;

/** Reads ordered keys of one table, forwards or backwards, in chunks. */
export class KeyTable {
  readonly #forwards: Statement<Row, [Uint8Array, number, Uint8Array, number]>;
  readonly #backwards: Statement<Row, [Uint8Array, number, Uint8Array, number]>;
  readonly #count: Statement<{ n: number }, [Uint8Array, Uint8Array, number]>;

  constructor(database: Database, table: string, key: string) {
    const columns = `SELECT ${key} AS key, seq FROM ${table}`;
    this.#forwards = database.prepare(
      `${columns} WHERE (${key}, seq) > (?1, ?2) AND ${key} < ?3 ORDER BY ${key}, seq LIMIT ?4`,
    );
    this.#backwards = database.prepare(
      `${columns} WHERE (${key}, seq) < (?1, ?2) AND ${key} >= ?3 ORDER BY ${key} DESC, seq DESC LIMIT ?4`,
    );
    this.#count = database.prepare(
      `SELECT count(*) AS n FROM (SELECT 1 FROM ${table} WHERE ${key} >= ?1 AND ${key} < ?2 LIMIT ?3)`,
    );
  }

  *entries(range: KeyRange, backwards: boolean): Generator<KeyEntry> {
    const low = range.low ?? BELOW_ALL;
    const high = range.high ?? ABOVE_ALL;
    const statement = backwards ? this.#backwards : this.#forwards;
    const end = backwards ? low : high;
    let key: Uint8Array = backwards ? high : low;
    // No document has this place, so the first chunk begins at the bound itself.
    let seq = -1;
    for (;;) {
      const rows = statement.all(key, seq, end, CHUNK);
      for (const row of rows) yield { key: Buffer.from(row.key), seq: row.seq };
      const last = rows.at(-1);
      if (rows.length < CHUNK || !last) return;
      key = last.key;
      seq = last.seq;
    }
  }

  /** How many keys lie in the range, counted up to the limit. */
  count(range: KeyRange, limit: number): number {
    return this.#count.get(range.low ?? BELOW_ALL, range.high ?? ABOVE_ALL, limit)?.n ?? 0;
  }

  finalize(): void {
    this.#forwards.finalize();
    this.#backwards.finalize();
    this.#count.finalize();
  }
}

const BELOW_ALL = Buffer.alloc(0);
const ABOVE_ALL = Buffer.from([0xff, 0xff]);

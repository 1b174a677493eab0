import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** One stored thing: what the vendor's API shows, and what only the stand-in knows about it. */
export interface StoredRecord<View, Hidden> {
  view: View;
  hidden: Hidden;
}

export interface ListWindow {
  /** Only records that belong to this id, e.g. the refunds of one charge. */
  readonly parent?: string | undefined;
  /** Only records older than this one. */
  readonly after?: string | undefined;
  /** Only records newer than this one. */
  readonly before?: string | undefined;
}

/** The records of one kind. Everything is read and written inside the caller's transaction. */
export interface Records<View extends { readonly id: string }, Hidden> {
  find(id: string): StoredRecord<View, Hidden> | null;
  insert(record: StoredRecord<View, Hidden>, links?: { readonly parent?: string | null }): void;
  save(record: StoredRecord<View, Hidden>): void;
  /** Wakes the record at this time (milliseconds since 1970), or never again. */
  wakeAt(id: string, atMs: number | null): void;
  /** Records whose time has come, earliest first, at most `limit`. */
  due(nowMs: number, limit: number): StoredRecord<View, Hidden>[];
  /** Newest first, one at a time, so that a caller may stop early. */
  newestFirst(window?: ListWindow): Generator<StoredRecord<View, Hidden>>;
  oldestFirst(window?: ListWindow): Generator<StoredRecord<View, Hidden>>;
  /** Removes records inserted before this time; for histories that the vendor prunes too. */
  prune(beforeMs: number): void;
}

const CHUNK = 200;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS record (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    parent TEXT,
    inserted_at INTEGER NOT NULL,
    wake_at INTEGER,
    body TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS record_by_kind ON record (kind, seq);
  CREATE INDEX IF NOT EXISTS record_by_parent ON record (kind, parent, seq);
  CREATE INDEX IF NOT EXISTS record_by_wake ON record (kind, wake_at) WHERE wake_at IS NOT NULL;
`;

/**
 * Opens `<dataDir>/<name>.sqlite`, or a database in memory when `dataDir` is null.
 * The write-ahead log keeps every committed transaction through a killed process.
 */
export function openDatabase(dataDir: string | null, name: string): Database {
  if (dataDir !== null) mkdirSync(dataDir, { recursive: true });
  const database = new Database(dataDir === null ? ":memory:" : join(dataDir, `${name}.sqlite`), { create: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = NORMAL");
  database.run("PRAGMA busy_timeout = 5000");
  database.run(SCHEMA);
  return database;
}

interface Row {
  readonly body: string;
}

/** The records of one kind in this database. `kind` is also what keeps two kinds with like ids apart. */
export function recordsOf<View extends { readonly id: string }, Hidden>(
  database: Database,
  kind: string,
): Records<View, Hidden> {
  type Stored = StoredRecord<View, Hidden>;
  // Only this module writes the column, always from a Stored.
  const read = (row: Row): Stored => JSON.parse(row.body) as Stored;
  const select = database.query<Row, [string, string]>("SELECT body FROM record WHERE kind = ? AND id = ?");
  const update = database.query("UPDATE record SET body = ? WHERE kind = ? AND id = ?");
  const insert = database.query("INSERT INTO record (kind, id, parent, inserted_at, body) VALUES (?, ?, ?, ?, ?)");
  const wake = database.query("UPDATE record SET wake_at = ? WHERE kind = ? AND id = ?");
  const due = database.query<Row, [string, number, number]>(
    "SELECT body FROM record WHERE kind = ? AND wake_at <= ? ORDER BY wake_at, seq LIMIT ?",
  );
  const prune = database.query("DELETE FROM record WHERE kind = ? AND inserted_at < ?");

  function* walk(window: ListWindow, order: "ASC" | "DESC"): Generator<Stored> {
    const { conditions, values } = windowConditions(kind, window);
    const edge = order === "DESC" ? "seq < ?" : "seq > ?";
    const sql = `SELECT seq, body FROM record WHERE ${conditions} AND ${edge} ORDER BY seq ${order} LIMIT ${CHUNK}`;
    const chunk = database.query<Row & { readonly seq: number }, (string | number)[]>(sql);
    let last = order === "DESC" ? Number.MAX_SAFE_INTEGER : 0;
    while (true) {
      // Read in chunks, so that the caller may write while it walks and stop when it has enough.
      const rows = chunk.all(...values, last);
      for (const row of rows) yield read(row);
      const final = rows.at(-1);
      if (final === undefined || rows.length < CHUNK) return;
      last = final.seq;
    }
  }
  return {
    find: (id) => {
      const row = select.get(kind, id);
      return row === null ? null : read(row);
    },
    insert: (record, links = {}) => {
      insert.run(kind, record.view.id, links.parent ?? null, Date.now(), JSON.stringify(record));
    },
    save: (record) => {
      update.run(JSON.stringify(record), kind, record.view.id);
    },
    wakeAt: (id, atMs) => {
      wake.run(atMs, kind, id);
    },
    due: (nowMs, limit) => due.all(kind, nowMs, limit).map(read),
    newestFirst: (window = {}) => walk(window, "DESC"),
    oldestFirst: (window = {}) => walk(window, "ASC"),
    prune: (beforeMs) => {
      prune.run(kind, beforeMs);
    },
  };
}

const BOOKS_MAX = 10_000;

/** What a test looks through: all of a kind, newest first, up to 10,000. */
export function booked<View extends { readonly id: string }, Hidden>(
  records: Records<View, Hidden>,
): StoredRecord<View, Hidden>[] {
  return records.newestFirst().take(BOOKS_MAX).toArray();
}

function windowConditions(kind: string, window: ListWindow): { conditions: string; values: string[] } {
  const conditions = ["kind = ?"];
  const values = [kind];
  const add = (condition: string, value: string | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add("parent = ?", window.parent);
  add("seq < (SELECT seq FROM record WHERE id = ?)", window.after);
  add("seq > (SELECT seq FROM record WHERE id = ?)", window.before);
  return { conditions: conditions.join(" AND "), values };
}

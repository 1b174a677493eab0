import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Json, JsonObject } from "./json.ts";

export interface StoredDocument {
  readonly id: string;
  readonly position: number;
  readonly document: JsonObject;
}

const nameAndBody = z.object({ name: z.string(), body: z.string() });
const documentRow = z.object({ id: z.string(), position: z.number(), body: z.string() });

/** Documents that are cleared away at once: some milliseconds. */
const CLEARED_AT_ONCE = 500;

/** Everything on disk, in one SQLite file. What a call has acknowledged survives the death of the process. */
export class Storage {
  readonly #db: Database;
  /** Collections whose documents are being cleared away. */
  readonly #goingAway = new Set<string>();
  readonly #put;
  readonly #delete;

  constructor(dataDir: string | null) {
    if (dataDir !== null) mkdirSync(dataDir, { recursive: true });
    this.#db = new Database(dataDir === null ? ":memory:" : join(dataDir, "typesense.sqlite"), { create: true });
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    this.#db.exec(`
      CREATE TABLE IF NOT EXISTS entries (kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (kind, name)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS documents (collection TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL,
        body TEXT NOT NULL, PRIMARY KEY (collection, id)) WITHOUT ROWID;`);
    this.#put = this.#db.prepare<unknown, [string, string, number, string]>(
      "INSERT OR REPLACE INTO documents (collection, id, position, body) VALUES (?, ?, ?, ?)",
    );
    this.#delete = this.#db.prepare<unknown, [string, string]>("DELETE FROM documents WHERE collection = ? AND id = ?");
  }

  /** All writes in it are stored together, or none when it throws. */
  atomically<T>(work: () => T): T {
    return this.#db.transaction(work)();
  }

  /** Everything of one kind that is no document: schemas, aliases, keys, sets of synonyms… */
  entries(kind: string): Map<string, Json> {
    const rows = this.#db.query("SELECT name, body FROM entries WHERE kind = ? ORDER BY name").all(kind);
    return new Map(rows.map((row) => nameAndBody.parse(row)).map(({ name, body }) => [name, JSON.parse(body)]));
  }

  putEntry(kind: string, name: string, body: unknown): void {
    this.#db
      .query("INSERT OR REPLACE INTO entries (kind, name, body) VALUES (?, ?, ?)")
      .run(kind, name, JSON.stringify(body));
  }

  deleteEntry(kind: string, name: string): void {
    this.#db.query("DELETE FROM entries WHERE kind = ? AND name = ?").run(kind, name);
  }

  /** Oldest first. */
  *documents(collection: string): IterableIterator<StoredDocument> {
    const rows = this.#db
      .query("SELECT id, position, body FROM documents WHERE collection = ? ORDER BY position")
      .iterate(collection);
    for (const row of rows) {
      const { id, position, body } = documentRow.parse(row);
      yield { id, position, document: JSON.parse(body) };
    }
  }

  putDocument(collection: string, { id, position, document }: StoredDocument): void {
    this.#put.run(collection, id, position, JSON.stringify(document));
  }

  deleteDocument(collection: string, id: string): void {
    this.#delete.run(collection, id);
  }

  /** At once: what is written under the name from now on stays. */
  deleteDocuments(collection: string): void {
    this.#goingAway.delete(collection);
    this.#db.query("DELETE FROM documents WHERE collection = ?").run(collection);
  }

  /** For a collection that is gone: its documents go some at a time, so that nobody has to wait for all of them. */
  clearAway(collection: string): void {
    const statement = this.#db.prepare<unknown, [string, string, number]>(
      "DELETE FROM documents WHERE collection = ? AND id IN (SELECT id FROM documents WHERE collection = ? LIMIT ?)",
    );
    this.#goingAway.add(collection);
    const next = () => {
      if (!this.#goingAway.has(collection)) return;
      if (statement.run(collection, collection, CLEARED_AT_ONCE).changes > 0) setImmediate(next);
      else this.#goingAway.delete(collection);
    };
    next();
  }

  /** What clearing away has left behind when the process ended. */
  clearLeftOver(kind: string): void {
    const gone = "DELETE FROM documents WHERE collection NOT IN (SELECT name FROM entries WHERE kind = ?)";
    this.#db.query(gone).run(kind);
  }

  close(): void {
    this.#goingAway.clear();
    this.#db.close();
  }
}

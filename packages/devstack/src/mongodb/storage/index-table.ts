import type { Database, Statement } from "bun:sqlite";
import { MongoError } from "../errors.ts";
import { compileFilter, type Filter } from "../query/filter.ts";
import { documentKeys } from "./index-keys.ts";
import type { IndexSpec } from "./index-spec.ts";
import { KeyTable } from "./key-table.ts";

/** One secondary index: a table of (key, seq). */
export class IndexTable {
  readonly keys: KeyTable;
  readonly #partial: Filter | null;
  readonly #add: Statement<unknown, [Uint8Array, number]>;
  readonly #remove: Statement<unknown, [Uint8Array, number]>;
  readonly #holder: Statement<{ seq: number }, [Uint8Array, number]>;
  readonly #twice: Statement<{ seq: number }, []>;
  readonly #markMultikey: Statement<unknown, [number]>;

  constructor(
    database: Database,
    readonly id: number,
    readonly spec: IndexSpec,
    /** True once a document held an array on one of the paths; such an index answers fewer questions. */
    public multikey: boolean,
  ) {
    const table = indexTableName(id);
    this.keys = new KeyTable(database, table, "key");
    this.#partial = spec.partial ? compileFilter(spec.partial, refuseExpression) : null;
    this.#add = database.prepare(`INSERT OR IGNORE INTO ${table}(key, seq) VALUES(?1, ?2)`);
    this.#remove = database.prepare(`DELETE FROM ${table} WHERE key = ?1 AND seq = ?2`);
    this.#holder = database.prepare(`SELECT seq FROM ${table} WHERE key = ?1 AND seq <> ?2 LIMIT 1`);
    this.#twice = database.prepare(`SELECT max(seq) AS seq FROM ${table} GROUP BY key HAVING count(*) > 1 LIMIT 1`);
    this.#markMultikey = database.prepare("UPDATE indexes SET multikey = 1 WHERE id = ?1");
  }

  /** The document's keys, none when the index leaves the document out. */
  keysOf(document: unknown): readonly Buffer[] {
    if (this.#partial && !this.#partial.test(document)) return [];
    const { keys, multikey, allMissing } = documentKeys(document, this.spec.paths, this.spec.directions);
    if (this.spec.sparse && allMissing) return [];
    if (multikey && !this.multikey) {
      this.#markMultikey.run(this.id);
      this.multikey = true;
    }
    return keys;
  }

  /** True when another document already holds one of the keys of a unique index. */
  conflicts(keys: readonly Buffer[], seq: number): boolean {
    return this.spec.unique && keys.some((key) => this.#holder.get(key, seq) !== null);
  }

  /** A document that holds a key which another one holds as well, where none may; null when there is none. */
  heldTwice(): number | null {
    return this.spec.unique ? (this.#twice.get()?.seq ?? null) : null;
  }

  add(keys: readonly Buffer[], seq: number): void {
    for (const key of keys) this.#add.run(key, seq);
  }

  remove(keys: readonly Buffer[], seq: number): void {
    for (const key of keys) this.#remove.run(key, seq);
  }

  finalize(): void {
    this.keys.finalize();
    for (const statement of [this.#add, this.#remove, this.#holder, this.#twice, this.#markMultikey])
      statement.finalize();
  }
}

export function indexTableName(id: number): string {
  return `index_${id}`;
}

function refuseExpression(): never {
  throw new MongoError("CannotCreateIndex", "Expression not supported in partial index");
}

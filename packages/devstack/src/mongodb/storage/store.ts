import { Database } from "bun:sqlite";
import { EJSON } from "bson";
import type { Doc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import type { Steps } from "../turns.ts";
import { Collection, documentTableName } from "./collection.ts";
import { describeIndex, INDEXES_PER_COLLECTION_MAX, type IndexSpec, parseIndexSpec } from "./index-spec.ts";
import { IndexTable, indexTableName } from "./index-table.ts";
import { checkNamespace } from "./namespace.ts";
import { RecordCache } from "./record.ts";

const SCHEMA_VERSION = 1;
const CACHE_BYTES = 6 * 1024 * 1024;
const COLLECTIONS_MAX = 10_000;

const SCHEMA = `
  CREATE TABLE collections(id INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL UNIQUE, options TEXT NOT NULL);
  CREATE TABLE indexes(id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, spec TEXT NOT NULL, multikey INTEGER NOT NULL);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Apart from their rows, so that files of before are read as they are. */
const UNFINISHED = "CREATE TABLE IF NOT EXISTS unfinished(index_id INTEGER PRIMARY KEY)";

interface CollectionRow {
  readonly id: number;
  readonly namespace: string;
  readonly options: string;
}

interface IndexRow {
  readonly id: number;
  readonly spec: string;
  readonly multikey: number;
}

/**
 * All collections in one SQLite file. A committed transaction is in the write-ahead log of the operating system,
 * so it survives the death of the process, though not of the machine's power within the last moments.
 */
export class Store implements Disposable {
  readonly collections = new Map<string, Collection>();
  readonly #database: Database;
  readonly #cache = new RecordCache(CACHE_BYTES);
  #inTransaction = false;

  /** @param file path of the database, or null to keep it in memory. */
  constructor(file: string | null) {
    this.#database = new Database(file ?? ":memory:", { create: true, readwrite: true });
    // Exclusive: a second server on the same file would answer from counts and caches that the first one changes.
    this.#database.exec(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -24000; PRAGMA temp_store = MEMORY;",
    );
    this.#open();
  }

  #open(): void {
    const version = this.#database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
    if (version === 0) this.transaction(() => this.#database.exec(SCHEMA));
    else if (version !== SCHEMA_VERSION) throw new Error(`The MongoDB stand-in's file has unknown version ${version}`);
    this.#load();
  }

  #load(): void {
    this.transaction(() => this.#dropUnfinished());
    for (const row of this.#database.query<CollectionRow, []>("SELECT * FROM collections ORDER BY id").all()) {
      const collection = this.#attach(row.id, row.namespace, EJSON.parse(row.options) as Doc);
      const indexes = this.#database
        .query<IndexRow, [number]>("SELECT id, spec, multikey FROM indexes WHERE collection = ? ORDER BY id")
        .all(row.id);
      collection.indexes = indexes.map(
        (index) =>
          new IndexTable(this.#database, index.id, parseIndexSpec(EJSON.parse(index.spec)), index.multikey === 1),
      );
    }
  }

  /**
   * Runs one command's writes and returns once they are on disk. A MongoError keeps what came before it, as a batch that
   * stops half-way does in MongoDB; anything else undoes the whole command.
   */
  transaction<T>(work: () => T): T {
    if (this.#inTransaction) return work();
    this.#database.exec("BEGIN IMMEDIATE");
    this.#inTransaction = true;
    try {
      const result = work();
      this.#commit();
      return result;
    } catch (error) {
      if (error instanceof MongoError) this.#commit();
      else this.#rollback();
      throw error;
    }
  }

  /** Within a transaction: all of the work or, when it throws, none. It must not create or drop collections. */
  atomically<T>(work: () => T): T {
    return this.transaction(() => {
      this.#database.exec("SAVEPOINT work");
      try {
        const result = work();
        this.#database.exec("RELEASE work");
        return result;
      } catch (error) {
        this.#database.exec("ROLLBACK TO work; RELEASE work");
        this.#cache.clear();
        for (const collection of this.collections.values()) collection.forgetCount();
        throw error;
      }
    });
  }

  #commit(): void {
    this.#database.exec("COMMIT");
    this.#inTransaction = false;
  }

  #rollback(): void {
    this.#inTransaction = false;
    // SQLite ends the transaction by itself on some errors, such as a full disk.
    if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
    this.#cache.clear();
    for (const collection of this.collections.values()) {
      collection.dropped = true;
      collection.finalize();
    }
    this.collections.clear();
    this.#load();
  }

  get(namespace: string): Collection | null {
    return this.collections.get(namespace) ?? null;
  }

  /** The collection, made when there is none, as MongoDB does on the first write. */
  getOrCreate(namespace: string): Collection {
    return this.get(namespace) ?? this.create(namespace, {});
  }

  create(namespace: string, options: Doc): Collection {
    checkNamespace(namespace);
    if (this.collections.size >= COLLECTIONS_MAX)
      throw new MongoError("BadValue", `At most ${COLLECTIONS_MAX} collections`);
    return this.transaction(() => {
      const { lastInsertRowid } = this.#database
        .query("INSERT INTO collections(namespace, options) VALUES(?, ?)")
        .run(namespace, EJSON.stringify(options, { relaxed: false }));
      const id = Number(lastInsertRowid);
      this.#database.exec(
        `CREATE TABLE ${documentTableName(id)}(seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, bson BLOB NOT NULL)`,
      );
      return this.#attach(id, namespace, options);
    });
  }

  #attach(id: number, namespace: string, options: Doc): Collection {
    const collection = new Collection(this.#database, this.#cache, id, namespace, options);
    this.collections.set(namespace, collection);
    return collection;
  }

  drop(collection: Collection): void {
    this.transaction(() => {
      for (const index of [...collection.indexes, ...collection.building]) this.dropIndex(collection, index);
      collection.finalize();
      this.#database.exec(`DROP TABLE ${documentTableName(collection.id)}`);
      this.#database.query("DELETE FROM collections WHERE id = ?").run(collection.id);
    });
    collection.dropped = true;
    this.collections.delete(collection.namespace);
    this.#cache.clear();
  }

  rename(collection: Collection, namespace: string): void {
    checkNamespace(namespace);
    this.#database.query("UPDATE collections SET namespace = ? WHERE id = ?").run(namespace, collection.id);
    this.collections.delete(collection.namespace);
    collection.namespace = namespace;
    this.collections.set(namespace, collection);
  }

  /**
   * Makes an index and fills it. Nothing is found by it before it is whole, and one that was not when the process died is gone.
   * @throws DuplicateKey when the documents there break a unique index; QueryPlanKilled when the collection is dropped meanwhile.
   */
  *createIndex(collection: Collection, spec: IndexSpec): Steps<void> {
    if (collection.indexes.length + collection.building.length + 1 >= INDEXES_PER_COLLECTION_MAX) {
      throw new MongoError("CannotCreateIndex", `add index fails, too many indexes for ${collection.namespace}`);
    }
    const index = this.#emptyIndex(collection, spec);
    collection.building.push(index);
    try {
      yield* collection.fill(index);
    } catch (error) {
      if (!collection.dropped) this.dropIndex(collection, index);
      throw error;
    }
    this.#database.query("DELETE FROM unfinished WHERE index_id = ?").run(index.id);
    collection.building = collection.building.filter((other) => other !== index);
    collection.indexes.push(index);
  }

  #emptyIndex(collection: Collection, spec: IndexSpec): IndexTable {
    return this.atomically(() => {
      const { lastInsertRowid } = this.#database
        .query("INSERT INTO indexes(collection, spec, multikey) VALUES(?, ?, 0)")
        .run(collection.id, EJSON.stringify(describeIndex(spec), { relaxed: false }));
      const id = Number(lastInsertRowid);
      this.#database.query("INSERT INTO unfinished(index_id) VALUES(?)").run(id);
      this.#database.exec(
        `CREATE TABLE ${indexTableName(id)}(key BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(key, seq)) WITHOUT ROWID`,
      );
      return new IndexTable(this.#database, id, spec, false);
    });
  }

  /** What a process that died, or a write that failed, has left of indexes that were being filled. */
  #dropUnfinished(): void {
    this.#database.exec(UNFINISHED);
    const left = this.#database.query<{ index_id: number }, []>("SELECT index_id FROM unfinished").all();
    for (const { index_id: id } of left) this.#forgetIndex(id);
  }

  dropIndex(collection: Collection, index: IndexTable): void {
    this.transaction(() => {
      collection.indexes = collection.indexes.filter((other) => other !== index);
      collection.building = collection.building.filter((other) => other !== index);
      index.finalize();
      this.#forgetIndex(index.id);
    });
  }

  #forgetIndex(id: number): void {
    this.#database.exec(`DROP TABLE ${indexTableName(id)}`);
    this.#database.query("DELETE FROM indexes WHERE id = ?").run(id);
    this.#database.query("DELETE FROM unfinished WHERE index_id = ?").run(id);
  }

  [Symbol.dispose](): void {
    for (const collection of this.collections.values()) collection.finalize();
    this.collections.clear();
    this.#database.close();
  }
}

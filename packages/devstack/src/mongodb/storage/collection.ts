import type { Database, Statement } from "bun:sqlite";
import { EJSON, ObjectId } from "bson";
import { DOCUMENT_BYTES_MAX, decode, decodeExact, encode, tooLarge } from "../bson/codec.ts";
import { encodeKey } from "../bson/key.ts";
import { firstFieldName } from "../bson/raw.ts";
import { bsonType, type Doc, RANK, rankOf } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { valuesAtPath } from "../query/path.ts";
import { PAUSE, type Steps, Turn } from "../turns.ts";
import { ID_INDEX, type IndexSpec } from "./index-spec.ts";
import type { IndexTable } from "./index-table.ts";
import { KeyTable } from "./key-table.ts";
import { type RecordCache, StoredRecord } from "./record.ts";

interface DocumentRow {
  readonly seq: number;
  readonly bson: Uint8Array;
}

/** Documents read at a time by a scan. */
const SCAN_CHUNK = 128;

/** One collection: a table of documents and its index tables. Every write keeps both in step or throws before it begins. */
export class Collection {
  readonly ids: KeyTable;
  indexes: IndexTable[] = [];
  /** Indexes that are being filled: writes are kept in them, nothing is found by them yet. */
  building: IndexTable[] = [];
  /** Set when it was dropped, so that cursors on it stop. */
  dropped = false;
  #count: number | null = null;
  readonly #insert: Statement<unknown, [Uint8Array, Uint8Array]>;
  readonly #replace: Statement<unknown, [number, Uint8Array]>;
  readonly #delete: Statement<unknown, [number]>;
  readonly #bySeq: Statement<DocumentRow, [number]>;
  readonly #byId: Statement<{ seq: number }, [Uint8Array]>;
  readonly #after: Statement<DocumentRow, [number, number]>;
  readonly #countAll: Statement<{ n: number }, []>;

  constructor(
    database: Database,
    readonly cache: RecordCache,
    readonly id: number,
    public namespace: string,
    readonly options: Doc,
  ) {
    const table = documentTableName(id);
    this.ids = new KeyTable(database, table, "id");
    this.#insert = database.prepare(`INSERT INTO ${table}(id, bson) VALUES(?1, ?2)`);
    this.#replace = database.prepare(`UPDATE ${table} SET bson = ?2 WHERE seq = ?1`);
    this.#delete = database.prepare(`DELETE FROM ${table} WHERE seq = ?1`);
    this.#bySeq = database.prepare(`SELECT seq, bson FROM ${table} WHERE seq = ?1`);
    this.#byId = database.prepare(`SELECT seq FROM ${table} WHERE id = ?1`);
    this.#after = database.prepare(`SELECT seq, bson FROM ${table} WHERE seq > ?1 ORDER BY seq LIMIT ?2`);
    this.#countAll = database.prepare(`SELECT count(*) AS n FROM ${table}`);
  }

  get count(): number {
    this.#count ??= this.#countAll.get()?.n ?? 0;
    return this.#count;
  }

  /** After a rollback nothing held in memory may be believed. */
  forgetCount(): void {
    this.#count = null;
  }

  /**
   * Stores a document as the client encoded it, `_id` first and made when absent.
   * @throws DuplicateKey, BSONObjectTooLarge, InvalidIdField
   */
  insert(encoded: Uint8Array): StoredRecord {
    const bytes = withIdFirst(encoded);
    if (bytes.length > DOCUMENT_BYTES_MAX) throw tooLarge();
    const document = decode(bytes);
    checkId(document._id);
    const id = encodeKey([document._id]);
    if (this.#byId.get(id)) throw this.#duplicate(ID_INDEX, document);
    const keys = this.#checkedKeys(document, -1);
    const count = this.count;
    const seq = Number(this.#insert.run(id, bytes).lastInsertRowid);
    for (const [at, index] of this.indexes.entries()) index.add(keys[at] ?? [], seq);
    for (const index of this.building) index.add(index.keysOf(document), seq);
    this.#count = count + 1;
    return new StoredRecord(seq, bytes);
  }

  /** Stores a changed document under the same `_id`. Answers null when nothing changed. */
  replace(record: StoredRecord, changed: Doc): StoredRecord | null {
    const bytes = encode(changed);
    if (Buffer.compare(bytes, record.bytes) === 0) return null;
    if (bytes.length > DOCUMENT_BYTES_MAX) throw tooLarge();
    const document = decode(bytes);
    const keys = this.#checkedKeys(document, record.seq);
    const before = this.indexes.map((index) => index.keysOf(record.document));
    this.#replace.run(record.seq, bytes);
    for (const [at, index] of this.indexes.entries()) {
      index.remove(before[at] ?? [], record.seq);
      index.add(keys[at] ?? [], record.seq);
    }
    for (const index of this.building) {
      index.remove(index.keysOf(record.document), record.seq);
      index.add(index.keysOf(document), record.seq);
    }
    const next = new StoredRecord(record.seq, bytes);
    this.cache.put(this.id, next);
    return next;
  }

  remove(record: StoredRecord): void {
    const count = this.count;
    this.#delete.run(record.seq);
    for (const index of [...this.indexes, ...this.building]) index.remove(index.keysOf(record.document), record.seq);
    this.cache.forget(this.id, record.seq);
    this.#count = count - 1;
  }

  /** The document at a place, or null when it has gone. */
  read(seq: number): StoredRecord | null {
    const cached = this.cache.get(this.id, seq);
    if (cached) return cached;
    const row = this.#bySeq.get(seq);
    if (!row) return null;
    const record = new StoredRecord(seq, row.bson);
    this.cache.put(this.id, record);
    return record;
  }

  byId(id: unknown): StoredRecord | null {
    const row = this.#byId.get(encodeKey([id]));
    return row ? this.read(row.seq) : null;
  }

  /** All documents in natural order, past the cache, so that one scan does not empty it. */
  *scan(): Generator<StoredRecord> {
    let after = -1;
    for (;;) {
      const rows = this.#after.all(after, SCAN_CHUNK);
      for (const row of rows) yield new StoredRecord(row.seq, row.bson);
      const last = rows.at(-1);
      if (rows.length < SCAN_CHUNK || !last) return;
      after = last.seq;
    }
  }

  /**
   * Fills an index from the documents there are. What others write meanwhile they write into it, too, so it does not matter on which side
   * of a pause a document was changed; whether a unique one is so is told when it holds everything.
   * @throws DuplicateKey; QueryPlanKilled when the collection is dropped meanwhile
   */
  *fill(index: IndexTable): Steps<void> {
    const turn = new Turn();
    for (const record of this.scan()) {
      index.add(index.keysOf(record.document), record.seq);
      if (!turn.isOver()) continue;
      yield PAUSE;
      if (this.dropped) throw new MongoError("QueryPlanKilled", `collection dropped: ${this.namespace}`);
    }
    const twice = index.heldTwice();
    const record = twice === null ? null : this.read(twice);
    if (record) throw this.#duplicate(index.spec, record.document);
  }

  finalize(): void {
    this.ids.finalize();
    for (const index of [...this.indexes, ...this.building]) index.finalize();
    const statements = [
      this.#insert,
      this.#replace,
      this.#delete,
      this.#bySeq,
      this.#byId,
      this.#after,
      this.#countAll,
    ];
    for (const statement of statements) statement.finalize();
  }

  #checkedKeys(document: Doc, seq: number): Array<readonly Buffer[]> {
    return this.indexes.map((index) => {
      const keys = index.keysOf(document);
      if (index.conflicts(keys, seq)) throw this.#duplicate(index.spec, document);
      return keys;
    });
  }

  #duplicate(spec: IndexSpec, document: Doc): MongoError {
    const keyValue: Doc = {};
    for (const [at, field] of Object.keys(spec.key).entries()) {
      keyValue[field] = valuesAtPath(document, spec.paths[at] ?? [])[0] ?? null;
    }
    return new MongoError(
      "DuplicateKey",
      `E11000 duplicate key error collection: ${this.namespace} index: ${spec.name} dup key: ${EJSON.stringify(keyValue)}`,
      { keyPattern: spec.key, keyValue },
    );
  }
}

export function documentTableName(id: number): string {
  return `documents_${id}`;
}

function withIdFirst(encoded: Uint8Array): Uint8Array {
  if (firstFieldName(encoded) === "_id") return encoded;
  const { _id = new ObjectId(), ...rest } = decodeExact(encoded);
  return encode({ _id, ...rest });
}

/** @throws InvalidIdField for the kinds of value MongoDB takes for no `_id`. */
export function checkId(id: unknown): void {
  const rank = rankOf(id);
  if (rank === RANK.array || rank === RANK.regex || id === undefined || bsonType(id) === "undefined") {
    throw new MongoError(
      "InvalidIdField",
      `The '_id' value cannot be of type ${rank === RANK.array ? "array" : "regex"}`,
    );
  }
}

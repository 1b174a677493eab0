import { Columns } from "./columns.ts";
import { conflict, malformed, notFound, TypesenseError } from "./errors.ts";
import { RowFilters } from "./filter/row-filters.ts";
import { isObject, type Json, type JsonObject, mergePatch, valueAt } from "./json.ts";
import { LeadingRows } from "./leading-rows.ts";
import { DOCUMENTS_PER_COLLECTION_MAX } from "./limits.ts";
import { withRoom } from "./room.ts";
import type { DirtyValues } from "./schema/coerce.ts";
import { Schema, type SchemaRecord } from "./schema/schema.ts";
import { Scores } from "./scores.ts";
import { Remembered } from "./search/remembered.ts";
import type { Finding } from "./search/search.ts";
import type { Storage } from "./storage.ts";
import { TextIndex } from "./text-index.ts";

export type WriteAction = "create" | "upsert" | "update" | "emplace";

export interface Held {
  readonly document: JsonObject;
  /** Grows with every new document. */
  readonly position: number;
  /** Its place in the index, which the next document takes when it is gone. */
  readonly row: number;
}

/** Everything by which documents are found, by row. */
interface Index {
  readonly text: TextIndex;
  readonly columns: Columns;
  readonly filters: RowFilters;
  readonly leading: LeadingRows;
}

/** One collection: its schema, its documents in memory and on disk, and the index over them. */
export class Collection {
  schema: Schema;
  index: Index;
  /** Room that the search in hand counts in. */
  readonly scores = new Scores();
  /** Grows with every change of a document or of the schema. */
  changes = 0;
  /** What broad searches have found last. */
  readonly remembered = new Remembered<Finding>();
  /** Grows with every new document, by row. */
  positions = new Float64Array(0);
  readonly #held = new Map<string, Held>();
  #rows: (Held | undefined)[] = [];
  #free: number[] = [];
  #position = 0;

  constructor(
    record: SchemaRecord,
    private readonly storage: Storage,
  ) {
    this.schema = new Schema(record);
    this.index = this.#emptyIndex();
    for (const { id, position, document } of storage.documents(record.name)) {
      this.#position = Math.max(this.#position, position);
      this.#hold(id, this.schema.admit(document, "coerce_or_reject"), position);
    }
  }

  get name(): string {
    return this.schema.record.name;
  }

  get size(): number {
    return this.#held.size;
  }

  all(): IterableIterator<Held> {
    return this.#held.values();
  }

  /** Rows that hold a document. */
  rows(admits: (row: number) => boolean = () => true): number[] {
    const found: number[] = [];
    for (let row = 0; row < this.#rows.length; row += 1) if (this.#rows[row] && admits(row)) found.push(row);
    return found;
  }

  holds(row: number): boolean {
    return this.#rows[row] !== undefined;
  }

  /** What a row holds; only for rows that hold something. */
  at(row: number): Held {
    return this.#rows[row] as Held;
  }

  find(id: string): Held | undefined {
    return this.#held.get(id);
  }

  need(id: string): JsonObject {
    const held = this.#held.get(id);
    if (!held) throw notFound(`Could not find a document with id: ${id}`);
    return held.document;
  }

  /** Writes one document; answers it as stored. */
  write(body: Json, action: WriteAction, dirty: DirtyValues): JsonObject {
    if (!isObject(body)) throw malformed("Bad JSON: not a properly formed document.");
    const id = this.#idOf(body);
    const before = this.#held.get(id);
    if (before && action === "create") throw conflict(`A document with id ${id} already exists.`);
    if (!before && action === "update") throw notFound(`Could not find a document with id: ${id}`);
    if (!before && this.#held.size >= DOCUMENTS_PER_COLLECTION_MAX) {
      throw new TypesenseError(422, "The collection is full.");
    }
    const merges = before && (action === "update" || action === "emplace");
    const merged = merges ? mergePatch(before.document, body) : body;
    if (!isObject(merged)) throw malformed("Bad JSON: not a properly formed document.");
    const document = this.schema.admit({ ...merged, id }, dirty);
    this.#checkSortingField(document);
    const position = before?.position ?? this.#position + 1;
    this.storage.putDocument(this.name, { id, position, document });
    this.#position = Math.max(this.#position, position);
    this.#hold(id, document, position);
    return document;
  }

  remove(id: string): JsonObject {
    const held = this.#held.get(id);
    if (!held) return this.need(id);
    const { document, row } = held;
    this.storage.deleteDocument(this.name, id);
    this.#held.delete(id);
    this.#rows[row] = undefined;
    this.#free.push(row);
    this.index.text.remove(row, document);
    this.index.columns.remove(row);
    this.index.filters.remove(row);
    this.index.leading.touch(row);
    this.changes += 1;
    return document;
  }

  /** Takes all documents out; answers how many those were. */
  truncate(): number {
    const count = this.#held.size;
    this.storage.deleteDocuments(this.name);
    this.#held.clear();
    this.#indexAnew([]);
    return count;
  }

  /** Gives the collection another schema. Refused, changing nothing, when a document does not fit it. */
  change(record: SchemaRecord): void {
    const schema = new Schema(record);
    const fitting = [...this.#held].map(([id, { document, position }]) => {
      return { id, document: schema.admit(document, "coerce_or_reject"), position };
    });
    this.schema = schema;
    this.#held.clear();
    this.#indexAnew(fitting);
  }

  #idOf(body: JsonObject): string {
    if (body.id === undefined) return String(this.#position + 1);
    if (typeof body.id !== "string" || body.id === "") throw malformed("Document's `id` field should be a string.");
    return body.id;
  }

  #checkSortingField(document: JsonObject): void {
    const field = this.schema.record.defaultSortingField;
    if (field !== "" && valueAt(document, field) === undefined) {
      throw malformed(`Default sorting field \`${field}\` is not found in the document.`);
    }
  }

  #hold(id: string, document: JsonObject, position: number): void {
    const before = this.#held.get(id);
    const row = before?.row ?? this.#free.pop() ?? this.#rows.length;
    const held = { document, position, row };
    this.#held.set(id, held);
    this.#rows[row] = held;
    this.scores.makeRoom(row);
    this.positions = withRoom(this.positions, row);
    this.positions[row] = position;
    this.index.text.put(row, document, before?.document);
    this.index.columns.put(row, document);
    this.index.filters.put(row, document);
    this.index.leading.touch(row);
    this.changes += 1;
  }

  #indexAnew(documents: readonly { id: string; document: JsonObject; position: number }[]): void {
    this.#rows = [];
    this.#free = [];
    this.changes += 1;
    this.index = this.#emptyIndex();
    for (const { id, document, position } of documents) this.#hold(id, document, position);
  }

  #emptyIndex(): Index {
    const { schema } = this;
    const columns = new Columns(schema, () => this.#held.values());
    const filters = new RowFilters({
      schema,
      columns,
      end: () => this.#rows.length,
      holds: (row) => this.holds(row),
      rowOf: (id) => this.#held.get(id)?.row,
    });
    return { text: new TextIndex(schema), columns, filters, leading: new LeadingRows() };
  }
}

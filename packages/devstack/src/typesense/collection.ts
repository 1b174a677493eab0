import { conflict, malformed, notFound, TypesenseError } from "./errors.ts";
import { isObject, type Json, type JsonObject, mergePatch, valueAt } from "./json.ts";
import { DOCUMENTS_PER_COLLECTION_MAX } from "./limits.ts";
import type { DirtyValues } from "./schema/coerce.ts";
import { Schema, type SchemaRecord } from "./schema/schema.ts";
import type { Storage } from "./storage.ts";
import { TextIndex } from "./text-index.ts";

export type WriteAction = "create" | "upsert" | "update" | "emplace";

export interface Held {
  readonly document: JsonObject;
  /** Grows with every new document. */
  readonly position: number;
}

/** One collection: its schema, its documents in memory and on disk, and the index over their words. */
export class Collection {
  schema: Schema;
  index: TextIndex;
  readonly #held = new Map<string, Held>();
  #position = 0;
  #revision = 0;

  constructor(
    record: SchemaRecord,
    private readonly storage: Storage,
  ) {
    this.schema = new Schema(record);
    this.index = new TextIndex(this.schema);
    for (const { id, position, document } of storage.documents(record.name)) {
      this.#position = Math.max(this.#position, position);
      this.#held.set(id, { document: this.schema.admit(document, "coerce_or_reject"), position });
    }
    if (this.#held.size > 0) this.#reindex();
  }

  get name(): string {
    return this.schema.record.name;
  }

  /** Grows with every change of what the collection holds. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#held.size;
  }

  all(): IterableIterator<Held> {
    return this.#held.values();
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
    this.#held.set(id, { document, position });
    this.#revision += 1;
    if (this.index.covers(this.schema) && !this.index.isWorn) this.index.put(document);
    else this.#reindex();
    return document;
  }

  remove(id: string): JsonObject {
    const document = this.need(id);
    this.storage.deleteDocument(this.name, id);
    this.#held.delete(id);
    this.#revision += 1;
    this.index.remove(id);
    return document;
  }

  /** Takes all documents out; answers how many those were. */
  truncate(): number {
    const count = this.#held.size;
    this.storage.deleteDocuments(this.name);
    this.#held.clear();
    this.#reindex();
    return count;
  }

  /** Gives the collection another schema. Refused, changing nothing, when a document does not fit it. */
  change(record: SchemaRecord): void {
    const schema = new Schema(record);
    const fitting = [...this.#held].map(([id, { document, position }]): [string, Held] => {
      return [id, { document: schema.admit(document, "coerce_or_reject"), position }];
    });
    this.schema = schema;
    for (const [id, held] of fitting) this.#held.set(id, held);
    this.#reindex();
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

  #reindex(): void {
    this.#revision += 1;
    this.index = new TextIndex(this.schema);
    for (const { document } of this.#held.values()) this.index.put(document);
  }
}

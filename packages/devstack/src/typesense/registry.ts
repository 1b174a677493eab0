import { z } from "zod";
import { Collection } from "./collection.ts";
import { conflict, malformed, notFound, TypesenseError } from "./errors.ts";
import type { Json, JsonObject } from "./json.ts";
import { COLLECTIONS_MAX } from "./limits.ts";
import { changeShape, describe, parseDrop, parseField } from "./schema/field.ts";
import { parseSchema, type SchemaRecord } from "./schema/schema.ts";
import type { Storage } from "./storage.ts";

const COLLECTION = "collection";
const ALIAS = "alias";

/** Collections and the aliases that name them. */
export class Registry {
  readonly #collections = new Map<string, Collection>();
  readonly #aliases = new Map<string, string>();

  constructor(
    private readonly storage: Storage,
    private readonly now: () => number,
  ) {
    storage.clearLeftOver(COLLECTION);
    for (const body of storage.entries(COLLECTION).values()) {
      // We wrote it ourselves after parsing, and a schema has no other door.
      const collection = new Collection(body as unknown as SchemaRecord, storage);
      this.#collections.set(collection.name, collection);
    }
    for (const [name, target] of storage.entries(ALIAS)) this.#aliases.set(name, z.string().parse(target));
  }

  collections(): readonly Collection[] {
    return [...this.#collections.values()].sort(
      (one, other) => other.schema.record.createdAt - one.schema.record.createdAt,
    );
  }

  /** By its name or by an alias. */
  need(name: string): Collection {
    const collection = this.#collections.get(this.#aliases.get(name) ?? name);
    if (!collection) throw notFound(`Not Found`);
    return collection;
  }

  create(body: Json, source: string | null): Collection {
    if (this.#collections.size >= COLLECTIONS_MAX) throw new TypesenseError(422, "There are too many collections.");
    const createdAt = Math.floor(this.now() / 1000);
    const record = source === null ? parseSchema(body, createdAt) : this.#copySchema(source, body, createdAt);
    if (this.#collections.has(record.name)) {
      throw conflict(`A collection with name \`${record.name}\` already exists.`);
    }
    // Documents of a collection that was dropped by half must not come back under its name.
    this.storage.atomically(() => {
      this.storage.deleteDocuments(record.name);
      this.storage.putEntry(COLLECTION, record.name, record);
    });
    const collection = new Collection(record, this.storage);
    this.#collections.set(record.name, collection);
    return collection;
  }

  /** Adds and drops fields and changes what else may change. Answers what was asked, as Typesense does. */
  change(name: string, body: Json): JsonObject {
    const collection = this.need(name);
    const { record } = collection.schema;
    const parsed = changeShape.safeParse(body);
    if (!parsed.success) throw malformed(`Bad collection change: ${describe(parsed.error)}`);
    const next = { ...record, ...changedSettings(parsed.data), fields: changeFields(record, parsed.data.fields ?? []) };
    collection.change(next);
    this.storage.putEntry(COLLECTION, record.name, next);
    return body as JsonObject;
  }

  drop(name: string): Collection {
    const collection = this.need(name);
    this.storage.deleteEntry(COLLECTION, collection.name);
    this.storage.clearAway(collection.name);
    this.#collections.delete(collection.name);
    return collection;
  }

  aliases(): readonly JsonObject[] {
    return [...this.#aliases].map(([name, target]) => ({ name, collection_name: target }));
  }

  needAlias(name: string): JsonObject {
    const target = this.#aliases.get(name);
    if (target === undefined) throw notFound();
    return { name, collection_name: target };
  }

  putAlias(name: string, body: Json): JsonObject {
    const parsed = z.object({ collection_name: z.string().min(1) }).safeParse(body);
    if (!parsed.success) throw malformed("Parameter `collection_name` is required.");
    if (this.#collections.has(name)) throw conflict(`Name \`${name}\` conflicts with an existing collection name.`);
    this.storage.putEntry(ALIAS, name, parsed.data.collection_name);
    this.#aliases.set(name, parsed.data.collection_name);
    return this.needAlias(name);
  }

  dropAlias(name: string): JsonObject {
    const alias = this.needAlias(name);
    this.storage.deleteEntry(ALIAS, name);
    this.#aliases.delete(name);
    return alias;
  }

  #copySchema(source: string, body: Json, createdAt: number): SchemaRecord {
    const parsed = z.object({ name: z.string().min(1) }).safeParse(body);
    if (!parsed.success) throw malformed("Parameter `name` is required.");
    return { ...this.need(source).schema.record, name: parsed.data.name, createdAt };
  }
}

function changedSettings(change: z.output<typeof changeShape>): Partial<SchemaRecord> {
  return {
    ...(change.synonym_sets ? { synonymSets: change.synonym_sets } : {}),
    ...(change.curation_sets ? { curationSets: change.curation_sets } : {}),
    ...(change.token_separators ? { tokenSeparators: change.token_separators } : {}),
    ...(change.symbols_to_index ? { symbolsToIndex: change.symbols_to_index } : {}),
    ...(change.metadata ? { metadata: change.metadata as JsonObject } : {}),
  };
}

function changeFields(record: SchemaRecord, changes: readonly unknown[]): SchemaRecord["fields"] {
  let fields = [...record.fields];
  for (const change of changes) {
    const dropped = parseDrop(change);
    const name = dropped ?? parseField(change).name;
    const exists = fields.some((field) => field.name === name);
    if (dropped !== null && !exists) throw malformed(`Field \`${name}\` is not part of collection schema.`);
    if (dropped === null && exists) {
      throw malformed(
        `Field \`${name}\` is already part of the schema: To change this field, drop it first before adding it back to the schema.`,
      );
    }
    fields = dropped === null ? [...fields, parseField(change)] : fields.filter((field) => field.name !== name);
  }
  return fields;
}

import { z } from "zod";
import { encode } from "../bson/codec.ts";
import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import type { Collection } from "../storage/collection.ts";
import { describeIndex, ID_INDEX, type IndexSpec, parseIndexSpec, sameIndex, sameKey } from "../storage/index-spec.ts";
import { PAUSE } from "../turns.ts";
import {
  collectionNameSchema,
  docSchema,
  type Handler,
  parseBody,
  type SteppedHandler,
  type WriteHandler,
} from "./registry.ts";

const createSchema = z.object({
  createIndexes: collectionNameSchema,
  indexes: z.array(docSchema).min(1).max(64),
  commitQuorum: z.unknown().optional(),
});

export const createIndexes: SteppedHandler = function* (command, { store }) {
  const specs = parseBody(command, createSchema).indexes.map(parseIndexSpec);
  const existed = store.get(command.namespace) !== null;
  const collection = store.getOrCreate(command.namespace);
  const numIndexesBefore = collection.indexes.length + 1;
  for (const spec of specs) {
    // Whoever asks for one that is being filled is answered when it can be used.
    while (collection.building.some((other) => isAlike(other.spec, spec))) yield PAUSE;
    if (isNew(collection, spec)) yield* store.createIndex(collection, spec);
  }
  return {
    body: {
      numIndexesBefore,
      numIndexesAfter: collection.indexes.length + 1,
      createdCollectionAutomatically: !existed,
    },
  };
};

/** Whether two may not stand beside each other. */
function isAlike(one: IndexSpec, other: IndexSpec): boolean {
  return one.name === other.name || sameKey(one, other.key);
}

/** @throws IndexOptionsConflict, IndexKeySpecsConflict when an index of that name or key is another one. */
function isNew(collection: Collection, spec: IndexSpec): boolean {
  if (sameKey(ID_INDEX, spec.key)) return false;
  for (const { spec: existing } of collection.indexes) {
    if (existing.name === spec.name) {
      if (sameIndex(existing, spec)) return false;
      throw new MongoError(
        "IndexKeySpecsConflict",
        `An existing index has the same name as the requested index. Requested index: ${spec.name}`,
      );
    }
    if (sameKey(existing, spec.key) && sameIndex({ ...existing, name: spec.name }, spec)) {
      throw new MongoError("IndexOptionsConflict", `Index already exists with a different name: ${existing.name}`);
    }
  }
  return true;
}

const dropSchema = z.object({
  dropIndexes: collectionNameSchema.optional(),
  deleteIndexes: collectionNameSchema.optional(),
  index: z.union([z.string(), z.array(z.string()), docSchema]),
});

export const dropIndexes: WriteHandler = (command, { store, cursors }) => {
  const { index } = parseBody(command, dropSchema);
  const collection = store.get(command.namespace);
  if (!collection) throw new MongoError("NamespaceNotFound", `ns not found ${command.namespace}`);
  const nIndexesWas = collection.indexes.length + 1;
  const unwanted =
    index === "*"
      ? [...collection.indexes]
      : (Array.isArray(index) ? index : [index]).map((one) => named(collection, one));
  cursors.killAll(command.namespace);
  for (const table of unwanted) store.dropIndex(collection, table);
  return { body: { nIndexesWas } };
};

function named(collection: Collection, index: string | Doc) {
  if (index === ID_INDEX.name) throw new MongoError("InvalidOptions", "cannot drop _id index");
  const table = collection.indexes.find(({ spec }) => spec.name === index || (isDoc(index) && sameKey(spec, index)));
  if (!table)
    throw new MongoError(
      "IndexNotFound",
      `index not found with name [${typeof index === "string" ? index : JSON.stringify(index)}]`,
    );
  return table;
}

const listSchema = z.object({
  listIndexes: collectionNameSchema,
  cursor: z.object({ batchSize: z.number().int().min(0).optional() }).optional(),
});

export const listIndexes: Handler = (command, { store, cursors }) => {
  const request = parseBody(command, listSchema);
  const collection = store.get(command.namespace);
  if (!collection) throw new MongoError("NamespaceNotFound", `ns does not exist: ${command.namespace}`);
  const indexes = [ID_INDEX, ...collection.indexes.map(({ spec }) => spec)].map(describeIndex);
  return { body: {}, cursor: cursors.openAll(command.namespace, indexes.map(encode), request.cursor) };
};

import { z } from "zod";
import { expressionEvaluator } from "../aggregate/expressions.ts";
import { encode } from "../bson/codec.ts";
import type { Doc } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import type { Collection } from "../storage/collection.ts";
import { describeIndex, ID_INDEX } from "../storage/index-spec.ts";
import type { Store } from "../storage/store.ts";
import {
  collectionNameSchema,
  docSchema,
  flagSchema,
  type Handler,
  parseBody,
  refuseCollation,
  type WriteHandler,
} from "./registry.ts";

function databaseOf(collection: Collection): string {
  return collection.namespace.slice(0, collection.namespace.indexOf("."));
}

function nameOf(collection: Collection): string {
  return collection.namespace.slice(collection.namespace.indexOf(".") + 1);
}

function collectionsOf(store: Store, database: string): Collection[] {
  return [...store.collections.values()].filter((collection) => databaseOf(collection) === database);
}

const createSchema = z
  .object({ create: collectionNameSchema, collation: docSchema.optional(), autoIndexId: flagSchema.optional() })
  .loose();

/** Options of `create` that change what a collection means, and so are refused rather than ignored. */
const CREATE_REFUSED =
  "capped changeStreamPreAndPostImages clusteredIndex encryptedFields expireAfterSeconds indexOptionDefaults pipeline size max storageEngine timeseries validationAction validationLevel validator viewOn".split(
    " ",
  );

export const create: WriteHandler = (command, { store }) => {
  const refused = CREATE_REFUSED.find((option) => option in command.body);
  if (refused) throw notImplemented(`create option ${refused}`);
  const { collation } = parseBody(command, createSchema);
  refuseCollation(collation);
  if (store.get(command.namespace)) {
    throw new MongoError("NamespaceExists", `Collection ${command.namespace} already exists.`);
  }
  store.create(command.namespace, {});
  return { body: {} };
};

const dropSchema = z.object({ drop: collectionNameSchema });

export const drop: WriteHandler = (command, { store, cursors }) => {
  parseBody(command, dropSchema);
  const collection = store.get(command.namespace);
  if (!collection) return { body: { ns: command.namespace } };
  const nIndexesWas = collection.indexes.length + 1;
  cursors.killAll(command.namespace);
  store.drop(collection);
  return { body: { nIndexesWas, ns: command.namespace } };
};

export const dropDatabase: WriteHandler = (command, { store, cursors }) => {
  for (const collection of collectionsOf(store, command.database)) {
    cursors.killAll(collection.namespace);
    store.drop(collection);
  }
  return { body: { dropped: command.database } };
};

const renameSchema = z.object({ renameCollection: z.string(), to: z.string(), dropTarget: flagSchema.optional() });

export const renameCollection: WriteHandler = (command, { store, cursors }) => {
  const { renameCollection: from, to, dropTarget } = parseBody(command, renameSchema);
  const collection = store.get(from);
  if (!collection) throw new MongoError("NamespaceNotFound", `Source collection ${from} does not exist`);
  if (from === to) throw new MongoError("IllegalOperation", "Can't rename a collection to itself");
  const target = store.get(to);
  if (target && !dropTarget) throw new MongoError("NamespaceExists", "target namespace exists");
  cursors.killAll(from);
  cursors.killAll(to);
  if (target) store.drop(target);
  store.rename(collection, to);
  return { body: {} };
};

const listSchema = z.object({
  listCollections: z.number(),
  filter: docSchema.optional(),
  nameOnly: flagSchema.optional(),
  authorizedCollections: flagSchema.optional(),
  cursor: z.object({ batchSize: z.number().int().min(0).optional() }).optional(),
});

function filtered(documents: readonly Doc[], filter: Doc | undefined): Doc[] {
  const { test } = compileFilter(filter ?? {}, expressionEvaluator({}));
  return documents.filter(test);
}

export const listCollections: Handler = (command, { store, cursors }) => {
  const request = parseBody(command, listSchema);
  const all = collectionsOf(store, command.database).map((collection) => ({
    name: nameOf(collection),
    type: "collection",
    options: collection.options,
    info: { readOnly: false },
    idIndex: describeIndex(ID_INDEX),
  }));
  const wanted = filtered(all, request.filter);
  const shown = request.nameOnly ? wanted.map(({ name, type }) => ({ name, type })) : wanted;
  return {
    body: {},
    cursor: cursors.openAll(`${command.database}.$cmd.listCollections`, shown.map(encode), request.cursor),
  };
};

const listDatabasesSchema = z.object({
  listDatabases: z.number(),
  filter: docSchema.optional(),
  nameOnly: flagSchema.optional(),
  authorizedDatabases: flagSchema.optional(),
});

export const listDatabases: Handler = (command, { store }) => {
  const request = parseBody(command, listDatabasesSchema);
  const names = [...new Set([...store.collections.values()].map(databaseOf))];
  const databases = filtered(
    names.map((name) => ({ name, sizeOnDisk: 0, empty: false })),
    request.filter,
  );
  if (request.nameOnly) return { body: { databases: databases.map(({ name }) => ({ name })) } };
  return { body: { databases, totalSize: 0, totalSizeMb: 0 } };
};

export const dbStats: Handler = (command, { store }) => {
  const collections = collectionsOf(store, command.database);
  return {
    body: {
      db: command.database,
      collections: collections.length,
      views: 0,
      objects: collections.reduce((sum, collection) => sum + collection.count, 0),
      indexes: collections.reduce((sum, collection) => sum + collection.indexes.length + 1, 0),
    },
  };
};

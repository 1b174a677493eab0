import { z } from "zod";
import { evaluateLet, expressionEvaluator } from "../aggregate/expressions.ts";
import { encode } from "../bson/codec.ts";
import { keyText } from "../bson/key.ts";
import type { Doc } from "../bson/values.ts";
import { notImplemented } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import { splitPath, valuesAtPath } from "../query/path.ts";
import { compileProjection } from "../query/projection.ts";
import { parseSort } from "../query/sort.ts";
import type { Collection } from "../storage/collection.ts";
import { type Search, searchInTurns } from "../storage/search.ts";
import { inTurns, PAUSE, type Paused, type Steps } from "../turns.ts";
import type { Reply } from "../wire/message.ts";
import {
  collectionNameSchema,
  cursorReply,
  docSchema,
  flagSchema,
  type Handler,
  parseBody,
  refuseCollation,
  wholeSchema,
} from "./registry.ts";

const hintSchema = z.union([z.string(), docSchema]).optional();

const findSchema = z.object({
  find: collectionNameSchema,
  filter: docSchema.optional(),
  sort: docSchema.optional(),
  projection: docSchema.optional(),
  hint: hintSchema,
  skip: wholeSchema.optional(),
  limit: z.number().int().optional(),
  batchSize: wholeSchema.optional(),
  singleBatch: flagSchema.optional(),
  noCursorTimeout: flagSchema.optional(),
  allowDiskUse: flagSchema.optional(),
  allowPartialResults: flagSchema.optional(),
  collation: docSchema.optional(),
  let: docSchema.optional(),
  tailable: flagSchema.optional(),
  awaitData: flagSchema.optional(),
  returnKey: flagSchema.optional(),
  showRecordId: flagSchema.optional(),
  min: docSchema.optional(),
  max: docSchema.optional(),
});

type Find = z.infer<typeof findSchema>;

export const find: Handler = (command, { store, cursors }) => {
  const request = parseBody(command, findSchema);
  refuseFindOptions(request);
  const { namespace } = command;
  const collection = store.get(namespace);
  const limit = request.limit ?? 0;
  const documents = collection ? found(collection, request) : checkedEmpty(request);
  const options = { ...request, singleBatch: request.singleBatch === true || limit < 0 };
  return cursorReply(cursors.open(namespace, documents, options));
};

function refuseFindOptions(request: Find): void {
  refuseCollation(request.collation);
  for (const name of ["tailable", "awaitData", "returnKey", "showRecordId"] as const) {
    if (request[name]) throw notImplemented(`find option ${name}`);
  }
  if (request.min || request.max) throw notImplemented("find options min and max");
}

/** Even without a collection a malformed query is refused. */
function checkedEmpty(request: Find): Uint8Array[] {
  const evaluate = expressionEvaluator(evaluateLet(request.let));
  compileFilter(request.filter ?? {}, evaluate);
  compileProjection(request.projection ?? {}, request.filter ?? {}, evaluate);
  parseSort(request.sort);
  return [];
}

function* found(collection: Collection, request: Find): Generator<Paused<Uint8Array>> {
  const evaluate = expressionEvaluator(evaluateLet(request.let));
  const filter = request.filter ?? {};
  const projection = compileProjection(request.projection ?? {}, filter, evaluate);
  const records = searchInTurns(
    collection,
    {
      filter,
      sort: parseSort(request.sort),
      skip: request.skip ?? 0,
      limit: Math.abs(request.limit ?? 0),
      hint: request.hint,
    },
    evaluate,
  );
  // Without a projection the stored bytes go out as they are.
  for (const record of records) {
    if (record === PAUSE) yield PAUSE;
    else yield projection ? encode(projection.project(record.part(projection.fields))) : record.bytes;
  }
}

const countSchema = z.object({
  count: collectionNameSchema,
  query: docSchema.optional(),
  skip: wholeSchema.optional(),
  limit: z.number().int().optional(),
  hint: hintSchema,
  collation: docSchema.optional(),
});

export const count: Handler = (command, { store }) => {
  const request = parseBody(command, countSchema);
  refuseCollation(request.collation);
  const collection = store.get(command.namespace);
  const filter = request.query ?? {};
  const evaluate = expressionEvaluator({});
  compileFilter(filter, evaluate);
  if (!collection) return { body: { n: 0 } };
  const limit = Math.abs(request.limit ?? 0);
  if (Object.keys(filter).length === 0) {
    const rest = Math.max(0, collection.count - (request.skip ?? 0));
    return { body: { n: limit > 0 ? Math.min(rest, limit) : rest } };
  }
  return inTurns(counted(collection, { filter, skip: request.skip ?? 0, limit, hint: request.hint }));
};

function* counted(collection: Collection, asked: Search): Steps<Reply> {
  let n = 0;
  for (const record of searchInTurns(collection, asked, expressionEvaluator({}))) {
    if (record === PAUSE) yield PAUSE;
    else n += 1;
  }
  return { body: { n } };
}

const distinctSchema = z.object({
  distinct: collectionNameSchema,
  key: z.string().min(1),
  query: docSchema.nullish(),
  collation: docSchema.optional(),
  hint: hintSchema,
});

export const distinct: Handler = (command, { store }) => {
  const request = parseBody(command, distinctSchema);
  refuseCollation(request.collation);
  const collection = store.get(command.namespace);
  if (!collection) return { body: { values: [] } };
  return inTurns(valuesOf(collection, request.key, { filter: request.query ?? {}, hint: request.hint }));
};

function* valuesOf(collection: Collection, key: string, asked: Search): Steps<Reply> {
  const values = new Map<string, unknown>();
  const path = splitPath(key);
  for (const record of searchInTurns(collection, asked, expressionEvaluator({}))) {
    if (record === PAUSE) yield PAUSE;
    else for (const value of valuesAtPath(record.exact(), path)) values.set(keyText(value), value);
  }
  return { body: { values: [...values.values()] } };
}

const getMoreSchema = z.object({
  getMore: z.unknown(),
  collection: z.string(),
  batchSize: wholeSchema.optional(),
});

export const getMore: Handler = (command, { cursors }) => {
  const request = parseBody(command, getMoreSchema);
  const namespace = `${command.database}.${request.collection}`;
  return cursorReply(cursors.more(Number(request.getMore), namespace, request.batchSize));
};

const killCursorsSchema = z.object({ killCursors: z.string(), cursors: z.array(z.unknown()).max(10_000) });

export const killCursors: Handler = (command, { cursors }) => {
  const { cursors: ids } = parseBody(command, killCursorsSchema);
  const killed: unknown[] = [];
  const missing: unknown[] = [];
  for (const id of ids) (cursors.kill(Number(id)) ? killed : missing).push(id);
  const result: Doc = { cursorsKilled: killed, cursorsNotFound: missing, cursorsAlive: [], cursorsUnknown: [] };
  return { body: result };
};

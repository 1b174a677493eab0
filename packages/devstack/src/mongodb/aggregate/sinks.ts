import { encode } from "../bson/codec.ts";
import { equalValues } from "../bson/compare.ts";
import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import { splitPath, valueAt } from "../query/path.ts";
import type { Collection } from "../storage/collection.ts";
import type { StoredRecord } from "../storage/record.ts";
import { search } from "../storage/search.ts";
import type { Store } from "../storage/store.ts";
import { type Environment, environmentOf } from "./environment.ts";
import { compilePipeline } from "./pipeline.ts";

/** Writes a pipeline's result into a collection: all of it, or nothing when a document cannot be written. */
export interface Sink {
  write(documents: Iterable<Doc>, environment: Environment): void;
}

const MATCHED = ["replace", "keepExisting", "merge", "fail"];
const NOT_MATCHED = ["insert", "discard", "fail"];

/** Parts a trailing `$out` or `$merge` from the stages before it. */
export function parseSink(
  pipeline: readonly Doc[],
  database: string,
  store: Store,
): { readonly stages: readonly Doc[]; readonly sink: Sink | null } {
  const last = pipeline.at(-1);
  const stages = pipeline.slice(0, -1);
  if (last && "$out" in last) return { stages, sink: outSink(last.$out, database, store) };
  if (last && "$merge" in last) return { stages, sink: mergeSink(last.$merge, database, store) };
  return { stages: pipeline, sink: null };
}

function targetOf(name: string, target: unknown, database: string): string {
  if (typeof target === "string") return `${database}.${target}`;
  if (isDoc(target) && typeof target.coll === "string") {
    const db = target.db ?? database;
    if (typeof db === "string" && target.timeseries === undefined) return `${db}.${target.coll}`;
  }
  throw new MongoError("Location51178", `${name} needs the name of a collection`);
}

function outSink(specification: unknown, database: string, store: Store): Sink {
  const namespace = targetOf("$out", specification, database);
  return {
    write: (documents) => {
      const results = [...documents];
      const target = store.getOrCreate(namespace);
      store.atomically(() => {
        for (const record of target.scan()) target.remove(record);
        for (const document of results) target.insert(encode(document));
      });
    },
  };
}

interface Merge {
  readonly on: readonly string[];
  readonly whenMatched: string | readonly Doc[];
  readonly whenNotMatched: string;
  readonly variables: unknown;
}

function mergeSink(specification: unknown, database: string, store: Store): Sink {
  const source: Doc = isDoc(specification) ? specification : { into: specification };
  const namespace = targetOf("$merge", source.into, database);
  const merge = readMerge(source);
  return {
    write: (documents, environment) => {
      const results = [...documents];
      const target = store.getOrCreate(namespace);
      checkUnique(target, merge.on);
      store.atomically(() => {
        for (const document of results) mergeOne(target, document, merge, environment);
      });
    },
  };
}

function readMerge(source: Doc): Merge {
  const { into: _, on = "_id", whenMatched = "merge", whenNotMatched = "insert", let: variables, ...unknown } = source;
  const [extra] = Object.keys(unknown);
  if (extra) throw new MongoError("Location40415", `BSON field '$merge.${extra}' is an unknown field.`);
  const fields: unknown[] = Array.isArray(on) ? on : [on];
  if (!fields.every((field): field is string => typeof field === "string"))
    throw new MongoError("Location51186", "$merge 'on' needs field names");
  const isPipeline = Array.isArray(whenMatched) && whenMatched.every(isDoc);
  if (!isPipeline && !MATCHED.includes(String(whenMatched)))
    throw new MongoError(
      "BadValue",
      `Enumeration value '${String(whenMatched)}' for field '$merge.whenMatched' is not a valid value.`,
    );
  if (!NOT_MATCHED.includes(String(whenNotMatched)))
    throw new MongoError(
      "BadValue",
      `Enumeration value '${String(whenNotMatched)}' for field '$merge.whenNotMatched' is not a valid value.`,
    );
  return {
    on: fields,
    whenMatched: isPipeline ? whenMatched : String(whenMatched),
    whenNotMatched: String(whenNotMatched),
    variables,
  };
}

/** @throws 51183 when documents could match more than one. */
function checkUnique(target: Collection, on: readonly string[]): void {
  const isId = on.length === 1 && on[0] === "_id";
  const isUnique =
    isId ||
    target.indexes.some(
      ({ spec }) => spec.unique && !spec.partial && equalValues(Object.keys(spec.key).sort(), [...on].sort()),
    );
  if (!isUnique) throw new MongoError("Location51183", "Cannot find index to verify that join fields will be unique");
}

function mergeOne(target: Collection, document: Doc, merge: Merge, environment: Environment): void {
  const filter: Doc = {};
  for (const field of merge.on) filter[field] = valueAt(document, splitPath(field)) ?? null;
  const hasId = merge.on.includes("_id") && document._id === undefined;
  const [record] = hasId ? [] : [...search(target, { filter, limit: 1 }, environment.evaluate)];
  if (!record) {
    if (merge.whenNotMatched === "fail")
      throw new MongoError("Location13113", "$merge could not find a matching document in the target collection");
    if (merge.whenNotMatched === "insert") target.insert(encode(document));
    return;
  }
  const changed = merged(record, document, merge, environment);
  if (changed) target.replace(record, { _id: record.exact()._id, ...changed });
}

function merged(record: StoredRecord, document: Doc, merge: Merge, environment: Environment): Doc | null {
  const { _id, ...fields } = document;
  if (typeof merge.whenMatched !== "string") {
    if (merge.variables !== undefined) throw notImplemented("$merge option let");
    const inner = environmentOf({ ...environment.variables, new: document }, environment.reader);
    const [result = {}] = compilePipeline(merge.whenMatched, inner)([record.fresh()]);
    const { _id: __, ...rest } = result;
    return rest;
  }
  switch (merge.whenMatched) {
    case "replace":
      return fields;
    case "merge": {
      const { _id: __, ...before } = record.exact();
      return { ...before, ...fields };
    }
    case "fail":
      throw new MongoError("DuplicateKey", "$merge found a matching document in the target collection");
    default:
      return null;
  }
}

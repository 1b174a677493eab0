import { z } from "zod";
import { encode } from "../bson/codec.ts";
import { equalValues } from "../bson/compare.ts";
import type { Doc } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import { type Path, splitPath } from "../query/path.ts";

/** Limits of MongoDB's. */
const FIELDS_PER_INDEX_MAX = 32;
export const INDEXES_PER_COLLECTION_MAX = 64;

const specSchema = z
  .object({
    key: z.record(z.string(), z.unknown()),
    name: z.string().min(1).max(127),
    v: z.number().optional(),
    unique: z.union([z.boolean(), z.number()]).optional(),
    sparse: z.union([z.boolean(), z.number()]).optional(),
    background: z.unknown().optional(),
    partialFilterExpression: z.record(z.string(), z.unknown()).optional(),
    expireAfterSeconds: z.number().min(0).max(2_147_483_647).optional(),
    collation: z.object({ locale: z.string() }).loose().optional(),
  })
  .loose();

/** An index as asked for, checked. */
export interface IndexSpec {
  readonly name: string;
  /** Field to 1 or -1, in the order of the key. */
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly paths: readonly Path[];
  readonly directions: readonly (1 | -1)[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly partial: Doc | null;
  readonly expireAfterSeconds: number | null;
}

/** The index every collection has; documents themselves are stored under its key. */
export const ID_INDEX: IndexSpec = {
  name: "_id_",
  key: { _id: 1 },
  paths: [["_id"]],
  directions: [1],
  unique: true,
  sparse: false,
  partial: null,
  expireAfterSeconds: null,
};

/**
 * Checks an index specification of `createIndexes`.
 * @throws CannotCreateIndex, InvalidOptions, NotImplemented for kinds of index this server has not.
 */
export function parseIndexSpec(source: unknown): IndexSpec {
  const parsed = specSchema.safeParse(source);
  if (!parsed.success)
    throw new MongoError("FailedToParse", `Malformed index specification: ${parsed.error.issues[0]?.message}`);
  const spec = parsed.data;
  refuseUnsupported(spec);
  const fields = Object.entries(spec.key);
  if (fields.length === 0) throw new MongoError("CannotCreateIndex", "Index keys cannot be empty.");
  if (fields.length > FIELDS_PER_INDEX_MAX)
    throw new MongoError("CannotCreateIndex", "Too many fields in compound index");
  const key: Record<string, 1 | -1> = {};
  for (const [field, direction] of fields) key[field] = directionOf(field, direction);
  const ttl = spec.expireAfterSeconds ?? null;
  if (ttl !== null && fields.length > 1) {
    throw new MongoError(
      "CannotCreateIndex",
      "TTL indexes are single-field indexes, compound indexes do not support TTL.",
    );
  }
  if (spec.partialFilterExpression && spec.sparse) {
    throw new MongoError("CannotCreateIndex", 'cannot mix "partialFilterExpression" and "sparse" options');
  }
  return {
    name: spec.name,
    key,
    paths: fields.map(([field]) => splitPath(field)),
    directions: Object.values(key),
    unique: Boolean(spec.unique),
    sparse: Boolean(spec.sparse),
    partial: spec.partialFilterExpression ?? null,
    expireAfterSeconds: ttl,
  };
}

function directionOf(field: string, direction: unknown): 1 | -1 {
  if (field === "" || field.split(".").includes(""))
    throw new MongoError("CannotCreateIndex", "Index keys cannot contain an empty field.");
  if (field.startsWith("$"))
    throw new MongoError("CannotCreateIndex", `Index key contains an illegal field name: ${field}`);
  if (field.includes("$**")) throw notImplemented("wildcard index");
  if (typeof direction === "string") throw notImplemented(`index type '${direction}'`);
  if (typeof direction !== "number" || direction === 0 || Number.isNaN(direction)) {
    throw new MongoError(
      "CannotCreateIndex",
      `Values in the index key pattern must be numbers other than 0, got ${String(direction)}`,
    );
  }
  return direction > 0 ? 1 : -1;
}

const KNOWN = new Set(Object.keys(specSchema.shape));

function refuseUnsupported(spec: z.infer<typeof specSchema>): void {
  if (spec.collation && spec.collation.locale !== "simple") throw notImplemented("index with a collation");
  const unknown = Object.keys(spec).find((name) => !KNOWN.has(name));
  if (unknown) throw notImplemented(`index option '${unknown}'`);
}

/** The specification as `listIndexes` shows it. */
export function describeIndex(spec: IndexSpec): Doc {
  return {
    v: 2,
    key: spec.key,
    name: spec.name,
    ...(spec.unique && spec !== ID_INDEX ? { unique: true } : {}),
    ...(spec.sparse ? { sparse: true } : {}),
    ...(spec.partial ? { partialFilterExpression: spec.partial } : {}),
    ...(spec.expireAfterSeconds === null ? {} : { expireAfterSeconds: spec.expireAfterSeconds }),
  };
}

/** True when both have the same fields in the same order and the same options but for the name. */
export function sameIndex(left: IndexSpec, right: IndexSpec): boolean {
  return (
    sameKey(left, right.key) && equalValues(describeIndex({ ...left, name: "" }), describeIndex({ ...right, name: "" }))
  );
}

export function sameKey(spec: IndexSpec, key: Doc): boolean {
  return Buffer.compare(encode(spec.key), encode(key)) === 0;
}

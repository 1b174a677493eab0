import { z } from "zod";
import { decode, decodeExact, encode } from "../bson/codec.ts";
import { rawMember } from "../bson/raw.ts";
import type { Doc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import {
  type CommandContext,
  docSchema,
  flagSchema,
  parseBody,
  parseStatement,
  type WriteHandler,
} from "./registry.ts";
import { runDelete, runUpdate } from "./write-statements.ts";
import { BATCH_MAX, writeError } from "./writing.ts";

const bodySchema = z.object({
  bulkWrite: z.number(),
  ops: z.array(z.unknown()).optional(),
  nsInfo: z.array(z.unknown()).optional(),
  ordered: flagSchema.optional(),
  errorsOnly: flagSchema.optional(),
  bypassDocumentValidation: flagSchema.optional(),
  cursor: docSchema.optional(),
  let: docSchema.optional(),
});

const hintSchema = z.union([z.string(), docSchema]).optional();
const insertSchema = z.object({ insert: z.number(), document: docSchema });

const updateSchema = z.object({
  update: z.number(),
  filter: docSchema,
  updateMods: z.unknown(),
  constants: docSchema.optional(),
  multi: flagSchema.optional(),
  upsert: flagSchema.optional(),
  arrayFilters: z.array(docSchema).optional(),
  collation: docSchema.optional(),
  hint: hintSchema,
  sort: docSchema.optional(),
});

const deleteSchema = z.object({
  delete: z.number(),
  filter: docSchema,
  multi: flagSchema.optional(),
  collation: docSchema.optional(),
  hint: hintSchema,
});

const namespaceSchema = z.object({ ns: z.string() }).loose();

interface Totals {
  nErrors: number;
  nInserted: number;
  nMatched: number;
  nModified: number;
  nUpserted: number;
  nDeleted: number;
}

/** Writes to several collections in one command, as `client.bulkWrite` sends them. */
export const bulkWrite: WriteHandler = (command, context) => {
  const request = parseBody(command, bodySchema);
  const namespaces = command.documents("nsInfo").map((bytes) => parseNamespace(decode(bytes)));
  const operations = command.documents("ops");
  if (operations.length === 0 || operations.length > BATCH_MAX) {
    throw new MongoError(
      "Location16",
      `Write batch sizes must be between 1 and ${BATCH_MAX}. Got ${operations.length} operations.`,
    );
  }
  const totals: Totals = { nErrors: 0, nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0 };
  const results: Doc[] = [];
  for (const [idx, bytes] of operations.entries()) {
    try {
      const result = runOne(bytes, { namespaces, variables: request.let, totals }, context);
      if (!request.errorsOnly) results.push({ ok: 1, idx, ...result });
    } catch (error) {
      totals.nErrors += 1;
      const { index: _, ...failure } = writeError(error, idx);
      results.push({ ok: 0, idx, n: 0, ...failure });
      if (request.ordered ?? true) break;
    }
  }
  return {
    body: { ...totals },
    cursor: context.cursors.openAll("admin.$cmd.bulkWrite", results.map(encode), request.cursor),
  };
};

function parseNamespace(source: Doc): string {
  const parsed = namespaceSchema.safeParse(source);
  if (!parsed.success) throw new MongoError("TypeMismatch", "BSON field 'bulkWrite.nsInfo' is the wrong type");
  return parsed.data.ns;
}

interface Batch {
  readonly namespaces: readonly string[];
  readonly variables: unknown;
  readonly totals: Totals;
}

function runOne(bytes: Uint8Array, batch: Batch, context: CommandContext): Doc {
  const operation = decode(bytes);
  const [kind = ""] = Object.keys(operation);
  const namespace = batch.namespaces[Number(operation[kind])];
  if (namespace === undefined) throw new MongoError("BadValue", "BulkWrite ops entry has an nsInfo index out of range");
  switch (kind) {
    case "insert": {
      parseStatement("bulkWrite.insert", operation, insertSchema);
      const document = rawMember(bytes, "document");
      if (!document || document.isArray)
        throw new MongoError("TypeMismatch", "BSON field 'document' is the wrong type");
      context.store.getOrCreate(namespace).insert(document.bytes);
      batch.totals.nInserted += 1;
      return { n: 1 };
    }
    case "update":
      return updateOne(bytes, namespace, batch, context);
    case "delete": {
      const { filter, multi, ...options } = parseStatement("bulkWrite.delete", operation, deleteSchema);
      const statement = { ...options, namespace, filter, multi: multi ?? false, let: batch.variables };
      const { removed } = runDelete(statement, context);
      batch.totals.nDeleted += removed;
      return { n: removed };
    }
    default:
      throw new MongoError("FailedToParse", `Unknown bulkWrite operation: ${kind}`);
  }
}

function updateOne(bytes: Uint8Array, namespace: string, batch: Batch, context: CommandContext): Doc {
  const { updateMods, filter, ...options } = parseStatement("bulkWrite.update", decode(bytes), updateSchema);
  const exact = decodeExact(bytes);
  const result = runUpdate(
    {
      ...options,
      namespace,
      filter,
      exactFilter: exact.filter as Doc,
      update: Array.isArray(updateMods) ? updateMods : exact.updateMods,
      let: batch.variables,
    },
    context,
  );
  batch.totals.nMatched += result.matched;
  batch.totals.nModified += result.modified;
  if (!result.inserted) return { n: result.matched, nModified: result.modified };
  batch.totals.nUpserted += 1;
  return { n: 1, nModified: 0, upserted: { _id: result.inserted.exact()._id } };
}

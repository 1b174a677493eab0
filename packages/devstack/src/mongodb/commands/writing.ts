import { z } from "zod";
import { decode, decodeExact } from "../bson/codec.ts";
import type { Doc } from "../bson/values.ts";
import { asMongoError, MongoError } from "../errors.ts";
import { atOnce, type Steps, Turn } from "../turns.ts";
import type { Command } from "../wire/command.ts";
import {
  collectionNameSchema,
  docSchema,
  flagSchema,
  parseBody,
  parseStatement,
  type SteppedHandler,
  type WriteHandler,
} from "./registry.ts";
import { deleteInSteps, updateInSteps } from "./write-statements.ts";

/** Statements of one batch at most, as in MongoDB. */
export const BATCH_MAX = 100_000;

const batchMembers = {
  ordered: flagSchema.optional(),
  bypassDocumentValidation: flagSchema.optional(),
  let: docSchema.optional(),
  maxTimeMS: z.number().optional(),
};

const hintSchema = z.union([z.string(), docSchema]).optional();

const insertSchema = z.object({
  insert: collectionNameSchema,
  documents: z.array(z.unknown()).optional(),
  ...batchMembers,
});

const updateSchema = z.object({
  update: collectionNameSchema,
  updates: z.array(z.unknown()).optional(),
  ...batchMembers,
});

const deleteSchema = z.object({
  delete: collectionNameSchema,
  deletes: z.array(z.unknown()).optional(),
  ...batchMembers,
});

export const updateStatementSchema = z.object({
  q: docSchema,
  u: z.unknown(),
  c: docSchema.optional(),
  multi: flagSchema.optional(),
  upsert: flagSchema.optional(),
  arrayFilters: z.array(docSchema).optional(),
  collation: docSchema.optional(),
  hint: hintSchema,
  sort: docSchema.optional(),
});

const deleteStatementSchema = z.object({
  q: docSchema,
  limit: z.union([z.literal(0), z.literal(1)]),
  collation: docSchema.optional(),
  hint: hintSchema,
});

/** One failed statement as the reply of a batch lists it. */
export function writeError(error: unknown, index: number): Doc {
  const known = asMongoError(error);
  // What is no refusal must undo the whole command, so it is not for the list.
  if (!(error instanceof MongoError) && known.codeName === "InternalError") throw error;
  return { index, code: known.code, errmsg: known.message, ...known.members };
}

function* runBatch(
  command: Command,
  member: string,
  ordered: boolean,
  run: (bytes: Uint8Array, index: number) => Steps<void> | void,
): Steps<Doc> {
  const statements = command.documents(member);
  if (statements.length === 0 || statements.length > BATCH_MAX) {
    throw new MongoError(
      "Location16",
      `Write batch sizes must be between 1 and ${BATCH_MAX}. Got ${statements.length} operations.`,
    );
  }
  const writeErrors: Doc[] = [];
  for (const [index, bytes] of statements.entries()) {
    try {
      const steps = run(bytes, index);
      if (steps) yield* steps;
    } catch (error) {
      writeErrors.push(writeError(error, index));
      if (ordered) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}

export const insert: WriteHandler = (command, { store }) => {
  const { ordered = true } = parseBody(command, insertSchema);
  const collection = store.getOrCreate(command.namespace);
  let n = 0;
  const inserting = runBatch(command, "documents", ordered, (bytes) => {
    collection.insert(bytes);
    n += 1;
  });
  const failures = atOnce(inserting);
  return { body: { n, ...failures } };
};

export const update: SteppedHandler = function* (command, context) {
  const request = parseBody(command, updateSchema);
  const turn = new Turn();
  let n = 0;
  let nModified = 0;
  const upserted: Doc[] = [];
  const failures = yield* runBatch(command, "updates", request.ordered ?? true, function* (bytes, index): Steps<void> {
    const { q, u, c, ...options } = parseStatement("update.updates", decode(bytes), updateStatementSchema);
    const exact = decodeExact(bytes);
    const result = yield* updateInSteps(
      {
        ...options,
        namespace: command.namespace,
        filter: q,
        exactFilter: exact.q as Doc,
        update: Array.isArray(u) ? u : exact.u,
        let: request.let,
        constants: c,
      },
      context,
      options.multi ? turn : null,
    );
    n += result.matched + (result.inserted ? 1 : 0);
    nModified += result.modified;
    if (result.inserted) upserted.push({ index, _id: result.inserted.exact()._id });
  });
  return { body: { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...failures } };
};

export const remove: SteppedHandler = function* (command, context) {
  const request = parseBody(command, deleteSchema);
  const turn = new Turn();
  let n = 0;
  const failures = yield* runBatch(command, "deletes", request.ordered ?? true, function* (bytes): Steps<void> {
    const { q, limit, ...options } = parseStatement("delete.deletes", decode(bytes), deleteStatementSchema);
    const statement = { ...options, namespace: command.namespace, filter: q, multi: limit === 0, let: request.let };
    n += (yield* deleteInSteps(statement, context, statement.multi ? turn : null)).removed;
  });
  return { body: { n, ...failures } };
};

import { z } from "zod";
import { evaluateLet, expressionEvaluator } from "../aggregate/expressions.ts";
import type { Doc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { compileProjection } from "../query/projection.ts";
import type { StoredRecord } from "../storage/record.ts";
import { collectionNameSchema, docSchema, flagSchema, parseBody, type WriteHandler } from "./registry.ts";
import { runDelete, runUpdate } from "./write-statements.ts";

const schema = z.object({
  findAndModify: collectionNameSchema.optional(),
  findandmodify: collectionNameSchema.optional(),
  query: docSchema.optional(),
  sort: docSchema.optional(),
  remove: flagSchema.optional(),
  update: z.unknown().optional(),
  new: flagSchema.optional(),
  fields: docSchema.optional(),
  upsert: flagSchema.optional(),
  arrayFilters: z.array(docSchema).optional(),
  bypassDocumentValidation: flagSchema.optional(),
  collation: docSchema.optional(),
  hint: z.union([z.string(), docSchema]).optional(),
  let: docSchema.optional(),
});

export const findAndModify: WriteHandler = (command, context) => {
  const request = parseBody(command, schema);
  const { namespace } = command;
  const filter = request.query ?? {};
  const shown = (record: StoredRecord | null) => project(record, request.fields ?? {}, filter, request.let);
  if (request.remove) {
    if (request.update !== undefined)
      throw new MongoError("FailedToParse", "Cannot specify both an update and remove=true");
    if (request.new) throw new MongoError("FailedToParse", "Cannot specify both new=true and remove=true");
    const { removed, last } = runDelete({ ...request, namespace, filter, multi: false }, context);
    return { body: { lastErrorObject: { n: removed }, value: shown(last) } };
  }
  if (request.update === undefined)
    throw new MongoError("FailedToParse", "Either an update or remove=true must be specified");
  const { exact } = command;
  const result = runUpdate(
    {
      ...request,
      namespace,
      filter,
      exactFilter: (exact.query ?? {}) as Doc,
      update: Array.isArray(request.update) ? request.update : exact.update,
    },
    context,
  );
  const upserted = result.inserted ? { upserted: result.inserted.exact()._id } : {};
  const n = result.matched + (result.inserted ? 1 : 0);
  return {
    body: {
      lastErrorObject: { n, updatedExisting: result.matched > 0, ...upserted },
      value: shown(request.new ? result.after : result.before),
    },
  };
};

function project(record: StoredRecord | null, fields: Doc, filter: Doc, variables: unknown): Doc | null {
  if (!record) return null;
  const projection = compileProjection(fields, filter, expressionEvaluator(evaluateLet(variables)));
  return projection ? projection.project(record.fresh()) : record.exact();
}

import { z } from "zod";
import { type Environment, environmentOf } from "../aggregate/environment.ts";
import { evaluateLet } from "../aggregate/expressions.ts";
import { neededFields } from "../aggregate/needed-fields.ts";
import { compilePipeline } from "../aggregate/pipeline.ts";
import { parseSink } from "../aggregate/sinks.ts";
import { encode } from "../bson/codec.ts";
import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import { parseSort } from "../query/sort.ts";
import type { Search } from "../storage/search.ts";
import { docSchema, flagSchema, type Handler, parseBody, refuseCollation, wholeSchema } from "./registry.ts";

const schema = z.object({
  aggregate: z.union([z.string().min(1), z.literal(1)]),
  pipeline: z.array(docSchema),
  cursor: z.object({ batchSize: wholeSchema.optional() }).optional(),
  explain: flagSchema.optional(),
  allowDiskUse: flagSchema.optional(),
  bypassDocumentValidation: flagSchema.optional(),
  collation: docSchema.optional(),
  hint: z.union([z.string(), docSchema]).optional(),
  let: docSchema.optional(),
});

/** What of a pipeline the collection itself can answer, by index where there is one. */
export interface Pushdown {
  readonly search: Search;
  readonly rest: readonly Doc[];
}

export const aggregate: Handler = (command, context) => {
  const request = parseBody(command, schema);
  refuseCollation(request.collation);
  if (request.explain) throw notImplemented("aggregate option explain; use the explain command");
  const reader = context.readerOf(command.database);
  const environment = environmentOf(evaluateLet(request.let), reader);
  const { stages, sink } = parseSink(request.pipeline, command.database, context.store);
  const documents = run(request.aggregate, stages, environment, request.hint);
  const namespace = typeof request.aggregate === "string" ? command.namespace : `${command.database}.$cmd.aggregate`;
  if (sink) {
    sink.write(documents, environment);
    return { body: {}, cursor: context.cursors.open(namespace, []) };
  }
  return { body: {}, cursor: context.cursors.open(namespace, encoded(documents), request.cursor) };
};

function run(source: string | 1, stages: readonly Doc[], environment: Environment, hint: unknown): Iterable<Doc> {
  const startsWithDocuments = isDoc(stages[0]) && "$documents" in stages[0];
  if (source === 1 || startsWithDocuments) {
    const compiled = compilePipeline(stages, environment);
    const first = Object.keys(stages[0] ?? {})[0] ?? "";
    if (source !== 1 || !startsWithDocuments) {
      throw new MongoError("InvalidNamespace", `{aggregate: ${source}} is not valid for '${first}'`);
    }
    return compiled([]);
  }
  // Compiled whole first: a bad stage is refused before anything is read.
  compilePipeline(stages, environment);
  const { search, rest } = pushdown(stages);
  const documents = environment.reader.find(source, { ...search, hint }, environment.evaluate, neededFields(rest));
  return compilePipeline(rest, environment)(documents);
}

/** Takes leading `$match`, `$sort` and `$limit` out of the pipeline. */
export function pushdown(stages: readonly Doc[]): Pushdown {
  let rest = stages;
  const take = (name: string): unknown => {
    const first = rest[0];
    if (!first || !(name in first)) return undefined;
    rest = rest.slice(1);
    return first[name];
  };
  const filter = take("$match");
  const sort = take("$sort");
  // The limit also stays with the search, so that a sort in memory keeps no more than it needs.
  const limit = Number(take("$limit") ?? 0);
  return { search: { filter: isDoc(filter) ? filter : {}, sort: parseSort(sort), limit }, rest };
}

function* encoded(documents: Iterable<Doc>): Generator<Uint8Array> {
  for (const document of documents) yield encode(document);
}

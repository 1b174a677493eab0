import { z } from "zod";
import { type Environment, environmentOf } from "../aggregate/environment.ts";
import { evaluateLet } from "../aggregate/expressions.ts";
import { neededFields } from "../aggregate/needed-fields.ts";
import { compilePausing } from "../aggregate/pipeline.ts";
import { parseSink } from "../aggregate/sinks.ts";
import { encode } from "../bson/codec.ts";
import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import { parseSort } from "../query/sort.ts";
import type { Search } from "../storage/search.ts";
import { PAUSE, type Paused, withoutPauses } from "../turns.ts";
import {
  cursorReply,
  docSchema,
  flagSchema,
  type Handler,
  parseBody,
  refuseCollation,
  wholeSchema,
} from "./registry.ts";

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
    sink.write(withoutPauses(documents), environment);
    return { body: {}, cursor: context.cursors.openAll(namespace, []) };
  }
  return cursorReply(context.cursors.open(namespace, encoded(documents), request.cursor));
};

function run(
  source: string | 1,
  stages: readonly Doc[],
  environment: Environment,
  hint: unknown,
): Iterable<Paused<Doc>> {
  const startsWithDocuments = isDoc(stages[0]) && "$documents" in stages[0];
  if (source === 1 || startsWithDocuments) {
    const compiled = compilePausing(stages, environment);
    const first = Object.keys(stages[0] ?? {})[0] ?? "";
    if (source !== 1 || !startsWithDocuments) {
      throw new MongoError("InvalidNamespace", `{aggregate: ${source}} is not valid for '${first}'`);
    }
    return compiled.inTurns([]);
  }
  // Compiled whole first: a bad stage is refused before anything is read.
  compilePausing(stages, environment);
  const { search, rest } = pushdown(stages);
  const asked = [source, { ...search, hint }, environment.evaluate, neededFields(rest)] as const;
  return compilePausing(rest, environment).inTurns(environment.reader.findInTurns(...asked));
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

function* encoded(documents: Iterable<Paused<Doc>>): Generator<Paused<Uint8Array>> {
  for (const document of documents) yield document === PAUSE ? PAUSE : encode(document);
}

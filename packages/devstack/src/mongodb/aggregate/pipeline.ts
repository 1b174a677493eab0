import { Aggregator, ProcessingMode } from "mingo";
import { type Doc, isDoc, isNumeric, plainNumber } from "../bson/values.ts";
import { asMongoError, MongoError, notImplemented } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import { splitPath } from "../query/path.ts";
import { parseSort } from "../query/sort.ts";
import { sortKey } from "../storage/index-keys.ts";
import { PAUSE, type Paused, withoutPauses } from "../turns.ts";
import { addFieldsStage, projectStage, replaceRootStage, unsetStage, unwindStage } from "./document-stages.ts";
import type { Environment, PausingStage, Stage } from "./environment.ts";
import { checkExpression, libraryOptions } from "./expressions.ts";
import { bucketStage, groupStage, sortByCountStage } from "./group.ts";
import { facetStage, lookupStage, unionWithStage } from "./join-stages.ts";
import { plainNumbersOnly } from "./plain-numbers.ts";

/** Stages of one pipeline at most, as in MongoDB. */
const STAGES_MAX = 1_000;

/** Documents a stage may hold in memory to sort or to hand to the library. */
const HELD_DOCUMENTS_MAX = 500_000;

type CompileStage = (specification: unknown, environment: Environment) => Stage | PausingStage;

const STAGES: Readonly<Record<string, CompileStage>> = {
  $match: matchStage,
  $project: projectStage,
  $addFields: addFieldsStage,
  $set: addFieldsStage,
  $unset: unsetStage,
  $replaceWith: replaceRootStage,
  $replaceRoot: (specification, environment) =>
    replaceRootStage(isDoc(specification) ? specification.newRoot : null, environment),
  $unwind: unwindStage,
  $group: groupStage,
  $sortByCount: sortByCountStage,
  $bucket: bucketStage,
  $sort: sortStage,
  $limit: limitStage,
  $skip: skipStage,
  $count: countStage,
  $sample: sampleStage,
  $lookup: (specification, environment) => lookupStage(specification, environment, compilePipeline),
  $unionWith: (specification, environment) => unionWithStage(specification, environment, compilePipeline),
  $facet: (specification, environment) => facetStage(specification, environment, compilePipeline),
  ...Object.fromEntries(
    ["$bucketAuto", "$densify", "$fill", "$graphLookup", "$redact", "$setWindowFields", "$documents"].map((name) => [
      name,
      (specification: unknown, environment: Environment) => libraryStage(name, specification, environment),
    ]),
  ),
};

const KNOWN_ELSEWHERE = new Set(
  (
    "$changeStreamSplitLargeEvent $collStats $currentOp $geoNear $indexStats $listLocalSessions $listSampledQueries $listSearchIndexes " +
    "$listSessions $planCacheStats $querySettings $queryStats $rankFusion $search $searchMeta $shardedDataDistribution $vectorSearch"
  ).split(" "),
);

/**
 * Reads a pipeline without `$out` and `$merge`.
 * @throws 40324 for an unknown stage, and what its stages throw.
 */
export function compilePipeline(pipeline: unknown, environment: Environment): Stage {
  const { inTurns } = compilePausing(pipeline, environment);
  return (input) => withoutPauses(inTurns(input));
}

/** The same with pauses wherever others should have their turn. */
export function compilePausing(pipeline: unknown, environment: Environment): PausingStage {
  if (!Array.isArray(pipeline)) throw new MongoError("TypeMismatch", "'pipeline' option must be specified as an array");
  if (pipeline.length > STAGES_MAX)
    throw new MongoError("FailedToParse", `Pipeline length must be no longer than ${STAGES_MAX} stages`);
  const stages = pipeline.map((stage) => compileStage(stage, environment));
  return { inTurns: (input) => stages.reduce(through, input) };
}

function through(documents: Iterable<Paused<Doc>>, stage: Stage | PausingStage): Iterable<Paused<Doc>> {
  return "inTurns" in stage ? stage.inTurns(documents) : stage(withoutPauses(documents));
}

function compileStage(stage: unknown, environment: Environment): Stage | PausingStage {
  const [name, ...more] = isDoc(stage) ? Object.keys(stage) : [];
  if (!isDoc(stage) || name === undefined || more.length > 0) {
    throw new MongoError("Location40323", "A pipeline stage specification object must contain exactly one field.");
  }
  if (name === "$changeStream") {
    throw new MongoError("Location40573", "The $changeStream stage is only supported on replica sets");
  }
  if (name === "$out" || name === "$merge")
    throw new MongoError("Location40601", `${name} can only be the final stage in the pipeline`);
  if (KNOWN_ELSEWHERE.has(name)) throw notImplemented(`pipeline stage ${name}`);
  const compile = STAGES[name];
  if (!compile) throw new MongoError("Location40324", `Unrecognized pipeline stage name: '${name}'`);
  return compile(stage[name], environment);
}

function matchStage(specification: unknown, environment: Environment): PausingStage {
  if (!isDoc(specification))
    throw new MongoError("Location15959", "the match filter must be an expression in an object");
  const { test } = compileFilter(specification, environment.evaluate);
  return {
    *inTurns(input) {
      for (const document of input) if (document === PAUSE || test(document)) yield document;
    },
  };
}

function sortStage(specification: unknown): Stage {
  const sort = parseSort(specification);
  const paths = sort.map(([field]) => splitPath(field));
  const directions = sort.map(([, direction]) => direction);
  return function* (input) {
    const entries = held(input).map((document) => ({ document, key: sortKey(document, paths, directions) }));
    for (const { document } of entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))) yield document;
  };
}

function held(input: Iterable<Doc>): Doc[] {
  const documents: Doc[] = [];
  for (const document of input) {
    documents.push(document);
    if (documents.length > HELD_DOCUMENTS_MAX) {
      throw new MongoError(
        "QueryExceededMemoryLimitNoDiskUseAllowed",
        `A stage holds more than ${HELD_DOCUMENTS_MAX} documents`,
      );
    }
  }
  return documents;
}

function wholeNumber(name: string, value: unknown, least: number): number {
  const number = isNumeric(value) ? Number(plainNumber(value)) : Number.NaN;
  if (!Number.isInteger(number) || number < least) {
    throw new MongoError(
      name === "$limit" ? "Location15958" : "Location5107200",
      `invalid argument to ${name} stage: ${String(value)}`,
    );
  }
  return number;
}

function limitStage(specification: unknown): Stage {
  const limit = wholeNumber("$limit", specification, 1);
  return function* (input) {
    let passed = 0;
    for (const document of input) {
      yield document;
      passed += 1;
      if (passed >= limit) return;
    }
  };
}

function skipStage(specification: unknown): Stage {
  const skip = wholeNumber("$skip", specification, 0);
  return function* (input) {
    let seen = 0;
    for (const document of input) if (++seen > skip) yield document;
  };
}

function countStage(name: unknown): PausingStage {
  if (typeof name !== "string" || name === "" || name.startsWith("$") || name.includes(".")) {
    throw new MongoError("Location40156", "the count field must be a non-empty string without '$' or '.'");
  }
  return {
    *inTurns(input) {
      let n = 0;
      for (const document of input) {
        if (document === PAUSE) yield PAUSE;
        else n += 1;
      }
      if (n > 0) yield { [name]: n };
    },
  };
}

function sampleStage(specification: unknown): Stage {
  const size = wholeNumber("$sample", isDoc(specification) ? specification.size : specification, 1);
  return function* (input) {
    const documents = held(input);
    for (let taken = 0; taken < size && taken < documents.length; taken++) {
      const at = taken + Math.floor(Math.random() * (documents.length - taken));
      const chosen = documents[at];
      const swapped = documents[taken];
      if (!chosen || !swapped) return;
      documents[at] = swapped;
      documents[taken] = chosen;
      yield chosen;
    }
  };
}

/** Stages that are rarely used are the library's, on copies, because it changes what it is given. */
function libraryStage(name: string, specification: unknown, environment: Environment): Stage {
  checkExpression(specification);
  const options = {
    ...libraryOptions(environment.variables),
    processingMode: ProcessingMode.CLONE_INPUT,
    collectionResolver: (from: string) => [...environment.reader.find(from, { filter: {} }, environment.evaluate)],
  };
  return function* (input) {
    const aggregator = new Aggregator(
      [{ [name]: specification }],
      options as ConstructorParameters<typeof Aggregator>[1],
    );
    try {
      yield* aggregator.run<Doc>(plainNumbersOnly(name, held(input)) as Doc[]);
    } catch (error) {
      const known = asMongoError(error);
      throw known.codeName === "InternalError" ? new MongoError("BadValue", known.message) : known;
    }
  };
}

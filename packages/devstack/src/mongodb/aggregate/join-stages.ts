import { keyText } from "../bson/key.ts";
import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { setAt, someValueAtPath, splitPath, valueAt } from "../query/path.ts";
import { type Environment, environmentOf, type Stage } from "./environment.ts";
import { checkExpression, evaluateLet } from "./expressions.ts";

/** Compiles a pipeline within a pipeline. */
export type CompilePipeline = (pipeline: unknown, environment: Environment) => Stage;

interface Lookup {
  readonly from: string;
  readonly as: string;
  readonly local: string | null;
  readonly foreign: string | null;
  readonly variables: unknown;
  readonly pipeline: readonly unknown[] | null;
}

export function lookupStage(specification: unknown, environment: Environment, compile: CompilePipeline): Stage {
  const lookup = readLookup(specification);
  if (lookup.pipeline && !isDoc(lookup.variables)) compile(lookup.pipeline, environment);
  return function* (input) {
    const partners = lookup.local !== null && lookup.foreign !== null ? partnersOf(lookup, environment) : null;
    for (const document of input) {
      const found = partners
        ? partners(document)
        : environment.reader.find(lookup.from, { filter: {} }, environment.evaluate);
      const joined = lookup.pipeline ? runJoined(lookup, environment, { document, found, compile }) : found;
      const result = { ...document };
      setAt(result, splitPath(lookup.as), [...joined]);
      yield result;
    }
  };
}

function runJoined(
  lookup: Lookup,
  environment: Environment,
  join: { readonly document: Doc; readonly found: Iterable<Doc>; readonly compile: CompilePipeline },
): Iterable<Doc> {
  const variables: Record<string, unknown> = { ...environment.variables };
  for (const [name, expression] of Object.entries(isDoc(lookup.variables) ? lookup.variables : {})) {
    variables[name] = environment.evaluate(join.document, expression);
  }
  const inner = environmentOf(evaluateLet(undefined, variables), environment.reader);
  return join.compile(lookup.pipeline ?? [], inner)(join.found);
}

function readLookup(specification: unknown): Lookup {
  if (!isDoc(specification)) throw new MongoError("FailedToParse", "the $lookup specification must be an Object");
  const {
    from,
    as,
    localField = null,
    foreignField = null,
    let: variables,
    pipeline = null,
    ...unknown
  } = specification;
  const [extra] = Object.keys(unknown);
  if (extra) throw new MongoError("FailedToParse", `unknown argument to $lookup: ${extra}`);
  if (typeof from !== "string" || typeof as !== "string" || as === "") {
    throw new MongoError("FailedToParse", "$lookup needs the collection name 'from' and the field name 'as'");
  }
  const isText = (value: unknown): value is string | null => value === null || typeof value === "string";
  if (!isText(localField) || !isText(foreignField) || (localField === null) !== (foreignField === null)) {
    throw new MongoError("FailedToParse", "$lookup requires both or neither of 'localField' and 'foreignField'");
  }
  if (pipeline !== null && !Array.isArray(pipeline))
    throw new MongoError("TypeMismatch", "'pipeline' option must be an array");
  if (pipeline === null && localField === null) {
    throw new MongoError("FailedToParse", "$lookup requires either 'pipeline' or both 'localField' and 'foreignField'");
  }
  checkExpression(variables);
  return { from, as, local: localField, foreign: foreignField, variables, pipeline };
}

/** Finds partners by index where there is one, else by a table built once. */
function partnersOf(lookup: Lookup, environment: Environment): (document: Doc) => Iterable<Doc> {
  const { from, reader, evaluate } = { from: lookup.from, ...environment };
  const foreign = lookup.foreign ?? "";
  const local = splitPath(lookup.local ?? "");
  if (reader.hasIndex(from, foreign)) {
    return (document) => reader.find(from, { filter: { [foreign]: { $in: localValues(document, local) } } }, evaluate);
  }
  const table = new Map<string, Doc[]>();
  const path = splitPath(foreign);
  for (const partner of reader.find(from, { filter: {} }, evaluate)) {
    const keys = new Set<string>();
    someValueAtPath(partner, path, (value) => {
      keys.add(keyText(value ?? null));
      return false;
    });
    for (const key of keys) table.set(key, [...(table.get(key) ?? []), partner]);
  }
  return (document) => new Set(localValues(document, local).flatMap((value) => table.get(keyText(value)) ?? []));
}

function localValues(document: Doc, path: readonly string[]): unknown[] {
  const direct = valueAt(document, path);
  if (direct !== undefined && !Array.isArray(direct)) return [direct];
  const values: unknown[] = [];
  someValueAtPath(document, path, (value) => {
    if (value !== undefined && !Array.isArray(value)) values.push(value);
    return false;
  });
  return values.length > 0 || Array.isArray(direct) ? values : [null];
}

export function unionWithStage(specification: unknown, environment: Environment, compile: CompilePipeline): Stage {
  const source: Doc = isDoc(specification) ? specification : { coll: specification };
  const { coll, pipeline = [] } = source;
  if (typeof coll !== "string" || !Array.isArray(pipeline))
    throw new MongoError("FailedToParse", "$unionWith needs a collection name");
  const stages = compile(pipeline, environment);
  return function* (input) {
    yield* input;
    yield* stages(environment.reader.find(coll, { filter: {} }, environment.evaluate));
  };
}

export function facetStage(specification: unknown, environment: Environment, compile: CompilePipeline): Stage {
  if (!isDoc(specification) || Object.keys(specification).length === 0) {
    throw new MongoError("Location40169", "the $facet specification must be a non-empty object");
  }
  const facets = Object.entries(specification).map(([name, pipeline]) => {
    const nested = (Array.isArray(pipeline) ? pipeline : []).find(
      (stage) => isDoc(stage) && ["$facet", "$out", "$merge"].some((bad) => bad in stage),
    );
    if (nested)
      throw new MongoError(
        "Location40600",
        `${Object.keys(nested as Doc)[0]} is not allowed to be used within a $facet stage`,
      );
    return { name, stages: compile(pipeline, environment) };
  });
  return function* (input) {
    const documents = [...input];
    yield Object.fromEntries(facets.map(({ name, stages }) => [name, [...stages(documents)]]));
  };
}

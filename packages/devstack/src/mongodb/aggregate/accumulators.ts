import { evalExpr } from "mingo/core";
import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import type { Environment } from "./environment.ts";
import { checkExpression, libraryOptions } from "./expressions.ts";
import { FOLDS } from "./folds.ts";
import { plainNumbersOnly } from "./plain-numbers.ts";

/** One output field of `$group`: makes an accumulator for each group and feeds it. */
export interface OutputField {
  readonly name: string;
  start(): { add(document: Doc): void; result(): unknown };
}

/** Accumulators left to the library, which sees all documents of a group at once. */
const LIBRARY = new Set(
  "$stdDevPop $stdDevSamp $firstN $lastN $maxN $minN $top $topN $bottom $bottomN $median $percentile".split(" "),
);

/** @throws 40234 for a field that is no accumulator, 15952 for an unknown one. */
export function outputField(name: string, specification: unknown, environment: Environment): OutputField {
  const [operator, ...more] = isDoc(specification) ? Object.keys(specification) : [];
  if (!isDoc(specification) || !operator?.startsWith("$")) {
    throw new MongoError("Location40234", `The field '${name}' must be an accumulator object`);
  }
  if (more.length > 0) throw new MongoError("Location40238", `The field '${name}' must specify one accumulator`);
  const expression = specification[operator];
  if (operator === "$accumulator") throw notImplemented("accumulator $accumulator");
  checkExpression(expression);
  if (LIBRARY.has(operator)) return { name, start: () => libraryAccumulator(operator, expression, environment) };
  const make = FOLDS[operator];
  if (!make) throw new MongoError("Location15952", `unknown group operator '${operator}'`);
  return {
    name,
    start: () => {
      const accumulator = make();
      return {
        add: (document) => accumulator.add(environment.evaluate(document, expression)),
        result: () => accumulator.result(),
      };
    },
  };
}

function libraryAccumulator(operator: string, expression: unknown, environment: Environment) {
  const documents: Doc[] = [];
  const options = libraryOptions(environment.variables) as unknown as Parameters<typeof evalExpr>[2];
  return {
    add: (document: Doc) => {
      plainNumbersOnly(operator, document);
      documents.push(document);
    },
    result: (): unknown => evalExpr(documents, { [operator]: expression } as Parameters<typeof evalExpr>[1], options),
  };
}

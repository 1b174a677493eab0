import { z } from "zod";
import { expressionEvaluator } from "../aggregate/expressions.ts";
import { type Doc, docOrEmpty, isDoc } from "../bson/values.ts";
import { MongoError, notImplemented } from "../errors.ts";
import { compileFilter } from "../query/filter.ts";
import { parseSort } from "../query/sort.ts";
import type { Collection } from "../storage/collection.ts";
import type { Plan } from "../storage/planner.ts";
import { explainSearch, type Search } from "../storage/search.ts";
import { pushdown } from "./aggregate.ts";
import { docSchema, type Handler, parseBody } from "./registry.ts";

const schema = z.object({ explain: docSchema, verbosity: z.string().optional() });

export const explain: Handler = (command, { store }) => {
  const inner = parseBody(command, schema).explain;
  const [name = ""] = Object.keys(inner);
  const namespace = `${command.database}.${String(inner[name])}`;
  const search = searchOf(name, inner);
  compileFilter(search.filter, expressionEvaluator({}));
  const collection = store.get(namespace);
  return {
    body: {
      explainVersion: "1",
      queryPlanner: {
        namespace,
        parsedQuery: search.filter,
        winningPlan: winningPlan(collection, search),
        rejectedPlans: [],
      },
      command: inner,
    },
  };
};

function searchOf(name: string, inner: Doc): Search {
  const hint = inner.hint;
  switch (name) {
    case "find":
      return { filter: docOrEmpty(inner.filter), sort: parseSort(inner.sort), hint };
    case "count":
    case "distinct":
    case "findAndModify":
      return { filter: docOrEmpty(inner.query), sort: parseSort(inner.sort), hint };
    case "aggregate": {
      const pipeline = inner.pipeline;
      if (!Array.isArray(pipeline) || !pipeline.every(isDoc))
        throw new MongoError("TypeMismatch", "'pipeline' must be an array of documents");
      return { ...pushdown(pipeline).search, hint };
    }
    case "update":
    case "delete": {
      const statements = inner[name === "update" ? "updates" : "deletes"];
      const first = docOrEmpty(Array.isArray(statements) ? statements[0] : null);
      return { filter: docOrEmpty(first.q), hint: first.hint };
    }
    default:
      throw notImplemented(`explain of ${name}`);
  }
}

function winningPlan(collection: Collection | null, search: Search): Doc {
  if (!collection) return { stage: "EOF" };
  const plan = explainSearch(collection, search);
  const scan = describePlan(plan);
  const needsSort = (search.sort?.length ?? 0) > 0 && !plan.sorted;
  return needsSort ? { stage: "SORT", sortPattern: Object.fromEntries(search.sort ?? []), inputStage: scan } : scan;
}

function describePlan(plan: Plan): Doc {
  if (plan.stage !== "IXSCAN" || !plan.index) return { stage: plan.stage };
  const direction = plan.backwards ? "backward" : "forward";
  const { key: keyPattern, name: indexName } = plan.index;
  return {
    stage: "FETCH",
    inputStage: { stage: "IXSCAN", keyPattern, indexName, isMultiKey: plan.multikey, direction },
  };
}

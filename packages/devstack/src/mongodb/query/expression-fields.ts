import { type Doc, isDoc } from "../bson/values.ts";

/** Evaluates an aggregation expression on a document. */
export type Evaluate = (document: Doc, expression: unknown) => unknown;

/** The top-level fields an aggregation expression reads, or null when it may read any. */
export function fieldsOfExpression(expression: unknown): ReadonlySet<string> | null {
  const fields = new Set<string>();
  return collect(expression, fields) ? fields : null;
}

function collect(expression: unknown, fields: Set<string>): boolean {
  if (typeof expression === "string") return collectReference(expression, fields);
  if (Array.isArray(expression)) return expression.every((item) => collect(item, fields));
  if (!isDoc(expression)) return true;
  return Object.entries(expression).every(([name, value]) => {
    if (name === "$literal") return true;
    return name !== "$getField" && collect(value, fields);
  });
}

function collectReference(text: string, fields: Set<string>): boolean {
  if (text.startsWith("$$")) return !/^\$\$(ROOT|CURRENT)/.test(text);
  if (text.startsWith("$")) fields.add(text.slice(1).split(".")[0] ?? "");
  return true;
}

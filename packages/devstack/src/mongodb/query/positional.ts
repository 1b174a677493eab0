import { type Doc, isDoc } from "../bson/values.ts";
import { MongoError } from "../errors.ts";
import { compileFilter } from "./filter.ts";
import { splitPath, valueAt } from "./path.ts";

/**
 * Place of the array item that made a filter match, for the positional `$`: the first item that meets every
 * condition the filter puts on this array, else the first that meets one. Null when the field holds no array.
 * @throws BadValue when the filter does not speak of the array.
 */
export function matchedElement(filter: Doc, document: Doc, field: string): number | null {
  const array = valueAt(document, splitPath(field));
  if (!Array.isArray(array)) return null;
  const tests = conditionsOn(filter, field).map((condition) => compileFilter(condition, noExpressions).test);
  if (tests.length > 0) {
    const asDocument = (item: unknown) => ({ value: Array.isArray(item) ? [item] : item, list: [item] });
    const all = array.findIndex((item) => tests.every((test) => test(asDocument(item))));
    if (all !== -1) return all;
    const any = array.findIndex((item) => tests.some((test) => test(asDocument(item))));
    if (any !== -1) return any;
  }
  throw new MongoError("BadValue", "The positional operator did not find the match needed from the query.");
}

/** The filter's conditions on an array, rewritten for one item held as `{ value: item, list: [item] }`. */
function conditionsOn(filter: Doc, field: string): Doc[] {
  return Object.entries(filter).flatMap(([name, condition]): Doc[] => {
    if (name === "$and" && Array.isArray(condition))
      return condition.filter(isDoc).flatMap((part) => conditionsOn(part, field));
    if (name === "$or" && Array.isArray(condition)) {
      const branches = condition.filter(isDoc).flatMap((part) => conditionsOn(part, field));
      return branches.length > 0 ? [{ $or: branches }] : [];
    }
    if (name === field)
      return [isDoc(condition) && "$elemMatch" in condition ? { list: condition } : { value: condition }];
    return name.startsWith(`${field}.`) ? [{ [`value.${name.slice(field.length + 1)}`]: condition }] : [];
  });
}

function noExpressions(): never {
  throw new MongoError("BadValue", "$expr cannot be used with the positional operator");
}

import { type Doc, isDoc, isOperatorDoc } from "../bson/values.ts";

/** A dotted field path, split once. */
export type Path = readonly string[];

export function splitPath(path: string): Path {
  return path.split(".");
}

/** True for a path component that may name a place in an array. */
export function isIndexName(name: string): boolean {
  return /^(0|[1-9]\d*)$/.test(name);
}

/**
 * Visits what a filter path reaches, going through arrays on the way, until a visit answers true.
 * An array at the end is visited whole. A field that is absent is visited as undefined.
 */
export function someAtPath(value: unknown, path: Path, visit: (found: unknown) => boolean, from = 0): boolean {
  const name = path[from];
  if (name === undefined) return visit(value);
  if (Array.isArray(value)) {
    if (isIndexName(name) && Number(name) < value.length && someAtPath(value[Number(name)], path, visit, from + 1)) {
      return true;
    }
    return value.some((item) => isDoc(item) && someAtPath(item, path, visit, from));
  }
  if (!isDoc(value)) return visit(undefined);
  return someAtPath(Object.hasOwn(value, name) ? value[name] : undefined, path, visit, from + 1);
}

/** Like `someAtPath`, but an array at the end is visited item by item as well as whole. */
export function someValueAtPath(value: unknown, path: Path, visit: (found: unknown) => boolean): boolean {
  return someAtPath(value, path, (found) => (Array.isArray(found) && found.some(visit)) || visit(found));
}

/** The values a path reaches, arrays at the end spread: what `distinct` collects. */
export function valuesAtPath(value: unknown, path: Path): unknown[] {
  const values: unknown[] = [];
  someAtPath(value, path, (found) => {
    if (Array.isArray(found)) values.push(...found);
    else if (found !== undefined) values.push(found);
    return false;
  });
  return values;
}

/** The value under the path without looking inside arrays, except by position; undefined when there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const name of path) {
    if (Array.isArray(at)) at = isIndexName(name) ? at[Number(name)] : undefined;
    else if (isDoc(at) && Object.hasOwn(at, name)) at = at[name];
    else return undefined;
  }
  return at;
}

/** Sets the value under a path, making documents on the way; a value in the way that holds no fields is replaced. */
export function setAt(document: Record<string, unknown>, path: Path, value: unknown): void {
  let at = document;
  for (const name of path.slice(0, -1)) {
    const next = at[name];
    const child = isDoc(next) ? next : {};
    defineField(at, name, child);
    at = child;
  }
  defineField(at, path.at(-1) ?? "", value);
}

/** Plain assignment to "__proto__" would change the prototype instead of storing a field. */
export function defineField(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[name] = value;
  }
}

/** A document's fields by their whole paths: `{ a: { b: 1 } }` says what `{ "a.b": 1 }` does. Operators are values. */
export function flattened(source: Doc, prefix = ""): Array<[string, unknown]> {
  return Object.entries(source).flatMap(
    ([name, value]): Array<[string, unknown]> =>
      isDoc(value) && !isOperatorDoc(value) && Object.keys(value).length > 0
        ? flattened(value, `${prefix}${name}.`)
        : [[`${prefix}${name}`, value]],
  );
}

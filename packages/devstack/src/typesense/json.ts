export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value at a dotted path; arrays on the way give the values of all their items, flattened. Undefined when absent. */
export function valueAt(document: JsonObject, path: string): Json | undefined {
  // A field name may hold dots of its own, so the whole name goes first.
  if (path in document) return document[path];
  return path.includes(".") ? descend(document, stepsOf(path), 0) : undefined;
}

const knownSteps = new Map<string, readonly string[]>();
const KNOWN_PATHS_MAX = 10_000;

/** A path taken apart. Filters and sorts ask for the same few paths in every document. */
function stepsOf(path: string): readonly string[] {
  const known = knownSteps.get(path);
  if (known) return known;
  const steps = path.split(".");
  if (knownSteps.size < KNOWN_PATHS_MAX) knownSteps.set(path, steps);
  return steps;
}

function descend(value: Json | undefined, steps: readonly string[], at: number): Json | undefined {
  const step = steps[at];
  if (step === undefined || value === undefined || value === null) return value;
  if (isArray(value)) {
    const found = value.map((item) => descend(item, steps, at)).filter((item) => item !== undefined);
    return found.length > 0 ? found.flat() : undefined;
  }
  return isObject(value) ? descend(value[step], steps, at + 1) : undefined;
}

/** The values of a field one by one: none when absent or null, one for a single value. */
export function valuesAt(document: JsonObject, path: string): readonly Json[] {
  const value = valueAt(document, path);
  if (value === undefined || value === null) return [];
  return isArray(value) ? value : [value];
}

/** JSON merge patch (RFC 7396): objects are merged, null takes a member away. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: Record<string, Json> = { ...(isObject(target) ? target : {}) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

/** A copy with the value at a dotted path replaced, or taken away when undefined. */
export function withValueAt(document: JsonObject, path: string, value: Json | undefined): JsonObject {
  const [step = "", ...rest] = path in document ? [path] : path.split(".");
  const copy: Record<string, Json> = { ...document };
  const child = copy[step];
  if (rest.length > 0) {
    if (isObject(child)) copy[step] = withValueAt(child, rest.join("."), value);
  } else if (value === undefined) delete copy[step];
  else copy[step] = value;
  return copy;
}

import { isArray, isObject, type Json, type JsonObject } from "../json.ts";
import type { SearchParameters } from "./parameters.ts";

type Names = Pick<SearchParameters, "include_fields" | "exclude_fields">;

/** The document with only what is included and without what is excluded; names may be dotted or end in `*`. */
export function project(document: JsonObject, { include_fields, exclude_fields }: Names): JsonObject {
  if (include_fields.length === 0 && exclude_fields.length === 0) return document;
  if (exclude_fields.length === 0 && include_fields.every((name) => /^\w+$/.test(name))) {
    return Object.fromEntries(
      include_fields.flatMap((name) => (Object.hasOwn(document, name) ? [[name, document[name] ?? null]] : [])),
    );
  }
  return prune(document, "", { include_fields, exclude_fields });
}

function prune(object: JsonObject, prefix: string, names: Names): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(object)) {
    const path = prefix + name;
    if (names.exclude_fields.some((excluded) => covers(excluded, path))) continue;
    const included = names.include_fields.length === 0 || names.include_fields.some((item) => covers(item, path));
    const leads = names.include_fields.some((item) => item.startsWith(`${path}.`));
    if (!included && !leads) continue;
    const inner = included ? { ...names, include_fields: [] } : names;
    kept[name] = pruneValue(value, `${path}.`, inner);
  }
  return kept;
}

function pruneValue(value: Json, prefix: string, names: Names): Json {
  if (isObject(value)) return prune(value, prefix, names);
  return isArray(value) ? value.map((item) => (isObject(item) ? prune(item, prefix, names) : item)) : value;
}

function covers(name: string, path: string): boolean {
  return name.endsWith("*") ? path.startsWith(name.slice(0, -1)) : path === name;
}

import { malformed, notFound, TypesenseError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { valuesAt } from "../json.ts";
import { QUERY_TOKENS_MAX } from "../limits.ts";
import { isText } from "../schema/field.ts";
import type { Schema } from "../schema/schema.ts";
import type { FieldGroup } from "../text-search.ts";
import { type TokenRules, words } from "../tokens.ts";
import type { SearchParameters } from "./parameters.ts";

/** A query taken apart: `red -leather "full grain"`. */
export interface ParsedQuery {
  /** `*`, or nothing left to look for: every document matches. */
  readonly everything: boolean;
  readonly words: readonly string[];
  readonly excluded: readonly string[];
  readonly phrases: readonly (readonly string[])[];
}

export function parseQuery(source: string, rules: TokenRules, stopwords: ReadonlySet<string>): ParsedQuery {
  if (source.trim() === "*") return { everything: true, words: [], excluded: [], phrases: [] };
  const phrases: (readonly string[])[] = [];
  const rest = source.replace(/"([^"]*)"/g, (_whole, phrase: string) => {
    const found = words(phrase, rules);
    if (found.length > 0) phrases.push(found);
    return " ";
  });
  const parts = rest.split(/\s+/).filter(Boolean);
  const excluded = parts.filter((part) => /^-./.test(part)).flatMap((part) => words(part.slice(1), rules));
  const wanted = parts.filter((part) => !/^-./.test(part)).flatMap((part) => words(part, rules));
  const kept = wanted.filter((word) => !stopwords.has(word)).slice(0, QUERY_TOKENS_MAX);
  return { everything: false, words: kept, excluded, phrases };
}

/** Whether a document has every phrase in one of the fields, and none of the excluded words in any. */
export function meetsPhrases(
  document: JsonObject,
  query: ParsedQuery,
  fields: readonly string[],
  schema: Schema,
): boolean {
  if (query.phrases.length === 0 && query.excluded.length === 0) return true;
  const texts = fields.flatMap((field) => {
    const rules = schema.tokenRules(field);
    return valuesAt(document, field).map((value) => ` ${words(String(value), rules).join(" ")} `);
  });
  const holds = (phrase: string) => texts.some((text) => text.includes(` ${phrase} `));
  return query.phrases.every((phrase) => holds(phrase.join(" "))) && !query.excluded.some(holds);
}

/** The fields of `query_by`, gathered by what `prefix` and `num_typos` say of each. */
export function readFieldGroups(parameters: SearchParameters, schema: Schema): FieldGroup[] {
  const groups = new Map<string, { fields: string[]; prefix: boolean; typosMax: number }>();
  for (const [at, name] of parameters.query_by.entries()) {
    const prefix = (parameters.prefix[at] ?? parameters.prefix.at(-1) ?? "true") === "true";
    const typosMax = Number(parameters.num_typos[at] ?? parameters.num_typos.at(-1) ?? 2);
    if (!Number.isInteger(typosMax) || typosMax < 0 || typosMax > 2) {
      throw malformed("Value of `num_typos` must not be greater than 2.");
    }
    const key = `${prefix}:${typosMax}`;
    const group = groups.get(key) ?? { fields: [], prefix, typosMax };
    group.fields.push(...expand(name, schema));
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** A field of `query_by`, or all text fields that a trailing `*` stands for. */
function expand(name: string, schema: Schema): string[] {
  if (name.endsWith("*")) {
    const found = schema.textFields().filter((field) => field.startsWith(name.slice(0, -1)));
    if (found.length === 0) throw notFound(`Could not find a field named \`${name}\` in the schema.`);
    return found;
  }
  const field = schema.field(name);
  if (!field) throw notFound(`Could not find a field named \`${name}\` in the schema.`);
  if (!field.index) throw malformed(`Field \`${name}\` is marked as a non-indexed field in the schema.`);
  if (!isText(field.type)) throw malformed(`Field \`${name}\` should be a string or a string array.`);
  return [name];
}

/** A weight for each field; those named first weigh more when none are given. */
export function readBoosts(parameters: SearchParameters): Record<string, number> {
  const { query_by, query_by_weights } = parameters;
  if (query_by_weights.length > 0 && query_by_weights.length !== query_by.length) {
    throw malformed("Number of weights in `query_by_weights` does not match number of `query_by` fields.");
  }
  const boosts: Record<string, number> = {};
  for (const [at, name] of query_by.entries()) {
    const weight = Number(query_by_weights[at] ?? query_by.length - at);
    if (!Number.isFinite(weight) || weight < 0) throw new TypesenseError(400, "Weights must be non-negative numbers.");
    // MiniSearch would drop a field of weight 0 altogether; Typesense still finds by it.
    boosts[name] = Math.max(weight, 0.01);
  }
  return boosts;
}

import { z } from "zod";
import type { Collection } from "../collection.ts";
import { malformed } from "../errors.ts";
import { compileFilter } from "../filter/compile.ts";
import { words } from "../tokens.ts";
import type { SearchParameters } from "./parameters.ts";
import { indexOfPhrase } from "./synonyms.ts";

export const curationShape = z.object({
  id: z.string().optional(),
  rule: z.object({
    query: z.string().optional(),
    match: z.enum(["exact", "contains"]).optional(),
    filter_by: z.string().optional(),
    tags: z.array(z.string()).optional(),
  }),
  includes: z.array(z.object({ id: z.string(), position: z.int().min(1) })).default([]),
  excludes: z.array(z.object({ id: z.string() })).default([]),
  filter_by: z.string().optional(),
  sort_by: z.string().optional(),
  replace_query: z.string().optional(),
  remove_matched_tokens: z.boolean().optional(),
  filter_curated_hits: z.boolean().optional(),
  stop_processing: z.boolean().default(true),
  effective_from_ts: z.number().optional(),
  effective_to_ts: z.number().optional(),
  metadata: z.record(z.string(), z.json()).optional(),
});
export type Curation = z.output<typeof curationShape>;

/** What the rules that fit a query ask for, taken together. */
export interface CurationPlan {
  readonly query: string;
  readonly filters: readonly string[];
  readonly sortBy: string | null;
  readonly includes: readonly { readonly id: string; readonly position: number }[];
  readonly excludes: ReadonlySet<string>;
  readonly filterCuratedHits: boolean;
  readonly metadata: Curation["metadata"];
}

/** Chooses the rules that apply now, in order, up to the first that stops. */
export function planCuration(
  curations: readonly Curation[],
  parameters: SearchParameters,
  nowSeconds: number,
): CurationPlan {
  let query = parameters.q ?? "*";
  const filters: string[] = [];
  const includes = readPins(parameters.pinned_hits);
  const excludes = new Set(parameters.hidden_hits);
  let sortBy: string | null = null;
  let filterCuratedHits = parameters.filter_curated_hits;
  let metadata: Curation["metadata"];
  for (const curation of parameters.enable_overrides ? curations : []) {
    if (!isEffective(curation, nowSeconds) || !fits(curation, query, parameters)) continue;
    for (const include of curation.includes) if (!includes.some(({ id }) => id === include.id)) includes.push(include);
    for (const { id } of curation.excludes) excludes.add(id);
    if (curation.filter_by) filters.push(curation.filter_by);
    if (curation.sort_by) sortBy = curation.sort_by;
    if (curation.filter_curated_hits) filterCuratedHits = true;
    metadata = curation.metadata ?? metadata;
    query = rewrite(query, curation);
    if (curation.stop_processing) break;
  }
  return { query, filters, sortBy, includes, excludes, filterCuratedHits, metadata };
}

function isEffective({ effective_from_ts, effective_to_ts }: Curation, nowSeconds: number): boolean {
  return nowSeconds >= (effective_from_ts ?? 0) && nowSeconds <= (effective_to_ts ?? Number.POSITIVE_INFINITY);
}

function fits({ rule }: Curation, query: string, parameters: SearchParameters): boolean {
  const wantedTags = parameters.override_tags;
  if (wantedTags.length > 0 && !rule.tags?.some((tag) => wantedTags.includes(tag))) return false;
  if (wantedTags.length === 0 && rule.tags && rule.query === undefined && rule.filter_by === undefined) return false;
  if (rule.filter_by !== undefined && rule.filter_by !== parameters.filter_by) return false;
  if (rule.query === undefined) return rule.filter_by !== undefined || rule.tags !== undefined;
  if (rule.query === "*") return query === "*";
  const own = words(rule.query);
  const asked = words(query);
  return rule.match === "contains" ? indexOfPhrase(asked, own) >= 0 : asked.join(" ") === own.join(" ");
}

function rewrite(query: string, { rule, replace_query, remove_matched_tokens, filter_by }: Curation): string {
  if (replace_query) return replace_query;
  const removes = remove_matched_tokens ?? filter_by !== undefined;
  if (!removes || !rule.query) return query;
  const asked = words(query);
  const own = words(rule.query);
  const at = indexOfPhrase(asked, own);
  const rest = at < 0 ? asked : [...asked.slice(0, at), ...asked.slice(at + own.length)];
  return rest.length === 0 ? "*" : rest.join(" ");
}

function readPins(pins: readonly string[]): { id: string; position: number }[] {
  return pins.map((pin) => {
    const match = /^(.+):(\d+)$/.exec(pin);
    if (!match) throw malformed("Pinned hits are not in expected format.");
    return { id: match[1] ?? "", position: Math.max(1, Number(match[2])) };
  });
}

/** Rows that lead at positions of the whole list (from 1), and what of the list itself they leave. */
export interface Curated {
  readonly pins: readonly { readonly row: number; readonly position: number }[];
  readonly rows: readonly number[];
}

/** Takes hidden rows out of what was found, and those that are pinned, which are so whether they were found or not. */
export function curate(
  rows: readonly number[],
  plan: CurationPlan,
  collection: Collection,
  filter: string | undefined,
): Curated {
  if (plan.includes.length === 0 && plan.excludes.size === 0) return { pins: [], rows };
  const admits = plan.filterCuratedHits ? compileFilter(filter, collection.schema) : () => true;
  const pins = plan.includes.flatMap(({ id, position }) => {
    const held = plan.excludes.has(id) ? undefined : collection.find(id);
    return held && admits(held.document) ? [{ row: held.row, position }] : [];
  });
  const taken = new Set(pins.map(({ row }) => row));
  for (const id of plan.excludes) taken.add(collection.find(id)?.row ?? -1);
  return {
    pins: pins.toSorted((one, other) => one.position - other.position),
    rows: rows.filter((row) => !taken.has(row)),
  };
}

/** The list with the pinned rows at their positions, as far as it is long enough. */
export function withPins(rows: readonly number[], pins: Curated["pins"]): number[] {
  const result = [...rows];
  for (const { row, position } of pins) result.splice(position - 1, 0, row);
  return result;
}

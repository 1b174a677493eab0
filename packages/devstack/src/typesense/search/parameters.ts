import { z } from "zod";
import { malformed, TypesenseError, unsupported } from "../errors.ts";
import type { Json } from "../json.ts";
import { FACET_VALUES_MAX, GROUP_LIMIT_MAX, HITS_PER_PAGE_MAX } from "../limits.ts";

/** Parameters as they come: from a query string (all text) or from JSON (typed, lists allowed). */
export type RawParameters = Readonly<Record<string, Json>>;

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const list = z
  .union([text, z.array(text)])
  .transform((value) => (Array.isArray(value) ? value : splitList(value)).map((item) => item.trim()).filter(Boolean));
const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((value) => value === "true")]);
const count = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int().min(0));

const shape = z.object({
  q: text.optional(),
  query_by: list.default([]),
  query_by_weights: list.default([]),
  filter_by: z.string().optional(),
  sort_by: list.default([]),
  facet_by: list.default([]),
  max_facet_values: count.default(10),
  facet_query: z.string().optional(),
  page: count.default(1),
  per_page: count.optional(),
  limit: count.optional(),
  offset: count.optional(),
  limit_hits: count.optional(),
  include_fields: list.default([]),
  exclude_fields: list.default([]),
  highlight_fields: list.optional(),
  highlight_full_fields: list.default([]),
  highlight_start_tag: z.string().default("<mark>"),
  highlight_end_tag: z.string().default("</mark>"),
  highlight_affix_num_tokens: count.default(4),
  snippet_threshold: count.default(30),
  enable_highlight_v1: flag.default(true),
  group_by: list.default([]),
  group_limit: count.default(3),
  group_missing_values: flag.default(true),
  prefix: list.default(["true"]),
  num_typos: list.default(["2"]),
  min_len_1typo: count.default(4),
  min_len_2typo: count.default(7),
  typo_tokens_threshold: count.default(1),
  drop_tokens_threshold: count.default(1),
  drop_tokens_mode: z.string().default("right_to_left"),
  enable_synonyms: flag.default(true),
  synonym_sets: list.default([]),
  enable_overrides: flag.default(true),
  override_tags: list.default([]),
  pinned_hits: list.default([]),
  hidden_hits: list.default([]),
  filter_curated_hits: flag.default(false),
  stopwords: z.string().optional(),
  validate_field_names: flag.default(true),
});

export type SearchParameters = z.output<typeof shape> & { readonly hitsPerPage: number; readonly hitsOffset: number };

/** Parameters that would change the answer in a way we cannot follow, with the value that means "off". */
const FOREIGN: Readonly<Record<string, string | null>> = {
  vector_query: null,
  voice_query: null,
  conversation: "false",
  nl_query: "false",
  infix: "off",
};

export function parseParameters(raw: RawParameters): SearchParameters {
  for (const [name, off] of Object.entries(FOREIGN)) {
    const values = [raw[name]].flat().filter((value) => value !== undefined && value !== null && value !== "");
    if (values.some((value) => String(value) !== off && String(value) !== "fallback")) {
      throw unsupported(`the search parameter \`${name}\``);
    }
  }
  const parsed = shape.safeParse(raw);
  if (!parsed.success) {
    const name = parsed.error.issues[0]?.path[0];
    throw malformed(`Parameter \`${String(name ?? "q")}\` has an invalid value.`);
  }
  const parameters = parsed.data;
  const hitsPerPage = parameters.per_page ?? parameters.limit ?? 10;
  if (hitsPerPage > HITS_PER_PAGE_MAX) {
    throw new TypesenseError(422, `Only upto ${HITS_PER_PAGE_MAX} hits can be fetched per page.`);
  }
  if (parameters.group_limit < 1 || parameters.group_limit > GROUP_LIMIT_MAX) {
    throw malformed(`Value of \`group_limit\` must be between 1 and ${GROUP_LIMIT_MAX}.`);
  }
  const hitsOffset = parameters.offset ?? (Math.max(1, parameters.page) - 1) * hitsPerPage;
  const limit = parameters.limit_hits;
  if (limit !== undefined && hitsOffset + hitsPerPage > limit && hitsOffset >= limit) {
    throw new TypesenseError(422, `Only upto ${limit} hits can be fetched.`);
  }
  return {
    ...parameters,
    max_facet_values: Math.min(parameters.max_facet_values, FACET_VALUES_MAX),
    hitsPerPage,
    hitsOffset,
  };
}

/** Splits at commas, but not inside brackets or parentheses: `price(low:[0, 10], high:[10, 20]),brand` has two items. */
function splitList(value: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let item = "";
  for (const char of value) {
    if (char === "(" || char === "[") depth += 1;
    else if (char === ")" || char === "]") depth -= 1;
    if (char === "," && depth === 0) {
      items.push(item);
      item = "";
    } else item += char;
  }
  return [...items, item];
}

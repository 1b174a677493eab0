import { endpointById } from "@stoa/contract";
import { categoryViewSchema, fieldIn, keys, type Query, readQuery } from "@stoa/read-models";
import { z } from "zod";
import type { EdgeDeps } from "../deps.ts";
import { etagOf } from "../http/etag.ts";
import { publicRoute } from "../http/public-read.ts";
import { currencyIn } from "./channel.ts";
import { type Completion, mayBeMeant } from "./complete.ts";
import { listPolicy } from "./freshness.ts";
import { categoryTreeKeys } from "./list-categories.ts";
import { newestOf, readModel } from "./read-model.ts";
import { shownIn } from "./search-filter.ts";
import type { SearchRequest, SearchResult } from "./search-index.ts";
import { frequentQueries } from "./search-notes.ts";
import { type Reading, readingFor } from "./search-plan.ts";
import { readSummaries, summaryKeys } from "./summaries.ts";
import { inLanguage, textKeys } from "./texts.ts";

/** Of each kind. */
const COMPLETIONS_MAX = 4;
const BRANDS_COUNTED = 20;
const weights = { titleTerms: 4, brandTerms: 2, kindTerms: 1, codeTerms: 1 } as const;

export const suggestProducts = publicRoute(endpointById("search.suggest"), listPolicy, async (deps, call) => {
  const { query, channel, language } = call;
  const reading = await readingFor(deps, { text: query.q, language });
  const asked = readQuery(query.q, reading.words);
  const trees = await categoryTreeKeys(deps, channel, language);
  const [result, categories, frequent] = await Promise.all([
    findSuggestions(deps, { asked, reading, channel, limit: query.limit }),
    categoriesNamed(deps, query.q, trees),
    frequentQueries(deps, query.q, COMPLETIONS_MAX),
  ]);
  const currency = await currencyIn(deps, channel, undefined);
  const hits = result?.hits ?? [];
  const ids = hits.map(({ document }) => document.id);
  // The index may still hold what is not shown any more.
  const summaries = await readSummaries(deps, { channel, currency, language }, ids);
  const items = hits.flatMap(({ document: { id, slug } }) => {
    const summary = summaries.get(id);
    return slug && summary ? [{ text: titleOf(summary.body), slug }] : [];
  });
  const completions: Completion[] = [
    ...(await stillFinding(deps, frequent, { reading, channel })),
    ...categories,
    ...brandsNamed(result, query.q),
  ];
  const body = JSON.stringify({ items, completions });
  const madeOf = [
    keys.shop(),
    keys.searchIndex(),
    ...trees,
    ...summaryKeys({ channel, currency }, ids),
    ...textKeys(language, ids),
  ];
  return { body, etag: etagOf(body), madeOf, writtenAt: newestOf([...summaries.values()]), ...inLanguage(language) };
});

interface Where {
  readonly reading: Reading;
  readonly channel: string;
}

interface Beginning extends Where {
  readonly asked: Query;
  readonly limit: number;
}

/** The last word may be the beginning of one, and any may hold a slip. */
async function findSuggestions(deps: EdgeDeps, { asked, limit, ...where }: Beginning): Promise<SearchResult | null> {
  const terms = asked.words.map(({ term }) => term);
  if (terms.length === 0) return null;
  return deps.search.search({
    ...termsIn(terms, where),
    sort_by: "_text_match:desc,sold:desc",
    facet_by: "brand",
    max_facet_values: BRANDS_COUNTED,
    include_fields: "id,slug",
    prefix: "true",
    num_typos: "1",
    limit,
    offset: 0,
  });
}

function termsIn(terms: readonly string[], { reading: { locale, words }, channel }: Where) {
  const names = Object.keys(weights) as (keyof typeof weights)[];
  return {
    q: terms.join(" "),
    query_by: names.map((name) => fieldIn(name, locale)).join(","),
    query_by_weights: Object.values(weights).join(","),
    filter_by: shownIn(channel),
    enable_synonyms: words.code === "en",
  };
}

/** Queries that found something once, as far as they still do: what was taken out of the shop is not given away. */
async function stillFinding(deps: EdgeDeps, queries: readonly string[], where: Where): Promise<Completion[]> {
  if (queries.length === 0) return [];
  const requests = queries.map((text): SearchRequest => {
    const terms = readQuery(text, where.reading.words).words.map(({ term }) => term);
    return {
      ...termsIn(terms, where),
      prefix: "false",
      num_typos: "0",
      drop_tokens_threshold: 0,
      include_fields: "id",
      limit: 0,
      offset: 0,
    };
  });
  const results = await deps.search.searchAll(requests);
  return queries.flatMap((text, at) => ((results[at]?.found ?? 0) > 0 ? [{ text, kind: "query" as const }] : []));
}

const treeSchema = z.object({ items: z.array(categoryViewSchema) });

/** Categories that hold something and may be meant. */
async function categoriesNamed(deps: EdgeDeps, text: string, trees: readonly string[]): Promise<Completion[]> {
  const [model = null] = (await Promise.all(trees.map((key) => readModel(deps.store, key)))).filter(Boolean);
  const tree = model === null ? null : treeSchema.safeParse(JSON.parse(model.body));
  if (!tree?.success) return [];
  const found: Completion[] = [];
  const waiting = [...tree.data.items];
  for (let at = 0; at < waiting.length && found.length < COMPLETIONS_MAX; at += 1) {
    const category = waiting[at];
    if (!category || category.productCount === 0) continue;
    waiting.push(...category.children);
    if (mayBeMeant(text, category.name)) found.push({ text: category.name, kind: "category", slug: category.slug });
  }
  return found;
}

/** Brands of what was found that may be meant, the most frequent first. */
function brandsNamed(result: SearchResult | null, text: string): Completion[] {
  const counts = result?.facet_counts.find(({ field_name }) => field_name === "brand")?.counts ?? [];
  return counts
    .filter(({ value }) => mayBeMeant(text, value))
    .slice(0, COMPLETIONS_MAX)
    .map(({ value }) => ({ text: value, kind: "brand" }));
}

const titleSchema = z.object({ title: z.string() });

function titleOf(summary: string): string {
  return titleSchema.parse(JSON.parse(summary)).title;
}

import { problem } from "@stoa/kernel";
import { type Guards, type Logger, patience, type Resilient } from "@stoa/runtime/portable";
import { Client } from "typesense";
import { z } from "zod";

/** One question to the search engine, in its own words. */
export interface SearchRequest {
  readonly q: string;
  readonly query_by: string;
  readonly query_by_weights?: string;
  readonly filter_by?: string;
  readonly sort_by?: string;
  readonly facet_by?: string;
  readonly max_facet_values?: number;
  readonly include_fields: string;
  readonly enable_synonyms?: boolean;
  readonly prefix?: string;
  readonly num_typos?: string;
  readonly typo_tokens_threshold?: number;
  readonly drop_tokens_threshold?: number;
  readonly drop_tokens_mode?: "left_to_right";
  readonly pinned_hits?: string;
  readonly hidden_hits?: string;
  readonly filter_curated_hits?: boolean;
  readonly limit: number;
  readonly offset: number;
}

const text = z.string().optional();
const hitSchema = z.object({
  document: z.looseObject({
    id: z.string(),
    slug: text,
    title: text,
    kind: text,
    heads: text,
    kindHeads: text,
    inStock: z.boolean().optional(),
    sold: z.number().optional(),
  }),
});
const resultSchema = z.object({
  found: z.int(),
  hits: z.array(hitSchema).default([]),
  facet_counts: z
    .array(
      z.object({
        field_name: z.string(),
        counts: z.array(z.object({ value: z.string(), count: z.int() })).default([]),
      }),
    )
    .default([]),
  search_time_ms: z.number().default(0),
});
export type SearchResult = z.output<typeof resultSchema>;

/** The product index. @throws problem `service_unavailable` while it is away. */
export interface ProductSearch {
  search(request: SearchRequest): Promise<SearchResult>;
  /** Several questions in one call; answers in their order. */
  searchAll(requests: readonly SearchRequest[]): Promise<SearchResult[]>;
}

export interface SearchOptions {
  readonly url: string;
  readonly apiKey: string;
  /** Collection or alias. */
  readonly collection: string;
  readonly logger: Logger;
  readonly guards: Guards;
}

/** Asks Typesense by POST, because filters may be longer than a URL. */
export function createProductSearch(options: SearchOptions): ProductSearch {
  const client = clientFor(options);
  const guard = guardFor(options.guards);
  const searchAll: ProductSearch["searchAll"] = async (requests) => {
    try {
      return await guard.run(() => ask(client, options.collection, requests), { safe: true });
    } catch (error) {
      options.logger.warn("search did not answer", { error });
      throw problem("service_unavailable", { detail: "Search is not available now.", retryAfterSeconds: 2 });
    }
  };
  return {
    searchAll,
    search: async (request) => {
      const [result] = await searchAll([request]);
      if (!result) throw new Error("the engine answered nothing to a question");
      return result;
    },
  };
}

function guardFor(guards: Guards): Resilient {
  return guards.guard({
    name: "typesense",
    timeoutMs: patience.typesenseAtEdge.searchMs,
    retries: 1,
    breaker: { failures: 8, halfOpenAfterMs: 1_000 },
    bulkhead: { concurrent: 128, queued: 128, waitMs: 500, adapt: { targetMs: 300, floor: 16, start: 64 } },
  });
}

function clientFor({ url, apiKey }: SearchOptions): Client {
  const { protocol, hostname, port, pathname } = new URL(url);
  const standard = protocol === "https:" ? 443 : 80;
  const path = pathname === "/" ? "" : pathname;
  return new Client({
    nodes: [{ host: hostname, port: Number(port || standard), protocol: protocol.slice(0, -1), path }],
    apiKey,
    connectionTimeoutSeconds: patience.typesenseAtEdge.answerSeconds,
    numRetries: 0,
    logLevel: "silent",
  });
}

async function ask(client: Client, collection: string, requests: readonly SearchRequest[]): Promise<SearchResult[]> {
  const searches = requests.map((request) => ({ collection, highlight_fields: "none", ...request }));
  const answer = await client.multiSearch.perform({ searches });
  const { results } = z.object({ results: z.array(z.unknown()).length(requests.length) }).parse(answer);
  return results.map((result) => {
    const refused = z.object({ error: z.string() }).safeParse(result);
    if (refused.success) throw new Error(`typesense refused: ${refused.data.error}`);
    return resultSchema.parse(result);
  });
}

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
  readonly highlight_fields?: string;
  readonly highlight_full_fields?: string;
  readonly highlight_start_tag?: string;
  readonly highlight_end_tag?: string;
  readonly prefix?: string;
  readonly limit: number;
  readonly offset: number;
}

const hitSchema = z.object({
  document: z.object({ id: z.string().optional(), slug: z.string().optional(), title: z.string().optional() }),
  highlight: z.record(z.string(), z.unknown()).optional(),
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
  return {
    search: async (request) => {
      try {
        return await guard.run(() => ask(client, options.collection, request), { safe: true });
      } catch (error) {
        options.logger.warn("search did not answer", { error });
        throw problem("service_unavailable", { detail: "Search is not available now.", retryAfterSeconds: 2 });
      }
    },
  };
}

function guardFor(guards: Guards): Resilient {
  return guards.guard({
    name: "typesense",
    timeoutMs: patience.typesenseAtEdge.searchMs,
    retries: 1,
    breaker: { failures: 8, halfOpenAfterMs: 1_000 },
    bulkhead: { concurrent: 128, queued: 128, waitMs: 500, adapt: { targetMs: 300, floor: 8 } },
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

async function ask(client: Client, collection: string, request: SearchRequest): Promise<SearchResult> {
  const answer = await client.multiSearch.perform({ searches: [{ collection, ...request }] });
  const [result] = z.object({ results: z.array(z.unknown()).length(1) }).parse(answer).results;
  const refused = z.object({ error: z.string() }).safeParse(result);
  if (refused.success) throw new Error(`typesense refused: ${refused.data.error}`);
  return resultSchema.parse(result);
}

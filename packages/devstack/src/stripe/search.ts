import { z } from "zod";
import { invalidParameter } from "./errors.ts";
import { pageLimit } from "./lists.ts";
import type { PaymentIntent } from "./objects.ts";
import { expand, integer, text } from "./parameters.ts";
import type { Turn } from "./turn.ts";

const CLAUSES_MAX = 10;

export const searchSchema = z.strictObject({
  query: text,
  limit: integer.optional(),
  page: text.optional(),
  expand,
});

export interface SearchResult {
  readonly object: "search_result";
  readonly url: string;
  readonly has_more: boolean;
  readonly next_page: string | null;
  readonly data: readonly PaymentIntent[];
}

type Clause = (intent: PaymentIntent) => boolean;

/**
 * Payment intents by Stripe's search language, as far as it is about metadata and plain fields:
 * `metadata['order']:'7' AND status:'succeeded'`, `amount>1000`, `-currency:'eur'`.
 * Stripe's own index lags by about a minute; this one does not, so never build on a fresh write being found.
 */
export function searchIntents(turn: Turn, params: z.infer<typeof searchSchema>): SearchResult {
  const clauses = parseQuery(params.query);
  const limit = pageLimit(params.limit);
  const found: PaymentIntent[] = [];
  for (const { view } of turn.intents.newestFirst({ after: params.page })) {
    if (!clauses.every((clause) => clause(view))) continue;
    found.push(view);
    if (found.length > limit) break;
  }
  const data = found.slice(0, limit);
  const more = found.length > limit;
  return {
    object: "search_result",
    url: "/v1/payment_intents/search",
    has_more: more,
    next_page: more ? (data.at(-1)?.id ?? null) : null,
    data,
  };
}

const metadataClause = /^(-?)metadata\[(["'])(.+?)\2\]:(?:(["'])(.*)\4|(null))$/;
const textClause = /^(-?)(currency|customer|status):(["'])(.*)\3$/;
const numberClause = /^(-?)(amount|created)(:|>=|<=|>|<)(\d{1,15})$/;

function parseQuery(query: string): Clause[] {
  const parts = query.trim().split(/\s+AND\s+/i);
  if (parts.length > CLAUSES_MAX) throw notUnderstood(query);
  return parts.map((part) => {
    const clause = metadataTest(part) ?? textTest(part) ?? numberTest(part);
    if (clause === null) throw notUnderstood(query);
    return part.startsWith("-") ? (intent) => !clause(intent) : clause;
  });
}

function metadataTest(part: string): Clause | null {
  const match = metadataClause.exec(part);
  if (match === null) return null;
  const key = match[3] ?? "";
  const isNull = match[6] === "null";
  return ({ metadata }) => (isNull ? metadata[key] === undefined : metadata[key] === match[5]);
}

function textTest(part: string): Clause | null {
  const match = textClause.exec(part);
  if (match === null) return null;
  const field = match[2] === "status" ? "status" : match[2] === "customer" ? "customer" : "currency";
  return (intent) => intent[field] === match[4];
}

function numberTest(part: string): Clause | null {
  const match = numberClause.exec(part);
  if (match === null) return null;
  const field = match[2] === "amount" ? "amount" : "created";
  const edge = Number(match[4]);
  switch (match[3]) {
    case ">":
      return (intent) => intent[field] > edge;
    case "<":
      return (intent) => intent[field] < edge;
    case ">=":
      return (intent) => intent[field] >= edge;
    case "<=":
      return (intent) => intent[field] <= edge;
    default:
      return (intent) => intent[field] === edge;
  }
}

function notUnderstood(query: string): Error {
  return invalidParameter(`We were unable to parse your search query: ${query.slice(0, 200)}`, undefined, "query");
}

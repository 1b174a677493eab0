import type { Endpoint } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import { z } from "zod";
import { readJson } from "./body.ts";
import { validationProblem } from "./problems.ts";
import { queryMembers } from "./query.ts";

const noMembers = z.strictObject({});

interface Coming {
  readonly arrival: { readonly url: URL };
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** Path parameters and query as the contract has them. @throws problem `not_found`, `validation_failed`. */
export function parseInputs(endpoint: Endpoint, { arrival, params }: Coming): { params: unknown; query: unknown } {
  const named = endpoint.params?.safeParse(params);
  // A path that cannot name anything names nothing.
  if (named && !named.success) throw problem("not_found");
  if (!endpoint.query) return { params: named?.data, query: undefined };
  const query = endpoint.query.safeParse(arrival.url.search === "" ? {} : queryMembers(arrival.url.searchParams));
  if (!query.success) throw validationProblem(query.error);
  return { params: named?.data, query: query.data };
}

/** The body as the contract has it; nothing where it has none. @throws problem. */
export async function parseBody(endpoint: Endpoint, request: Request): Promise<unknown> {
  const body = (endpoint.body ?? noMembers).safeParse(await readJson(request));
  if (!body.success) throw validationProblem(body.error);
  return endpoint.body ? body.data : undefined;
}

import { PROBLEM_TYPE_BASE, type ProblemCode, problemCodes } from "@stoa/kernel";
import { type Endpoint, problemsOf } from "./endpoint.ts";
import { type Node, reference, SCHEMA_PREFIX } from "./openapi-schemas.ts";

export const PROBLEM_JSON = "application/problem+json";

/** The answers of an endpoint that does what it was asked, by status. */
export function answersOf(definition: Endpoint, schemas: Record<string, Node>): Node {
  const answers = Object.entries(definition.answers).map(([status, { description, schema, contentType }]) => {
    const content = schema
      ? { [contentType ?? "application/json"]: { schema: reference(schema, "output", schemas) } }
      : contentType && { [contentType]: {} };
    return [status, { description, ...(content ? { content } : {}) }];
  });
  return Object.fromEntries(answers);
}

/** One answer for each status; equal ones stand once among the document's responses. */
export function refusalsOf(definition: Endpoint, responses: Record<string, Node>): Node {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(definition)) {
    const { status } = problemCodes[code];
    if (definition.answers[status]) continue;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const refusals = [...byStatus].map(([status, codes]) => {
    const name = codes.sort().join("-or-");
    responses[name] ??= refusal(codes);
    return [String(status), { $ref: `#/components/responses/${name}` }];
  });
  return Object.fromEntries(refusals);
}

function refusal(codes: readonly ProblemCode[]): Node {
  const schema = { allOf: [{ $ref: `${SCHEMA_PREFIX}Problem` }, { properties: { code: { enum: codes } } }] };
  return {
    description: codes.map((code) => `${code}: ${problemCodes[code].title}`).join("; "),
    content: { [PROBLEM_JSON]: { schema } },
  };
}

/** What every refusal is: RFC 9457 with a code. */
export function problemSchema(): Node {
  const string = { type: "string" };
  return {
    type: "object",
    required: ["type", "title", "status", "detail", "code", "requestId"],
    properties: {
      type: { type: "string", format: "uri", description: `${PROBLEM_TYPE_BASE} and the code` },
      title: string,
      status: { type: "integer" },
      detail: string,
      code: { enum: Object.keys(problemCodes) },
      requestId: string,
      errors: {
        type: "array",
        items: {
          type: "object",
          required: ["path", "message"],
          properties: { path: string, message: string, code: { enum: ["reference_not_found"] } },
        },
      },
    },
  };
}

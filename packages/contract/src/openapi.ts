import { PROBLEM_TYPE_BASE, type ProblemCode, problemCodes } from "@stoa/kernel";
import { z } from "zod";
import { authPaths } from "./account.ts";
import { type Endpoint, pathParameters, problemsOf } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";

type Node = Record<string, unknown>;

const SCHEMA_PREFIX = "#/components/schemas/";
const PROBLEM_JSON = "application/problem+json";

/** The whole contract as an OpenAPI 3.1 document. */
export function openapiDocument(): Node {
  const schemas: Record<string, Node> = { Problem: problemSchema() };
  const responses: Record<string, Node> = {};
  const paths: Record<string, Record<string, Node>> = {};
  for (const definition of endpoints as readonly Endpoint[]) {
    const method = definition.method.toLowerCase();
    paths[definition.path] = { ...paths[definition.path], [method]: operation(definition, schemas, responses) };
  }
  for (const { method, path, summary } of authPaths) {
    const full = `/v1/auth${path}`;
    paths[full] = { ...paths[full], [method.toLowerCase()]: authOperation(method, path, summary) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Stoa storefront API",
      version: "1.0.0",
      description:
        "Money is an integer of minor units with an ISO 4217 code. Errors are RFC 9457 problems with a stable code.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{}],
    paths,
    components: { schemas: sorted(schemas), responses: sorted(responses), securitySchemes },
  };
}

const securitySchemes = {
  bearer: { type: "http", scheme: "bearer", description: "The session token, or the JWT of GET /v1/auth/token" },
  cookie: { type: "apiKey", in: "cookie", name: "stoa.session_token" },
  publishableKey: {
    type: "apiKey",
    in: "header",
    name: "x-publishable-key",
    description: "Names the storefront that calls; may go along with every call",
  },
  secretKey: { type: "http", scheme: "bearer", description: "A secret API key with the scope catalog:read" },
};

function sorted(nodes: Record<string, Node>): Record<string, Node> {
  return Object.fromEntries(Object.entries(nodes).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function operation(definition: Endpoint, schemas: Record<string, Node>, responses: Record<string, Node>): Node {
  const body = definition.body && {
    requestBody: {
      // No body at all is read as an empty one.
      required: !definition.body.safeParse({}).success,
      content: { "application/json": { schema: reference(definition.body, "input", schemas) } },
    },
  };
  return {
    operationId: definition.id,
    tags: [definition.tag],
    summary: definition.summary,
    security: securityOf(definition),
    parameters: [...parametersOf(definition, schemas), ...headerParameters(definition)],
    ...body,
    responses: { ...answersOf(definition, schemas), ...refusalsOf(definition, responses) },
  };
}

function securityOf({ auth, tag }: Endpoint): Node[] {
  const signedIn = [{ bearer: [] }, { cookie: [] }];
  if (auth === "none") return tag === "catalog" ? [{}, { publishableKey: [] }, { secretKey: [] }] : [{}];
  return auth === "customer" ? signedIn : [{}, ...signedIn];
}

function parametersOf(definition: Endpoint, schemas: Record<string, Node>): Node[] {
  const inPath = propertiesOf(definition.params, schemas).map(({ name, schema }) => ({
    name,
    in: "path",
    required: true,
    schema,
  }));
  const declared = new Set(inPath.map((parameter) => parameter.name));
  for (const name of pathParameters(definition.path)) {
    if (!declared.has(name)) throw new Error(`${definition.id} does not say what {${name}} is`);
  }
  const inQuery = propertiesOf(definition.query, schemas).map(({ name, schema, required }) => {
    const { description, ...rest } = schema;
    const about = description === undefined ? {} : { description };
    if (name !== "attr") return { name, in: "query", required, ...about, schema: rest };
    return {
      name: "attr.{name}",
      in: "query",
      required,
      ...about,
      schema: { type: "array", items: { type: "string" } },
    };
  });
  return [...inPath, ...inQuery];
}

/** A query is documented as what it becomes, so that `limit` is an integer and not a pattern of digits. */
function propertiesOf(schema: z.ZodType | undefined, schemas: Record<string, Node>) {
  if (!schema) return [];
  const { properties = {} } = z
    .object({ properties: z.record(z.string(), z.custom<Node>()).optional() })
    .parse(convert(schema, "output", schemas));
  const { required = [] } = z
    .object({ required: z.array(z.string()).optional() })
    .parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  return Object.entries(properties).map(([name, node]) => ({ name, schema: node, required: required.includes(name) }));
}

function headerParameters({ idempotency, headers = {} }: Endpoint): Node[] {
  const own = Object.entries(headers).map(([name, description]) => ({
    name,
    in: "header",
    required: false,
    description,
    schema: { type: "string" },
  }));
  if (idempotency === "none") return own;
  const key = {
    name: "idempotency-key",
    in: "header",
    required: idempotency === "required",
    description: "The same key and body answer the same again for 24 hours",
    schema: { type: "string", minLength: 1, maxLength: 255 },
  };
  return [...own, key];
}

function answersOf(definition: Endpoint, schemas: Record<string, Node>): Node {
  const answers = Object.entries(definition.answers).map(([status, { description, schema, contentType }]) => {
    const content = schema
      ? { [contentType ?? "application/json"]: { schema: reference(schema, "output", schemas) } }
      : contentType && { [contentType]: {} };
    return [status, { description, ...(content ? { content } : {}) }];
  });
  return Object.fromEntries(answers);
}

/** One answer for each status; equal ones stand once among the document's responses. */
function refusalsOf(definition: Endpoint, responses: Record<string, Node>): Node {
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

function problemSchema(): Node {
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

function authOperation(method: "GET" | "POST", path: string, summary: string): Node {
  const parameters = pathParameters(path).map((name) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const body = method === "POST" && {
    requestBody: { content: { "application/json": { schema: { type: "object" } } } },
  };
  return {
    operationId: `auth${path.replaceAll(/[/{}-]+(\w?)/g, (_, next: string) => next.toUpperCase())}`,
    tags: ["account"],
    summary,
    description: "Answered by better-auth, in its own shapes; what edge itself refuses is a problem as everywhere.",
    parameters,
    ...body,
    responses: {
      default: {
        description: "As better-auth documents it, or a problem of edge's",
        content: { "application/json": {}, [PROBLEM_JSON]: { schema: { $ref: `${SCHEMA_PREFIX}Problem` } } },
      },
    },
  };
}

/** A `$ref` for a named schema, the schema itself for one without a name; definitions are gathered in `schemas`. */
function reference(schema: z.ZodType, io: "input" | "output", schemas: Record<string, Node>): Node {
  const id = z.globalRegistry.get(schema)?.id;
  const node = convert(schema, io, schemas);
  if (id === undefined) return node;
  schemas[id] ??= node;
  return { $ref: SCHEMA_PREFIX + id };
}

function convert(schema: z.ZodType, io: "input" | "output", schemas: Record<string, Node>): Node {
  const raw: unknown = z.toJSONSchema(schema, { io, unrepresentable: "any", reused: "inline" });
  const own = z.globalRegistry.get(schema)?.id;
  const { $defs = {}, $schema: _, id: __, ...rest } = rewrite(raw, own) as Node & { $defs?: Record<string, Node> };
  for (const [name, definition] of Object.entries($defs)) {
    const { id: ___, ...node } = definition;
    schemas[name] ??= node;
  }
  return rest;
}

/** Points local references at the components of the document; `#` alone is the schema itself. */
function rewrite(node: unknown, own: string | undefined): unknown {
  if (Array.isArray(node)) return node.map((item) => rewrite(item, own));
  if (node === null || typeof node !== "object") return node;
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => {
      if (name !== "$ref" || typeof value !== "string") return [name, rewrite(value, own)];
      return [name, value === "#" ? `${SCHEMA_PREFIX}${own}` : value.replace("#/$defs/", SCHEMA_PREFIX)];
    }),
  );
}

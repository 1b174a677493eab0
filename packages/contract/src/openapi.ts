import { z } from "zod";
import { authPaths } from "./account.ts";
import { type Endpoint, pathParameters } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";
import { answersOf, PROBLEM_JSON, problemSchema, refusalsOf } from "./openapi-answers.ts";
import { convert, type Node, reference, SCHEMA_PREFIX } from "./openapi-schemas.ts";

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

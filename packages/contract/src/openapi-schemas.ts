import { z } from "zod";

/** A part of the document. */
export type Node = Record<string, unknown>;

export const SCHEMA_PREFIX = "#/components/schemas/";

/** A `$ref` for a named schema, the schema itself for one without a name; definitions are gathered in `schemas`. */
export function reference(schema: z.ZodType, io: "input" | "output", schemas: Record<string, Node>): Node {
  const id = z.globalRegistry.get(schema)?.id;
  const node = convert(schema, io, schemas);
  if (id === undefined) return node;
  schemas[id] ??= node;
  return { $ref: SCHEMA_PREFIX + id };
}

/** The schema as JSON Schema; what it names of others is gathered in `schemas`. */
export function convert(schema: z.ZodType, io: "input" | "output", schemas: Record<string, Node>): Node {
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

import { z } from "zod";
import { malformed, unsupported } from "../errors.ts";
import { FIELDS_MAX } from "../limits.ts";

const SCALARS = ["string", "int32", "int64", "float", "bool", "object", "auto", "string*"] as const;
const ARRAYS = ["string[]", "int32[]", "int64[]", "float[]", "bool[]", "object[]"] as const;
const FOREIGN = ["geopoint", "geopoint[]", "geopolygon", "image"];

export type FieldType = (typeof SCALARS)[number] | (typeof ARRAYS)[number];

const fieldShape = z.object({
  name: z.string().min(1).max(200),
  type: z.string(),
  facet: z.boolean().default(false),
  optional: z.boolean().optional(),
  index: z.boolean().default(true),
  sort: z.boolean().optional(),
  infix: z.boolean().default(false),
  locale: z.string().default(""),
  stem: z.boolean().default(false),
  store: z.boolean().default(true),
  range_index: z.boolean().optional(),
  token_separators: z.array(z.string()).optional(),
  symbols_to_index: z.array(z.string()).optional(),
  embed: z.unknown().optional(),
  reference: z.unknown().optional(),
  num_dim: z.number().optional(),
});

const dropShape = z.object({ name: z.string().min(1), drop: z.literal(true) });

export const collectionShape = z.object({
  name: z.string().min(1).max(200),
  fields: z.array(z.unknown()).max(FIELDS_MAX).optional(),
  default_sorting_field: z.string().default(""),
  token_separators: z.array(z.string()).default([]),
  symbols_to_index: z.array(z.string()).default([]),
  enable_nested_fields: z.boolean().default(false),
  metadata: z.record(z.string(), z.json()).optional(),
  synonym_sets: z.array(z.string()).default([]),
  curation_sets: z.array(z.string()).default([]),
});

export const changeShape = collectionShape.partial().omit({ name: true, default_sorting_field: true });

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly facet: boolean;
  readonly optional: boolean;
  readonly index: boolean;
  readonly sort: boolean;
  readonly infix: boolean;
  readonly locale: string;
  readonly stem: boolean;
  readonly store: boolean;
  readonly token_separators?: readonly string[] | undefined;
  readonly symbols_to_index?: readonly string[] | undefined;
}

/** A name such as `.*_facet` or `attributes.*` stands for whatever fields documents bring along. */
export function isPattern(field: Field): boolean {
  return /[*+?^$|()[\]\\]/.test(field.name);
}

export function isNumeric(type: FieldType): boolean {
  return /^(int32|int64|float)/.test(type);
}

export function isText(type: FieldType): boolean {
  return type === "string" || type === "string[]";
}

export function elementType(type: FieldType): string {
  return type.replace("[]", "");
}

/** Reads one field of a schema; refuses what the stand-in cannot index. */
export function parseField(input: unknown): Field {
  const parsed = fieldShape.safeParse(input);
  if (!parsed.success) throw malformed(`Field definition is malformed: ${describe(parsed.error)}`);
  const { name, type, embed, reference, num_dim, sort, optional, range_index: _, ...rest } = parsed.data;
  if (FOREIGN.includes(type)) throw unsupported(`fields of type ${type}`);
  if (embed !== undefined || num_dim !== undefined) throw unsupported("vector fields");
  if (reference !== undefined) throw unsupported("references between collections");
  if (rest.stem) throw unsupported("stemming");
  if (rest.infix) throw unsupported("infix search");
  const known = [...SCALARS, ...ARRAYS].find((candidate) => candidate === type);
  if (!known)
    throw malformed(`Field \`${name}\` has an invalid data type \`${type}\`, see docs for supported data types.`);
  const field = { ...rest, name, type: known, sort: sort ?? sortsByDefault(known), optional: optional ?? false };
  if (!isPattern(field)) return field;
  if (!compiles(name)) throw malformed(`Field \`${name}\` has an invalid pattern.`);
  return { ...field, optional: true };
}

export function parseDrop(input: unknown): string | null {
  const parsed = dropShape.safeParse(input);
  return parsed.success ? parsed.data.name : null;
}

export function sortsByDefault(type: FieldType): boolean {
  return /^(int32|int64|float|bool)$/.test(type);
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

export function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join(".") || "body"}: ${issue.message}` : "invalid";
}

import type { FieldError, Instant } from "@stoa/kernel";
import { isId, textsSchema } from "@stoa/kernel";
import { z } from "zod";
import { choicesError, lengthError, rangeError, referencePrefix } from "../../platform/custom-fields/index.ts";
import { type Attribute, attributeCode, type ProductContent } from "./documents.ts";
import { slugSchema } from "./names.ts";

export const ATTRIBUTES_PER_TYPE_MAX = 200;
const CHOICES_MAX = 1_000;

const label = textsSchema(200);
const shared = {
  code: attributeCode,
  /** What shoppers read; its code where no language has one. */
  label: label.default({}),
  /** Whether the product has it once, or each of its variants. */
  level: z.enum(["product", "variant"]).default("product"),
  isRequired: z.boolean().default(false),
  /** Whether a search counts its values, so that shoppers may narrow by them. */
  isFacetable: z.boolean().default(true),
  /** Whether words of its value find the product. */
  isSearchable: z.boolean().default(true),
};

/** What an attribute of a type may be. Facets come in the order of the definitions. */
export const attributeDefinitionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...shared, kind: z.literal("text"), lengthMax: z.int().min(1).max(10_000).default(1_000) }),
  z.strictObject({
    ...shared,
    kind: z.literal("number"),
    unit: z.string().max(20).default(""),
    isInteger: z.boolean().default(false),
    min: z.number().optional(),
    max: z.number().optional(),
  }),
  z.strictObject({ ...shared, kind: z.literal("boolean") }),
  z.strictObject({
    ...shared,
    kind: z.literal("choice"),
    choices: z
      .array(z.strictObject({ value: z.string().min(1).max(200), label: label.default({}) }))
      .min(1)
      .max(CHOICES_MAX),
    /** How many of them a product may have; with 1 the value is a text, else a list. */
    countMax: z.int().min(1).max(100).default(1),
  }),
  z.strictObject({ ...shared, kind: z.literal("date"), min: z.iso.date().optional(), max: z.iso.date().optional() }),
  z.strictObject({ ...shared, kind: z.literal("reference"), to: z.enum(["product", "category"]) }),
]);
export type AttributeDefinition = z.infer<typeof attributeDefinitionSchema>;

export const productTypeSchema = z.strictObject({
  code: slugSchema,
  name: label.refine((texts) => Object.values(texts).some((text) => text.trim() !== ""), {
    message: "a name is needed in one locale at least",
  }),
  attributes: z
    .array(attributeDefinitionSchema)
    .max(ATTRIBUTES_PER_TYPE_MAX)
    .refine((all) => new Set(all.map(({ code }) => code)).size === all.length, { message: "a code stands here twice" }),
});
export type ProductType = z.infer<typeof productTypeSchema>;

/** A product type as it lies in MongoDB, under its code. */
export interface ProductTypeDocument extends Omit<ProductType, "code"> {
  readonly _id: string;
  readonly revision: number;
  readonly dirty: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** Where a product departs from its type, an error for each attribute, at `attributes.<code>` or `variants.<n>.attributes.<code>`. */
export function typeErrors(
  { attributes, variants }: Pick<ProductContent, "attributes" | "variants">,
  type: Pick<ProductTypeDocument, "_id" | "attributes">,
): FieldError[] {
  return [
    ...levelErrors(attributes, type, { level: "product", path: "attributes" }),
    ...variants.flatMap((variant, index) =>
      levelErrors(variant.attributes ?? [], type, { level: "variant", path: `variants.${index}.attributes` }),
    ),
  ];
}

interface Level {
  readonly level: AttributeDefinition["level"];
  readonly path: string;
}

function levelErrors(
  attributes: readonly Attribute[],
  type: Pick<ProductTypeDocument, "_id" | "attributes">,
  { level, path }: Level,
): FieldError[] {
  const definitions = new Map(type.attributes.map((definition) => [definition.code, definition]));
  const strange = attributes.flatMap((attribute) => {
    const definition = definitions.get(attribute.code);
    const message = messageFor(attribute, definition, { level, typeCode: type._id });
    return message ? [{ path: `${path}.${attribute.code}`, message }] : [];
  });
  const present = new Set(attributes.map(({ code }) => code));
  const missing = type.attributes
    .filter((definition) => definition.isRequired && definition.level === level && !present.has(definition.code))
    .map(({ code }) => ({ path: `${path}.${code}`, message: "is required" }));
  return [...strange, ...missing];
}

function messageFor(
  attribute: Attribute,
  definition: AttributeDefinition | undefined,
  { level, typeCode }: { readonly level: AttributeDefinition["level"]; readonly typeCode: string },
): string | null {
  if (!definition) return `the type ${typeCode} has no such attribute`;
  if (definition.level !== level) return `belongs to the ${definition.level}`;
  return valueError(attribute, definition);
}

/** What is wrong with a value, or null. */
function valueError(attribute: Attribute, definition: AttributeDefinition): string | null {
  switch (definition.kind) {
    case "text":
      if (attribute.type !== "text") return "must be a text";
      return lengthError(attribute.value, definition);
    case "number":
      return attribute.type === "number" ? numberError(attribute.value, definition) : "must be a number";
    case "boolean":
      return attribute.type === "boolean" ? null : "must be true or false";
    case "choice":
      return choiceError(attribute, definition);
    case "date":
      return attribute.type === "date" ? rangeError(attribute.value, definition) : "must be a date like 2026-12-31";
    case "reference":
      return attribute.type === "reference" && isId(referencePrefix[definition.to], attribute.value)
        ? null
        : `must be the id of a ${definition.to}`;
  }
}

function numberError(value: number, definition: AttributeDefinition & { kind: "number" }): string | null {
  if (definition.isInteger && !Number.isInteger(value)) return "must be a whole number";
  return rangeError(value, definition);
}

function choiceError(attribute: Attribute, definition: AttributeDefinition & { kind: "choice" }): string | null {
  const isOne = definition.countMax === 1;
  if (attribute.type !== (isOne ? "text" : "list")) {
    return isOne ? "must be one of the choices" : "must be a list of choices";
  }
  return choicesError([attribute.value].flat(), definition);
}

/** A value as its definition wants it, where nothing is lost by that; else as it is, and the check says what is wrong. */
export function conformed(attribute: Attribute, definition: AttributeDefinition, raw?: string): Attribute {
  const { code } = attribute;
  const text = raw ?? (attribute.type === "list" ? null : String(attribute.value));
  if (text === null) return attribute;
  switch (definition.kind) {
    case "text":
      return { code, type: "text", value: text };
    case "number":
      return /^-?\d+(?:\.\d+)?$/.test(text) ? { code, type: "number", value: Number(text) } : attribute;
    case "boolean":
      return text === "true" || text === "false" ? { code, type: "boolean", value: text === "true" } : attribute;
    case "choice":
      if (definition.countMax === 1) return { code, type: "text", value: text };
      return { code, type: "list", value: raw === undefined ? [text] : splitList(raw) };
    case "date":
      return z.iso.date().safeParse(text).success ? { code, type: "date", value: text } : attribute;
    case "reference":
      return isId(referencePrefix[definition.to], text) ? { code, type: "reference", value: text } : attribute;
  }
}

/** A list as text: a vertical bar between its members. */
export function splitList(text: string): string[] {
  return text
    .split("|")
    .map((part) => part.trim())
    .filter(Boolean);
}

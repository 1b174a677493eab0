import { instantSchema, type Json, textsSchema } from "@stoa/kernel";
import { z } from "zod";

/**
 * What fields can be defined for. A field of orders, or of their lines, that shoppers may fill in is filled in on the cart, and goes with
 * it into the order.
 */
export const fieldEntities = [
  ...(["product", "variant", "category", "customer"] as const),
  ...(["order", "order_line", "return", "location"] as const),
] as const;
export type FieldEntity = (typeof fieldEntities)[number];

/** What a reference may lead to, with the prefix of its id. */
export const referencePrefix = { product: "prod", category: "cat", customer: "cus", order: "ord" } as const;
export type ReferenceTarget = keyof typeof referencePrefix;

export const FIELDS_PER_ENTITY_MAX = 100;
export const PATTERN_LENGTH_MAX = 200;
const TEXT_LENGTH_MAX = 1_000;
const LONG_TEXT_LENGTH_MAX = 20_000;
const CHOICES_MAX = 200;
const VALUES_MAX = 50;
const DIGITS_MAX = 6;
export const JSON_BYTES_MAX = 16_384;
export const JSON_DEPTH_MAX = 8;

export const fieldKey = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, { message: "must be a lower-case letter, then letters, digits and _, 40 at most" });

/** A value by the key of its field. A list where its field may have several. */
export type FieldValues = Readonly<Record<string, Json>>;

const json: z.ZodType<Json> = z.json();

/** All values of something, each by the key of its field. */
export const fieldValuesSchema = z
  .record(
    fieldKey,
    json.refine((value) => value !== null, { message: "must not be null" }),
  )
  .refine(areFew, { message: "too many fields" });

/** Values as somebody sends them: null takes one away, a key that is missing leaves what is there. */
export const fieldPatchSchema = z.record(fieldKey, json).refine(areFew, { message: "too many fields" });

function areFew(values: object): boolean {
  return Object.keys(values).length <= FIELDS_PER_ENTITY_MAX * 2;
}

const given = {
  entity: z.enum(fieldEntities),
  key: fieldKey,
  label: textsSchema(200).refine((texts) => Object.values(texts).some((text) => text.trim() !== ""), {
    message: "a name is needed in one language at least",
  }),
  /** What helps whoever fills it in. */
  help: textsSchema(500).default({}),
  isRequired: z.boolean().default(false),
  /** What holds where there is no value; an order takes it over when it is placed. */
  defaultValue: json.optional(),
  visibility: z.enum(["staff", "shoppers"]).default("staff"),
  /** Whether shoppers fill it in: in their profile, on the cart, or where they ask to send something back. */
  isShopperEditable: z.boolean().default(false),
  /** Whether shoppers may narrow a list of products by it, and see it as a facet. */
  isFilterable: z.boolean().default(false),
  /** Whether words of its value find the product. */
  isSearchable: z.boolean().default(false),
  /** Of an order, its lines and returns: whether it goes when the customer is erased. All that is on a customer goes in any case. */
  isPersonal: z.boolean().default(true),
};

/** How many values; with 1 it is a value, else a list of them. */
const several = { countMax: z.int().min(1).max(VALUES_MAX).default(1) };
const whole = z.int();
const bounds = <T extends z.ZodType>(one: T) => ({ min: one.optional(), max: one.optional() });

function kindsWith<T extends z.ZodRawShape>(shared: T) {
  const kind = <K extends string, M extends z.ZodRawShape>(name: K, members: M) =>
    z.strictObject({ ...shared, kind: z.literal(name), ...members });
  return z.discriminatedUnion("kind", [
    kind("text", {
      ...several,
      lengthMin: z.int().min(0).max(TEXT_LENGTH_MAX).default(0),
      lengthMax: z.int().min(1).max(TEXT_LENGTH_MAX).default(200),
      /** A regular expression of RE2, which takes no longer than its input is long; it has to match all of the text. */
      pattern: z.string().min(1).max(PATTERN_LENGTH_MAX).optional(),
    }),
    kind("long_text", { lengthMax: z.int().min(1).max(LONG_TEXT_LENGTH_MAX).default(5_000) }),
    kind("integer", { ...several, ...bounds(whole) }),
    kind("decimal", {
      ...several,
      ...bounds(z.number()),
      /** Behind the point. */
      digits: z.int().min(0).max(DIGITS_MAX).default(2),
    }),
    kind("boolean", {}),
    kind("date", { ...several, ...bounds(z.iso.date()) }),
    kind("datetime", { ...several, ...bounds(z.iso.datetime()) }),
    kind("choice", {
      ...several,
      choices: z
        .array(z.strictObject({ value: z.string().min(1).max(200), label: textsSchema(200).default({}) }))
        .min(1)
        .max(CHOICES_MAX),
    }),
    kind("reference", { ...several, to: z.enum(["product", "category", "customer", "order"]) }),
    kind("json", { bytesMax: z.int().min(2).max(JSON_BYTES_MAX).default(4_096) }),
  ]);
}

/** What staff say of a field. `definitionErrors` says whether it makes sense. */
export const fieldDefinitionSchema = kindsWith(given);
export type FieldDefinition = z.infer<typeof fieldDefinitionSchema>;
export type FieldKind = FieldDefinition["kind"];

/** A field as it is kept. An archived one takes no new values; those that are there stay and are shown as before. */
export const customFieldSchema = kindsWith({
  ...given,
  archivedAt: instantSchema.nullable(),
  version: z.int(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type CustomField = z.infer<typeof customFieldSchema>;

/** How many values a field may have. */
export function countMaxOf(field: FieldDefinition): number {
  return "countMax" in field ? field.countMax : 1;
}

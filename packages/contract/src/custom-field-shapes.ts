import { z } from "zod";
import { localeQuery } from "./locale.ts";

/** Things whose own fields shoppers meet; those of an order and its lines are filled in on the cart. */
export const fieldEntities = [
  ...(["product", "variant", "category", "customer"] as const),
  ...(["order", "order_line", "return"] as const),
] as const;

const FIELD_KEY = /^[a-z][a-z0-9_]{0,39}$/;

const customFieldValue = z
  .union([z.string(), z.number(), z.boolean(), z.array(z.unknown()), z.record(z.string(), z.unknown())])
  .meta({
    id: "CustomFieldValue",
    description:
      "As the field's kind says: a text, a number, true or false, a date (2026-12-31), a time (2026-12-31T12:00:00Z), the slug of what it leads to, any JSON; a list where it may have several",
  });

/** What the shop's own fields say of something. */
export const customFields = z.record(z.string(), customFieldValue).optional().meta({
  description: "What the shop's own fields say, by key; absent where nothing. GET /v1/custom-fields describes them",
});

/** What a shopper says in them. Core judges each value by its field. */
export const customFieldsPatch = z
  .record(z.string().regex(FIELD_KEY), z.union([customFieldValue, z.null()]))
  .refine((values) => Object.keys(values).length <= 100, { message: "too many fields" })
  .optional()
  .meta({ description: "By key; null takes a value away, a key that is left out stays" });

const field = z
  .object({
    key: z.string(),
    kind: z.enum([
      "text",
      "long_text",
      "integer",
      "decimal",
      "boolean",
      "date",
      "datetime",
      "choice",
      "reference",
      "json",
    ]),
    label: z.string(),
    help: z.string().optional(),
    isRequired: z.boolean().meta({ description: "Of an order and its lines: by the checkout at the latest" }),
    isEditable: z.boolean().meta({
      description:
        "Whether shoppers say it: in their profile, on the cart or its lines, or where they ask for a return",
    }),
    filter: z.string().optional().meta({ description: "The query parameter of lists and searches that narrows by it" }),
    defaultValue: customFieldValue.optional().meta({ description: "What holds where nothing is said" }),
    countMax: z.int().meta({ description: "Above 1 the value is a list of so many at most" }),
    lengthMin: z.int().optional(),
    lengthMax: z.int().optional().meta({ description: "UTF-16 code units" }),
    pattern: z.string().optional().meta({ description: "RE2; has to match all of the text" }),
    min: z.union([z.string(), z.number()]).optional(),
    max: z.union([z.string(), z.number()]).optional(),
    digits: z.int().optional().meta({ description: "Behind the point" }),
    choices: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
  })
  .meta({ id: "CustomField" });
export const customFieldList = z.object({ items: z.array(field) }).meta({ id: "CustomFieldList" });

export const customFieldQuery = z.object({ entity: z.enum(fieldEntities), locale: localeQuery });

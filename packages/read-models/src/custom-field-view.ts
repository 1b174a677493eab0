import type { Json } from "@stoa/kernel";
import { z } from "zod";

const texts = z.record(z.string(), z.string());
const bound = z.union([z.string(), z.number()]).optional();

/** What shoppers are told of one of the shop's own fields, in all languages. */
export const customFieldViewSchema = z.object({
  entity: z.enum(["product", "variant", "category", "customer", "order", "order_line", "return", "location"]),
  key: z.string(),
  kind: z.string(),
  label: texts,
  help: texts,
  isRequired: z.boolean(),
  isEditable: z.boolean(),
  filter: z.string().optional(),
  defaultValue: (z.json() as z.ZodType<Json>).optional(),
  countMax: z.int(),
  lengthMin: z.int().optional(),
  lengthMax: z.int().optional(),
  pattern: z.string().optional(),
  min: bound,
  max: bound,
  digits: z.int().optional(),
  choices: z.array(z.object({ value: z.string(), label: texts })).optional(),
});
export type CustomFieldView = z.infer<typeof customFieldViewSchema>;

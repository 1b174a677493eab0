import { z } from "zod";

const texts = z.record(z.string(), z.string());

/** What shoppers are told of an attribute that a product type defines; in the order in which facets are shown. */
export const attributeViewSchema = z.object({
  code: z.string(),
  /** By locale; empty where the code speaks for itself. */
  label: texts,
  unit: z.string().optional(),
  isFacetable: z.boolean(),
  /** Choices that are called otherwise than their value, by locale each. */
  choices: z.array(z.object({ value: z.string(), label: texts })).optional(),
});
export type AttributeView = z.infer<typeof attributeViewSchema>;

import { textIn } from "@stoa/kernel";
import { z } from "zod";
import { productContentSchema, productStatuses } from "../documents.ts";
import { slugSchema } from "../names.ts";
import { bad, type Reading } from "./imported-product.ts";

/** Marks a line that holds a product whole, and says in which form. */
export const WHOLE_FORM = 1;

/** One line of an export: a product with all of its content, its categories by slug and by the names on their paths. */
export const wholeLineSchema = z.strictObject({
  stoa: z.literal(WHOLE_FORM),
  key: z.string().min(1).max(200),
  /** Taken by a new product, if it is one that may be given today. */
  slug: z.string().max(200),
  status: z.enum(productStatuses),
  categories: z.array(z.strictObject({ slug: slugSchema, path: z.array(z.string()).max(30) })).max(20),
  content: productContentSchema.omit({ categoryIds: true }),
});
export type WholeLine = z.infer<typeof wholeLineSchema>;

export function isWholeLine(value: unknown): boolean {
  return typeof value === "object" && value !== null && "stoa" in value;
}

export function readWholeLine(line: number, value: unknown, locale: string): Reading {
  const parsed = wholeLineSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return bad(line, "", `${issue?.path.join(".") || "line"}: ${issue?.message ?? "is malformed"}`);
  }
  const { key, status, categories, content } = parsed.data;
  const variants = content.variants.map(({ sku, barcode, options, weightGrams }) => {
    return { sku, barcode, options, weightGrams, attributes: [], prices: [], image: null, stock: null };
  });
  const slug = slugSchema.safeParse(parsed.data.slug).data ?? null;
  const title = textIn(content.title, locale);
  const { brand, collections, typeCode = null } = content;
  const shared = { line, key, slug, status, title, categories, brand, collections, typeCode, variants };
  const named = { titles: content.title, descriptions: content.description, attributes: [], options: [], images: [] };
  return { kind: "product", product: { ...shared, ...named, whole: content } };
}

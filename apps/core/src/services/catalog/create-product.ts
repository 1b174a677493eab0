import { newId, type ProductId, problem } from "@stoa/kernel";
import type { z } from "zod";
import { assertProduct } from "./check-product.ts";
import type { CatalogContext } from "./context.ts";
import { assertFields } from "./custom-fields.ts";
import { type CatalogDatabase, violatedIndex } from "./database.ts";
import { type ProductContent, type ProductDocument, productContentSchema } from "./documents.ts";
import { noteMedia } from "./media/media-library.ts";
import { slugSchema } from "./names.ts";
import { newProductDocument } from "./product.ts";
import { slugify } from "./slug.ts";

export const createProductSchema = productContentSchema.extend({ slug: slugSchema.optional() });
export type CreateProduct = z.infer<typeof createProductSchema>;

/**
 * Adds a draft. Without a slug it takes one from the title, and with a number behind it when that one is taken.
 * @throws Problem `validation_failed` for a product that does not hold together, or does not keep to its type,
 * a taken SKU or slug, an unknown category.
 */
export async function createProduct(context: CatalogContext, input: CreateProduct): Promise<ProductDocument> {
  const { slug: wantedSlug, ...content } = input;
  await assertProduct(context.catalog, content, { withCategories: true });
  await assertFields(context, null, content);
  await noteMedia(context, content);
  const id: ProductId = newId("prod");
  const slug = wantedSlug ?? (await freeSlug(context.catalog, content));
  const product = newProductDocument({ id, slug, status: "draft", content, now: context.now });
  try {
    await context.catalog.products.insertOne(product);
  } catch (error) {
    throw takenProblem(error);
  }
  context.changed({ products: [id], categories: false });
  return product;
}

/** Turns a broken unique index into the refusal that names the field; anything else passes through. */
export function takenProblem(error: unknown): unknown {
  const index = violatedIndex(error);
  if (index === "product_sku") {
    return problem("validation_failed", {
      errors: [{ path: "variants", message: "a SKU belongs to another product" }],
    });
  }
  if (index === "product_slug" || index === "category_slug" || index === "category_slugs") {
    return problem("validation_failed", { errors: [{ path: "slug", message: "is taken" }] });
  }
  return error;
}

async function freeSlug(catalog: CatalogDatabase, content: ProductContent): Promise<string> {
  const title = Object.values(content.title).find((text) => text.trim() !== "") ?? "";
  const base = slugify(title) || slugify(content.variants[0]?.sku ?? "") || "product";
  const candidates = [base, ...Array.from({ length: 30 }, (_, index) => `${base}-${index + 2}`)];
  const taken = await catalog.products.find({ slugs: { $in: candidates } }, { projection: { slugs: 1 } }).toArray();
  const slugs = new Set(taken.flatMap((product) => product.slugs));
  return candidates.find((candidate) => !slugs.has(candidate)) ?? `${base}-${newId("prod").slice(-8)}`;
}

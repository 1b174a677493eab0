import { type CategoryId, idSchema, newId, problem } from "@stoa/kernel";
import { z } from "zod";
import { categoryTree, subtree, wouldLoop } from "./category-tree.ts";
import type { CatalogContext } from "./context.ts";
import { takenProblem } from "./create-product.ts";
import { CATEGORIES_MAX, type CategoryDocument, categoryInputSchema } from "./documents.ts";
import { allCategories } from "./source.ts";

export const saveCategorySchema = z.union([
  categoryInputSchema,
  categoryInputSchema.extend({ id: idSchema("cat"), version: z.int().min(1) }),
]);
export type SaveCategory = z.infer<typeof saveCategorySchema>;

export interface CategoryWrite {
  readonly before: CategoryDocument | null;
  readonly after: CategoryDocument;
}

/**
 * Adds a category, or renames and moves one. Whatever stands below moves along, slugs stay as they are, and the products in
 * the whole branch are brought into the read models again, because they carry their path.
 * @throws Problem `not_found`, `version_conflict`, `validation_failed` (slug taken, unknown parent, below itself, too many).
 */
export async function saveCategory(context: CatalogContext, input: SaveCategory): Promise<CategoryWrite> {
  const categories = await allCategories(context.catalog);
  const tree = categoryTree(categories);
  if (input.parentId !== null && !tree.byId.has(input.parentId)) throw parentProblem("unknown category");
  if (!("id" in input)) {
    if (categories.length >= CATEGORIES_MAX) throw parentProblem(`more than ${CATEGORIES_MAX} categories`);
    return { before: null, after: await insertCategory(context, input) };
  }
  if (wouldLoop(tree, input.id, input.parentId)) throw parentProblem("a category cannot stand below itself");
  const { id, version, ...members } = input;
  const before = categories.find((category) => category._id === id);
  if (!before) throw problem("not_found");
  const after = await replaceCategory(context, { id, version }, members);
  await context.catalog.products.updateMany(
    { categoryIds: { $in: subtree(tree, id) } },
    { $inc: { revision: 1 }, $set: { dirty: true } },
  );
  context.changed({ products: [], categories: true });
  return { before, after };
}

async function insertCategory(
  context: CatalogContext,
  members: z.infer<typeof categoryInputSchema>,
): Promise<CategoryDocument> {
  const { now } = context;
  const category: CategoryDocument = {
    _id: newId("cat"),
    ...members,
    revision: 1,
    dirty: true,
    createdAt: now,
    updatedAt: now,
  };
  try {
    await context.catalog.categories.insertOne(category);
  } catch (error) {
    throw takenProblem(error);
  }
  context.changed({ products: [], categories: true });
  return category;
}

async function replaceCategory(
  context: CatalogContext,
  at: { readonly id: CategoryId; readonly version: number },
  members: z.infer<typeof categoryInputSchema>,
): Promise<CategoryDocument> {
  let after: CategoryDocument | null;
  try {
    after = await context.catalog.categories.findOneAndUpdate(
      { _id: at.id, revision: at.version },
      { $set: { ...members, dirty: true, updatedAt: context.now }, $inc: { revision: 1 } },
      { returnDocument: "after" },
    );
  } catch (error) {
    throw takenProblem(error);
  }
  if (!after) throw problem("version_conflict");
  return after;
}

function parentProblem(message: string) {
  return problem("validation_failed", { errors: [{ path: "parentId", message }] });
}

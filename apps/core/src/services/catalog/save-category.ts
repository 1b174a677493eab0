import { type CategoryId, idSchema, newId, problem } from "@stoa/kernel";
import { z } from "zod";
import { CATEGORIES_MAX, type CategoryDocument, categoryInputSchema } from "./category-document.ts";
import { categoryTree, subtree, wouldLoop } from "./category-tree.ts";
import type { CatalogContext } from "./context.ts";
import { takenProblem } from "./create-product.ts";
import { assertCategoryFields } from "./custom-fields.ts";
import { allCategories } from "./database.ts";

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
 * Adds a category, or renames and moves one. Whatever stands below moves along with its slugs, a slug that is given up leads to
 * the new one, and the products in the whole branch are brought into the read models again, because they carry their path.
 * @throws Problem `not_found`, `version_conflict`, `validation_failed` (slug taken, unknown parent, below itself, too many).
 */
export async function saveCategory(context: CatalogContext, input: SaveCategory): Promise<CategoryWrite> {
  const categories = await allCategories(context.catalog);
  const tree = categoryTree(categories);
  if (input.parentId !== null && tree.byId.get(input.parentId)?._id !== input.parentId) {
    throw parentProblem("unknown category");
  }
  const before = "id" in input ? categories.find((category) => category._id === input.id) : undefined;
  if (input.customFields) await assertCategoryFields(context, before?.customFields ?? null, input.customFields);
  if (!("id" in input)) {
    if (categories.length >= CATEGORIES_MAX) throw parentProblem(`more than ${CATEGORIES_MAX} categories`);
    return { before: null, after: await insertCategory(context, input) };
  }
  if (wouldLoop(tree, input.id, input.parentId)) throw parentProblem("a category cannot stand below itself");
  const { id, version, ...members } = input;
  if (!before || before.goneAt !== undefined) throw problem("not_found");
  const slugs = [...new Set([...(before.slugs ?? [before.slug]), members.slug])];
  const after = await replaceCategory(context, { id, version }, { ...members, slugs });
  await touchProductsIn(context, subtree(tree, id));
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
    slugs: [members.slug],
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

/** Has the products in these categories brought into the read models again, which hold their paths. */
export async function touchProductsIn({ catalog }: CatalogContext, ids: readonly CategoryId[]): Promise<void> {
  const touched = { $inc: { revision: 1 }, $set: { dirty: true } };
  await catalog.products.updateMany({ categoryIds: { $in: [...ids] } }, touched);
}

/** Writes members over the revision that the editor saw. @throws Problem `version_conflict`, `validation_failed` (slug taken). */
export async function replaceCategory(
  context: CatalogContext,
  at: { readonly id: CategoryId; readonly version: number },
  members: Partial<CategoryDocument>,
): Promise<CategoryDocument> {
  let after: CategoryDocument | null;
  try {
    after = await context.catalog.categories.findOneAndUpdate(
      { _id: at.id, revision: at.version, goneAt: { $exists: false } },
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

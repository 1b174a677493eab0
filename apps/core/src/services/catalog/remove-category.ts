import { type CategoryId, idSchema, problem } from "@stoa/kernel";
import { z } from "zod";
import type { CategoryDocument } from "./category-document.ts";
import { categoryTree, subtree, wouldLoop } from "./category-tree.ts";
import type { CatalogContext } from "./context.ts";
import { allCategories, type CatalogDatabase } from "./database.ts";
import { type CategoryWrite, replaceCategory, touchProductsIn } from "./save-category.ts";

const atVersion = z.strictObject({ id: idSchema("cat"), version: z.int().min(1) });

export const mergeCategorySchema = atVersion.extend({ intoId: idSchema("cat") });
export type MergeCategory = z.infer<typeof mergeCategorySchema>;

export const deleteCategorySchema = atVersion.extend({
  /** Its products and what stands below it move up to where it stood; without this only an empty category is deleted. */
  moveContentsUp: z.boolean().default(false),
});
export type DeleteCategory = z.infer<typeof deleteCategorySchema>;

/**
 * Puts everything that a category holds into another one, to which its slugs lead from now on, and takes it away.
 * @throws Problem `not_found`, `version_conflict`, `validation_failed` for a target that is unknown, itself or below it.
 */
export async function mergeCategory(context: CatalogContext, input: MergeCategory): Promise<CategoryWrite> {
  const { categories, before } = await categoryAt(context.catalog, input.id);
  const tree = categoryTree(categories);
  const target = tree.byId.get(input.intoId);
  if (target?._id !== input.intoId) throw intoProblem("unknown category");
  if (wouldLoop(tree, input.id, input.intoId)) throw intoProblem("must not be the category itself or stand below it");
  return takeAway(context, { before, version: input.version, mergedInto: input.intoId });
}

/**
 * Takes a category away. What it held moves up on request: with a parent that is a merge into it; at the root, what stands below
 * becomes roots of their own, its products lose it, and its slugs are free again.
 * @throws Problem `not_found`, `version_conflict`, `state_conflict` (with `products` and `categories`) while it holds something.
 */
export async function deleteCategory(context: CatalogContext, input: DeleteCategory): Promise<CategoryWrite> {
  const { categories, before } = await categoryAt(context.catalog, input.id);
  if (!input.moveContentsUp) await assertEmpty(context.catalog, categories, input.id);
  return takeAway(context, {
    before,
    version: input.version,
    mergedInto: input.moveContentsUp ? before.parentId : null,
  });
}

/** Brings to an end what a crash may have cut short: whatever still names a category that is gone names its heir, or none. */
export async function finishRemovals(catalog: CatalogDatabase): Promise<void> {
  const gone = await catalog.categories.find({ goneAt: { $exists: true }, dirty: true }).toArray();
  for (const category of gone) await rewriteContents(catalog, category);
}

interface TakenAway {
  readonly before: CategoryDocument;
  readonly version: number;
  readonly mergedInto: CategoryId | null;
}

/** One write decides; readers follow it at once, and rewriting the contents may stop anywhere and be done again. */
async function takeAway(context: CatalogContext, { before, version, mergedInto }: TakenAway): Promise<CategoryWrite> {
  const { catalog, now } = context;
  const tree = categoryTree(await allCategories(catalog));
  const at = { id: before._id, version };
  const after = await replaceCategory(context, at, { goneAt: now, mergedInto });
  await touchProductsIn(context, subtree(tree, before._id));
  await rewriteContents(catalog, after);
  context.changed({ products: [], categories: true });
  return { before, after };
}

async function rewriteContents(
  catalog: CatalogDatabase,
  { _id: id, mergedInto = null }: CategoryDocument,
): Promise<void> {
  const { products, categories } = catalog;
  // A working draft that named it would bring it back when it goes out.
  for (const path of ["categoryIds", "working.patch.categoryIds"]) {
    if (mergedInto !== null) {
      // In its own place, since the first category of a product is its main one.
      await products.updateMany(
        { $and: [{ [path]: id }, { [path]: { $ne: mergedInto } }] },
        { $set: { [`${path}.$[gone]`]: mergedInto, dirty: true }, $inc: { revision: 1 } },
        { arrayFilters: [{ gone: id }] },
      );
    }
    const pulled = { $pull: { [path]: id }, $set: { dirty: true }, $inc: { revision: 1 } };
    await products.updateMany({ [path]: id }, pulled);
  }
  await categories.updateMany({ parentId: id }, { $set: { parentId: mergedInto, dirty: true }, $inc: { revision: 1 } });
  if (mergedInto === null) await categories.deleteOne({ _id: id, goneAt: { $exists: true } });
}

async function categoryAt(catalog: CatalogDatabase, id: CategoryId) {
  const categories = await allCategories(catalog);
  const before = categories.find((category) => category._id === id);
  if (!before || before.goneAt !== undefined) throw problem("not_found");
  return { categories, before };
}

async function assertEmpty(
  catalog: CatalogDatabase,
  categories: readonly CategoryDocument[],
  id: CategoryId,
): Promise<void> {
  const products = await catalog.products.countDocuments({ categoryIds: id });
  const below = (categoryTree(categories).childrenOf.get(id) ?? []).length;
  if (products + below === 0) return;
  const detail = `the category holds ${products} products and ${below} categories; move or merge them first`;
  throw problem("state_conflict", { detail, products, categories: below });
}

function intoProblem(message: string) {
  return problem("validation_failed", { errors: [{ path: "intoId", message }] });
}

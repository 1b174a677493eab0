import { idSchema, type ProductId, problem } from "@stoa/kernel";
import { z } from "zod";
import { assertProduct } from "./check-product.ts";
import type { CatalogContext } from "./context.ts";
import { assertFields } from "./custom-fields.ts";
import { type ProductContent, type ProductDocument, productPatchSchema } from "./documents.ts";
import { noteMedia } from "./media/media-library.ts";
import { changedMembers, contentOf, derivedFields } from "./product.ts";
import { contentAhead } from "./schedule.ts";
import { definedMembers, type ProductWrite, productAt, writeProduct } from "./update-product.ts";

export const saveWorkingDraftSchema = z.strictObject({
  id: idSchema("prod"),
  version: z.int().min(1),
  /** Members that the draft replaces, besides those it holds already. */
  patch: productPatchSchema,
});
export type SaveWorkingDraft = z.infer<typeof saveWorkingDraftSchema>;

interface ProductVersion {
  readonly id: ProductId;
  readonly version: number;
}

/**
 * Prepares a change of a published product without showing it. A member that is again what the shop shows leaves the draft.
 * @throws Problem `not_found`, `version_conflict`, `validation_failed`, `state_conflict` unless the product is published.
 */
export async function saveWorkingDraft(context: CatalogContext, input: SaveWorkingDraft): Promise<ProductWrite> {
  const before = await productAt(context, input);
  if (before.status !== "published") {
    throw problem("state_conflict", { detail: "what is not published is edited itself" });
  }
  const ahead = { ...contentAhead(before), ...definedMembers(input.patch) };
  await assertProduct(context.catalog, ahead, {
    withCategories: input.patch.categoryIds !== undefined,
    before,
  });
  await assertFields(context, contentAhead(before), ahead);
  await assertFreeSkus(context, before._id, ahead);
  if (input.patch.media || input.patch.variants) await noteMedia(context, ahead);
  const patch = changedMembers(contentOf(before), ahead);
  const isEmpty = Object.keys(patch).length === 0;
  const working = isEmpty ? null : { patch, savedAt: context.now, problem: null };
  return writeProduct(context, before, { working, ...(isEmpty && { publishAt: null }) });
}

/** Shows the working draft. @throws as saveWorkingDraft, and `state_conflict` when there is none. */
export async function publishWorkingDraft(context: CatalogContext, input: ProductVersion): Promise<ProductWrite> {
  const before = await workingAt(context, input);
  const content = contentAhead(before);
  await assertProduct(context.catalog, content, { withCategories: true, before });
  return writeProduct(context, before, {
    ...content,
    ...derivedFields(content, context.now),
    working: null,
    publishAt: null,
  });
}

/** Throws the working draft away; what the shop shows stays. @throws as publishWorkingDraft. */
export async function discardWorkingDraft(context: CatalogContext, input: ProductVersion): Promise<ProductWrite> {
  return writeProduct(context, await workingAt(context, input), { working: null, publishAt: null });
}

async function workingAt(context: CatalogContext, input: ProductVersion): Promise<ProductDocument> {
  const before = await productAt(context, input);
  if (!before.working) throw problem("state_conflict", { detail: "the product has no working draft" });
  return before;
}

/** The unique index speaks up only when the draft goes out; whoever writes it hears of it now. */
async function assertFreeSkus({ catalog }: CatalogContext, id: ProductId, { variants }: ProductContent): Promise<void> {
  const skus = variants.map((variant) => variant.sku);
  const taken = await catalog.products.findOne({ _id: { $ne: id }, "variants.sku": { $in: skus } });
  if (!taken) return;
  const message = "a SKU belongs to another product";
  throw problem("validation_failed", { errors: [{ path: "variants", message }] });
}

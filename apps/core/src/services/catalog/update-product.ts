import { type Instant, idSchema, type ProductId, problem } from "@stoa/kernel";
import type { UpdateFilter } from "mongodb";
import { z } from "zod";
import { assertProduct } from "./check-product.ts";
import type { CatalogContext } from "./context.ts";
import { takenProblem } from "./create-product.ts";
import { assertFields } from "./custom-fields.ts";
import { type ProductDocument, productPatchSchema } from "./documents.ts";
import { noteMedia } from "./media/media-library.ts";
import { slugSchema } from "./names.ts";
import { keepOffers } from "./prices/history.ts";
import { contentOf, derivedFields } from "./product.ts";

export const updateProductSchema = z.strictObject({
  id: idSchema("prod"),
  /** The revision that the editor saw. */
  version: z.int().min(1),
  patch: productPatchSchema,
});
export type UpdateProduct = z.infer<typeof updateProductSchema>;

/** A product before and after a verb, for the audit log. */
export interface ProductWrite {
  readonly before: ProductDocument;
  readonly after: ProductDocument;
}

/**
 * Replaces the given members of a product.
 * @throws Problem `not_found`, `version_conflict` (with the present `version`), `validation_failed`, `state_conflict` (with the
 * `members`) where a working draft would undo the change when it goes out.
 */
export async function updateProduct(context: CatalogContext, input: UpdateProduct): Promise<ProductWrite> {
  const before = await productAt(context, input);
  const drafted = draftedMembers(before, input.patch);
  if (drafted.length > 0) {
    const detail = `the working draft changes ${drafted.join(", ")}; publish it, discard it, or edit it instead`;
    throw problem("state_conflict", { detail, members: drafted });
  }
  const content = { ...contentOf(before), ...definedMembers(input.patch) };
  await assertProduct(context.catalog, content, {
    withCategories: input.patch.categoryIds !== undefined,
    before,
  });
  await assertFields(context, contentOf(before), content);
  if (input.patch.media || input.patch.variants) await noteMedia(context, content);
  return writeProduct(context, before, { ...content, ...derivedFields(content, context.now) });
}

/** Puts the product up under another slug; the present one leads there from now on. @throws as updateProduct. */
export async function changeSlug(
  context: CatalogContext,
  input: { readonly id: ProductId; readonly version: number; readonly slug: string },
): Promise<ProductWrite> {
  const before = await productAt(context, input);
  const slug = slugSchema.parse(input.slug);
  if (slug === before.slug) return { before, after: before };
  const slugs = before.slugs.includes(slug) ? before.slugs : [...before.slugs, slug];
  return writeProduct(context, before, { slug, slugs });
}

/** Lets go of a former slug: it leads nowhere from now on and may be taken by another product. @throws as updateProduct. */
export async function releaseSlug(
  context: CatalogContext,
  input: { readonly id: ProductId; readonly version: number; readonly slug: string },
): Promise<ProductWrite> {
  const before = await productAt(context, input);
  if (input.slug === before.slug) throw problem("state_conflict", { detail: "the present slug cannot be let go of" });
  return writeProduct(context, before, { slugs: before.slugs.filter((slug) => slug !== input.slug) });
}

/** The product as the editor saw it. @throws Problem `not_found`, `version_conflict`. */
export async function productAt(
  context: CatalogContext,
  input: { readonly id: ProductId; readonly version: number },
): Promise<ProductDocument> {
  const product = await context.catalog.products.findOne({ _id: input.id });
  if (!product) throw problem("not_found");
  if (product.revision !== input.version) throw problem("version_conflict", { version: product.revision });
  return product;
}

/** Writes members over the revision that was read, or refuses because somebody else was faster. */
export async function writeProduct(
  context: CatalogContext,
  before: ProductDocument,
  members: Partial<ProductDocument>,
): Promise<ProductWrite> {
  const [kept] = await keepOffers(context, [{ before, members }]);
  const update: UpdateFilter<ProductDocument> = {
    $set: { ...kept, dirty: true, updatedAt: context.now satisfies Instant },
    $inc: { revision: 1 },
  };
  const filter = { _id: before._id, revision: before.revision };
  let after: ProductDocument | null;
  try {
    after = await context.catalog.products.findOneAndUpdate(filter, update, { returnDocument: "after" });
  } catch (error) {
    throw takenProblem(error);
  }
  if (!after) throw problem("version_conflict");
  context.changed({ products: [before._id], categories: false });
  return { before, after };
}

/** Members that a working draft holds, of those that a change names. */
export function draftedMembers(
  { working }: Pick<ProductDocument, "working">,
  change: UpdateProduct["patch"],
): string[] {
  return Object.keys(definedMembers(change)).filter((name) => Object.hasOwn(working?.patch ?? {}, name));
}

export function definedMembers<T extends object>(patch: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

import { type Instant, mayBecome, type ProductId, problem, type StateTable } from "@stoa/kernel";
import type { CatalogContext } from "./context.ts";
import type { ProductStatus } from "./documents.ts";
import { derivedFields } from "./product.ts";
import { type ProductWrite, productAt, writeProduct } from "./update-product.ts";

const nextStatus: StateTable<ProductStatus> = {
  draft: ["published", "archived"],
  published: ["draft", "archived"],
  archived: ["draft"],
};

/** At most so many scheduled products are touched in one go; the next sweep takes the rest. */
const DUE_MAX = 500;
/** Keeps null, which sorts before every number, out of the range. */
const NEVER = 0 as Instant;

interface ProductVersion {
  readonly id: ProductId;
  readonly version: number;
}

/** Shows a draft in the shop. @throws Problem `not_found`, `version_conflict`, `state_conflict`, `validation_failed`. */
export async function publishProduct(context: CatalogContext, input: ProductVersion): Promise<ProductWrite> {
  return changeStatus(context, input, "published");
}

/** Takes a product out of the shop, as a draft. @throws Problem `not_found`, `version_conflict`, `state_conflict`. */
export async function unpublishProduct(context: CatalogContext, input: ProductVersion): Promise<ProductWrite> {
  return changeStatus(context, input, "draft");
}

/** Puts a product away for good; its SKUs and slugs stay taken. @throws as unpublishProduct. */
export async function archiveProduct(context: CatalogContext, input: ProductVersion): Promise<ProductWrite> {
  return changeStatus(context, input, "archived");
}

/** Lets a draft go out by itself, or takes that back with null. @throws Problem `state_conflict` unless it is a draft. */
export async function schedulePublication(
  context: CatalogContext,
  input: ProductVersion & { readonly publishAt: Instant | null },
): Promise<ProductWrite> {
  const before = await productAt(context, input);
  if (before.status !== "draft") throw problem("state_conflict", { detail: "only a draft can be scheduled" });
  return writeProduct(context, before, { publishAt: input.publishAt });
}

/** Publishes what is due and marks what has a new price by now. Any number of processes may run it. */
export async function touchDueProducts(context: CatalogContext): Promise<number> {
  const { catalog, now } = context;
  const due = await catalog.products
    .find(
      { $or: [{ status: "draft", publishAt: { $gt: NEVER, $lte: now } }, { repriceAt: { $gt: NEVER, $lte: now } }] },
      { limit: DUE_MAX },
    )
    .toArray();
  const operations = due.map((product) => {
    const goesOut = product.status === "draft" && product.publishAt !== null && product.publishAt <= now;
    const published = { status: "published" as const, publishAt: null, publishedAt: product.publishedAt ?? now };
    const { repriceAt } = derivedFields(product, now);
    return {
      updateOne: {
        filter: { _id: product._id, revision: product.revision },
        update: {
          $set: { ...(goesOut ? published : {}), repriceAt, dirty: true, updatedAt: now },
          $inc: { revision: 1 },
        },
      },
    };
  });
  if (operations.length === 0) return 0;
  await catalog.products.bulkWrite(operations, { ordered: false });
  context.changed({ products: due.map((product) => product._id), categories: false });
  return operations.length;
}

async function changeStatus(
  context: CatalogContext,
  input: ProductVersion,
  status: ProductStatus,
): Promise<ProductWrite> {
  const before = await productAt(context, input);
  if (!mayBecome(nextStatus, before.status, status)) {
    throw problem("state_conflict", { detail: `a product that is ${before.status} cannot become ${status}` });
  }
  if (status === "published" && !before.variants.some((variant) => variant.prices.length > 0)) {
    throw problem("validation_failed", { errors: [{ path: "variants", message: "no variant has a price" }] });
  }
  const publishedAt = status === "published" ? (before.publishedAt ?? context.now) : before.publishedAt;
  return writeProduct(context, before, { status, publishAt: null, publishedAt });
}

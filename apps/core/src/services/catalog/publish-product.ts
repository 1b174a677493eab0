import { type Instant, mayBecome, type ProductId, problem, type StateTable } from "@stoa/kernel";
import { MongoBulkWriteError } from "mongodb";
import { readTypes } from "./check-product.ts";
import type { CatalogContext } from "./context.ts";
import type { ProductDocument, ProductStatus } from "./documents.ts";
import { keepOffers } from "./prices/history.ts";
import { contentAhead, dueMembers, heldBack, type Schedule, scheduleRefusal } from "./schedule.ts";
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

/**
 * Sets when a product goes out and off the shop by itself; null takes an hour back, a member that is left out stays.
 * @throws Problem `not_found`, `version_conflict`, `state_conflict`, `validation_failed`.
 */
export async function scheduleProduct(
  context: CatalogContext,
  input: ProductVersion & Partial<Schedule>,
): Promise<ProductWrite> {
  const before = await productAt(context, input);
  const { publishAt = before.publishAt, unpublishAt = before.unpublishAt ?? null } = input;
  const refusal = scheduleRefusal(before, { publishAt, unpublishAt }, context.now);
  if (refusal) throw refusal;
  return writeProduct(context, before, { publishAt, unpublishAt });
}

export interface DueOutcome {
  readonly touched: number;
  /** Working drafts whose hour had come and that could not go out; each product says why. */
  readonly heldBack: readonly ProductId[];
}

/** Publishes and takes down what is due, and marks what has a new price by now. Any number of processes may run it. */
export async function touchDueProducts(context: CatalogContext): Promise<DueOutcome> {
  const { catalog, now } = context;
  const isDue = { $gt: NEVER, $lte: now };
  const due = await catalog.products
    .find({ $or: [{ publishAt: isDue }, { unpublishAt: isDue }, { repriceAt: isDue }] }, { limit: DUE_MAX })
    .toArray();
  if (due.length === 0) return { touched: 0, heldBack: [] };
  const types = await readTypes(catalog, due.filter(({ working }) => working).map(contentAhead));
  const planned = due.map((product) => ({ product, members: dueMembers(product, { now, types }) }));
  const refused = await writeDue(context, planned);
  if (refused.length > 0) await writeDue(context, refused);
  context.changed({ products: due.map((product) => product._id), categories: false });
  const held = [...planned, ...refused].filter(({ members }) => members.working?.problem);
  return { touched: due.length, heldBack: [...new Set(held.map(({ product }) => product._id))] };
}

interface PlannedChange {
  readonly product: ProductDocument;
  readonly members: Partial<ProductDocument>;
}

/** Writes what is still as it was read. Answers how those are to be held back instead whose SKU another product has taken. */
async function writeDue(context: CatalogContext, planned: readonly PlannedChange[]): Promise<PlannedChange[]> {
  const { catalog, now } = context;
  const changes = planned.map(({ product: before, members }) => ({ before, members }));
  const kept = await keepOffers(context, changes);
  const operations = planned.map(({ product }, index) => ({
    updateOne: {
      filter: { _id: product._id, revision: product.revision },
      update: { $set: { ...kept[index], dirty: true, updatedAt: now }, $inc: { revision: 1 } },
    },
  }));
  try {
    await catalog.products.bulkWrite(operations, { ordered: false });
    return [];
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    return [error.writeErrors].flat().flatMap(({ index }) => {
      const product = planned[index]?.product;
      return product ? [{ product, members: heldBack(product, "a SKU belongs to another product") }] : [];
    });
  }
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
  const { unpublishAt = null } = before;
  // An end that has passed, or that belongs to a showing which is over, would take the product down the next time it goes out.
  const keepsEnd = status === "published" && unpublishAt !== null && unpublishAt > context.now;
  const hours = { publishAt: null, unpublishAt: keepsEnd ? unpublishAt : null };
  return writeProduct(context, before, { status, ...hours, publishedAt });
}

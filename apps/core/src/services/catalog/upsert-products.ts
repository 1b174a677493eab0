import { newId, type ProductId } from "@stoa/kernel";
import { type AnyBulkWriteOperation, MongoBulkWriteError } from "mongodb";
import type { CatalogContext } from "./context.ts";
import { indexInMessage } from "./database.ts";
import type { ProductContent, ProductDocument, ProductStatus } from "./documents.ts";
import { keepOffers } from "./prices/history.ts";
import { derivedFields, newProductDocument } from "./product.ts";

/** One product of an import; `existing` says which one it becomes, null that it is new. */
export interface ProductUpsert {
  readonly existing: ProductDocument | null;
  /** Taken by a new product only; a present one keeps its own. */
  readonly slug: string;
  readonly status: ProductStatus;
  readonly content: ProductContent;
  readonly importKey: string;
  readonly importHash: string;
}

/** Per product, in the order given. `overtaken`: somebody has changed it since it was read, and nothing was written. */
export type UpsertOutcome =
  | { readonly kind: "written" }
  | { readonly kind: "overtaken" }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Writes many products in one command, each over the revision that was read. One that breaks a unique index, or that has been changed
 * since, is left out and told of; the others are written. A present product keeps its slug, its status and whatever else an import
 * does not name.
 */
export async function upsertProducts(
  context: CatalogContext,
  upserts: readonly ProductUpsert[],
): Promise<UpsertOutcome[]> {
  if (upserts.length === 0) return [];
  const ids = upserts.map((upsert) => upsert.existing?._id ?? newId("prod"));
  const members = await membersOf(context, upserts);
  const operations = upserts.map((upsert, index) =>
    operationFor(context, upsert, { id: ids[index] ?? newId("prod"), members: members.get(upsert) }),
  );
  const outcomes: UpsertOutcome[] = upserts.map(() => ({ kind: "written" }));
  try {
    await context.catalog.products.bulkWrite(operations, { ordered: false });
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    for (const { index, errmsg } of [error.writeErrors].flat()) {
      outcomes[index] = { kind: "refused", reason: reasonOf(errmsg ?? "") };
    }
  }
  const overtaken = await overtakenAmong(context, upserts);
  for (const [index, upsert] of upserts.entries()) {
    if (overtaken.has(upsert) && outcomes[index]?.kind === "written") outcomes[index] = { kind: "overtaken" };
  }
  context.changed({ products: ids.filter((_, index) => outcomes[index]?.kind === "written"), categories: false });
  return outcomes;
}

/** A command tells how many of its writes found their revision, not which: the others do not carry the hash that was to be written. */
async function overtakenAmong(
  { catalog }: CatalogContext,
  upserts: readonly ProductUpsert[],
): Promise<Set<ProductUpsert>> {
  const present = upserts.filter(({ existing }) => existing !== null);
  if (present.length === 0) return new Set();
  const ids = present.flatMap(({ existing }) => existing?._id ?? []);
  const rows = await catalog.products.find({ _id: { $in: ids } }, { projection: { importHash: 1 } }).toArray();
  const hashes = new Map(rows.map((row) => [row._id, row.importHash]));
  return new Set(present.filter(({ existing, importHash }) => existing && hashes.get(existing._id) !== importHash));
}

/** What is written over each present product. */
async function membersOf(
  context: CatalogContext,
  upserts: readonly ProductUpsert[],
): Promise<Map<ProductUpsert, Partial<ProductDocument>>> {
  const present = upserts.flatMap((upsert) => (upsert.existing ? [{ upsert, before: upsert.existing }] : []));
  const changes = present.map(({ before, upsert: { content, importKey, importHash } }) => {
    return { before, members: { ...content, ...derivedFields(content, context.now), importKey, importHash } };
  });
  const kept = await keepOffers(context, changes);
  return new Map(present.map(({ upsert }, index) => [upsert, kept[index] ?? {}]));
}

function operationFor(
  context: CatalogContext,
  upsert: ProductUpsert,
  { id, members }: { readonly id: ProductId; readonly members: Partial<ProductDocument> | undefined },
): AnyBulkWriteOperation<ProductDocument> {
  const { existing, slug, status, content, importKey, importHash } = upsert;
  const { now } = context;
  if (existing === null) {
    return { insertOne: { document: newProductDocument({ id, slug, status, content, now, importKey, importHash }) } };
  }
  return {
    updateOne: {
      filter: { _id: id, revision: existing.revision },
      update: { $set: { ...members, dirty: true, updatedAt: now }, $inc: { revision: 1 } },
    },
  };
}

function reasonOf(message: string): string {
  const index = indexInMessage(message);
  if (index === "product_sku") return "a SKU belongs to another product";
  if (index === "product_slug") return "the slug belongs to another product";
  return "MongoDB refused the product";
}

import { type Instant, newId, type PriceListId, type ProductId, problem } from "@stoa/kernel";
import type { ProductDocument } from "../documents.ts";
import { PRICE_LISTS_MAX, type PriceListDocument, type PriceListMembers, withTerms } from "./price-list.ts";
import { type ListContext, writeListPrices } from "./write-list-prices.ts";

const PAGE = 200;

export interface PriceListWrite {
  readonly before: PriceListDocument | null;
  readonly after: PriceListDocument;
}

export async function createPriceList(context: ListContext, members: PriceListMembers): Promise<PriceListWrite> {
  const { catalog, now } = context;
  if ((await catalog.priceLists.countDocuments({})) >= PRICE_LISTS_MAX) {
    const detail = `A shop has at most ${PRICE_LISTS_MAX} price lists; delete one that is archived.`;
    throw problem("state_conflict", { detail });
  }
  const dates = { createdAt: now, updatedAt: now };
  const after = { _id: newId("prl"), ...members, archivedAt: null, revision: 1, dirty: false, ...dates };
  await catalog.priceLists.insertOne(after);
  return { before: null, after };
}

interface AtVersion {
  readonly id: PriceListId;
  readonly version: number;
}

/**
 * Replaces what a list says of its prices. Its products follow at once, or after a crash by the next sweep.
 * @throws Problem `not_found`, `version_conflict`, `state_conflict` for one that is archived, `validation_failed` for another currency.
 */
export async function changePriceList(
  context: ListContext,
  { members, ...at }: AtVersion & { readonly members: PriceListMembers },
): Promise<PriceListWrite> {
  const before = await openListAt(context, at);
  if (members.currency !== before.currency) {
    throw problem("validation_failed", { errors: [{ path: "members.currency", message: "stays as it is" }] });
  }
  return write(context, before, members);
}

/** Ends a list for good. Its entries can still be read. @throws as changePriceList. */
export async function archivePriceList(context: ListContext, at: AtVersion): Promise<PriceListWrite> {
  const { now } = context;
  const before = await openListAt(context, at);
  // One that has not begun never will.
  const startsAt = before.startsAt === null || before.startsAt < now ? before.startsAt : ((now - 1) as Instant);
  const endsAt = (before.endsAt === null ? now : Math.min(before.endsAt, now)) as Instant;
  return write(context, before, { startsAt, endsAt, archivedAt: now });
}

/**
 * Takes an archived list away with all of its entries: these count towards what a product may have.
 * @throws Problem `not_found`, `version_conflict`, `state_conflict` for one that is not archived, or was still written to a moment ago.
 */
export async function deletePriceList(context: ListContext, at: AtVersion): Promise<PriceListDocument> {
  const before = await listAt(context, at);
  if (before.archivedAt === null) throw problem("state_conflict", { detail: "archive the price list first" });
  if (before.checkAt !== undefined) {
    throw problem("state_conflict", { detail: "its entries have only just been written; try again in two minutes" });
  }
  await write(context, before, { removedAt: context.now });
  return before;
}

/** @throws Problem `not_found`, `version_conflict`. */
async function listAt({ catalog }: ListContext, { id, version }: AtVersion): Promise<PriceListDocument> {
  const list = await catalog.priceLists.findOne({ _id: id, removedAt: { $exists: false } });
  if (!list) throw problem("not_found");
  if (list.revision !== version) throw problem("version_conflict", { version: list.revision });
  return list;
}

async function openListAt(context: ListContext, at: AtVersion): Promise<PriceListDocument> {
  const list = await listAt(context, at);
  if (list.archivedAt !== null) throw problem("state_conflict", { detail: "the price list is archived" });
  return list;
}

async function write(
  context: ListContext,
  before: PriceListDocument,
  members: Partial<PriceListDocument>,
): Promise<PriceListWrite> {
  const after = await context.catalog.priceLists.findOneAndUpdate(
    { _id: before._id, revision: before.revision },
    { $set: { ...members, dirty: true, updatedAt: context.now }, $inc: { revision: 1 } },
    { returnDocument: "after" },
  );
  if (!after) throw problem("version_conflict");
  await bringTerms(context, after);
  return { before, after };
}

/**
 * Brings the terms of lists to their entries that a crash, or a product that kept changing, has left behind, and looks once more at
 * entries that were written a while ago: whoever wrote them may have ended before they saw that the terms had changed meanwhile.
 */
export async function finishPriceLists(context: ListContext): Promise<void> {
  const { priceLists } = context.catalog;
  const due = { $or: [{ dirty: true }, { checkAt: { $lte: context.now } }] };
  for (const list of await priceLists.find(due).toArray()) {
    const isWhole = await bringTerms(context, list);
    const { _id, checkAt } = list;
    if (isWhole && checkAt !== undefined && checkAt <= context.now)
      await priceLists.updateOne({ _id, checkAt }, { $unset: { checkAt: "" } });
  }
}

/** Answers whether all entries have the terms of this document now. */
async function bringTerms(context: ListContext, list: PriceListDocument): Promise<boolean> {
  const { products, priceLists } = context.catalog;
  let after: ProductId | null = null;
  let isWhole = true;
  for (;;) {
    const filter = { "listPrices.list": list._id, ...(after && { _id: { $gt: after } }) };
    const page: ProductDocument[] = await products.find(filter).sort({ _id: 1 }).limit(PAGE).toArray();
    const left = await writeListPrices(context, page, ({ listPrices = [] }) => withTerms(listPrices, list));
    isWhole &&= left.length === 0;
    const last: ProductDocument | undefined = page.at(-1);
    if (!last || page.length < PAGE) break;
    after = last._id;
  }
  const same = { _id: list._id, revision: list.revision };
  if (isWhole && list.removedAt !== undefined) await priceLists.deleteOne(same);
  else if (isWhole) await priceLists.updateOne(same, { $set: { dirty: false } });
  return isWhole;
}

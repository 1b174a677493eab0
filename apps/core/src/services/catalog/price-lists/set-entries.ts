import { type Instant, money, type PriceListId, problem, refusesCharge } from "@stoa/kernel";
import type { CatalogDatabase } from "../database.ts";
import type { ProductDocument } from "../documents.ts";
import { LIST_PRICES_PER_PRODUCT_MAX, type PriceListDocument, type PriceListEntry, withEntries } from "./price-list.ts";
import { type ListContext, writeListPrices } from "./write-list-prices.ts";

/** What is wrong with one entry, by its place in the call. */
export interface EntryError {
  readonly row: number;
  readonly sku: string;
  readonly message: string;
}

export interface SetEntriesResult {
  /** Entries that are as they were asked for. */
  readonly set: number;
  readonly errors: readonly EntryError[];
}

/** Longer than a call takes. */
const CHECK_AFTER_MS = 60_000;

/**
 * Sets many entries of a list at once; entries that are not named stay. What cannot be set is told of, everything else is.
 * @throws Problem `not_found`, `state_conflict` for a list that is archived.
 */
export async function setEntries(
  context: ListContext,
  { id, entries }: { readonly id: PriceListId; readonly entries: readonly PriceListEntry[] },
): Promise<SetEntriesResult> {
  const { catalog } = context;
  const list = await catalog.priceLists.findOne({ _id: id, removedAt: { $exists: false } });
  if (!list) throw problem("not_found");
  if (list.archivedAt !== null) throw archived();
  const skus = [...new Set(entries.map(({ sku }) => sku))];
  const products = await catalog.products.find({ "variants.sku": { $in: skus } }).toArray();
  const owners = new Map(products.flatMap((product) => product.variants.map(({ sku }) => [sku, product] as const)));
  const refused = refusals(entries, owners, list);
  const good = entries.filter((_, row) => !refused.has(row));
  const bySku = Map.groupBy(good, ({ sku }) => owners.get(sku)?._id);
  // Should this process end between the two writes below, the sweep looks at the list's entries by itself.
  const { matchedCount } = await catalog.priceLists.updateOne(
    { _id: id, archivedAt: null },
    { $max: { checkAt: (context.now + CHECK_AFTER_MS) as Instant } },
  );
  if (matchedCount === 0) throw archived();
  const left = await writeListPrices(context, products, (product) =>
    withEntries(product.listPrices ?? [], list, bySku.get(product._id) ?? []),
  );
  // Terms that have changed meanwhile may have come to these products before the entries did. Whoever is bringing them to all products
  // right now has passed these: only another revision keeps them from calling the list clean.
  const changed = { _id: id, revision: { $ne: list.revision } };
  await catalog.priceLists.updateOne(changed, { $set: { dirty: true }, $inc: { revision: 1 } });
  entries.forEach(({ sku }, row) => {
    const owner = owners.get(sku)?._id;
    if (owner && left.includes(owner)) refused.set(row, "the product is being changed by somebody else; try again");
  });
  const errors = [...refused].map(([row, message]) => ({ row, sku: entries[row]?.sku ?? "", message }));
  return { set: entries.length - errors.length, errors };
}

function archived() {
  return problem("state_conflict", { detail: "the price list is archived" });
}

function refusals(
  entries: readonly PriceListEntry[],
  owners: ReadonlyMap<string, ProductDocument>,
  list: PriceListDocument,
): Map<number, string> {
  const refused = new Map<number, string>();
  const seen = new Set<string>();
  entries.forEach(({ sku, minQuantity, amount }, row) => {
    const uncharged = amount === null ? null : refusesCharge(money(amount, list.currency));
    const key = `${minQuantity} ${sku}`;
    if (seen.has(key)) refused.set(row, "stands here twice");
    else if (!owners.has(sku)) refused.set(row, "no product has this SKU");
    else if (uncharged !== null) refused.set(row, `amount: ${uncharged}`);
    seen.add(key);
  });
  const good = entries.flatMap((entry, row) => (refused.has(row) ? [] : [{ entry, row }]));
  for (const [product, rows] of Map.groupBy(good, ({ entry }) => owners.get(entry.sku))) {
    const wanted = withEntries(
      product?.listPrices ?? [],
      list,
      rows.map(({ entry }) => entry),
    );
    if (wanted.length <= LIST_PRICES_PER_PRODUCT_MAX) continue;
    for (const { row } of rows)
      refused.set(row, `a product has at most ${LIST_PRICES_PER_PRODUCT_MAX} prices of lists, archived ones included`);
  }
  return refused;
}

/** The entries of a list, a page of products at a time. */
export async function* entriesOf({ products }: CatalogDatabase, id: PriceListId): AsyncIterable<PriceListEntry> {
  const filter = { "listPrices.list": id };
  for await (const { listPrices = [] } of products.find(filter, { projection: { listPrices: 1 } }).sort({ _id: 1 })) {
    for (const { list, sku, minQuantity = 1, amount } of listPrices)
      if (list === id) yield { sku, minQuantity, amount };
  }
}

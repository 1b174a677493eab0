import type { Instant } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { z } from "zod";
import { viewPlaces } from "./base-prices.ts";
import { kitEntries, kitStockKeys, kitsIn, noteParts } from "./kit-stock.ts";
import { type ProductBase, stockSkus } from "./product-base.ts";
import {
  formerViewKeys,
  plainTexts,
  productKey,
  recommendationKeys,
  type StoredBase,
  storedBases,
  summaryKey,
  viewKeys,
} from "./product-keys.ts";
import { type Availability, priceChanges, renderProduct, unitsOf } from "./render.ts";
import type { SearchQueue } from "./search-queue.ts";
import { type KnownStock, ownersIn, readStock, stockEntry } from "./stock-entry.ts";
import type { Entry, ReadModelStore } from "./store.ts";

/** A product that changes more often than this while it is written is left to the next sweep. */
const ROUNDS_MAX = 8;

export interface WriterDeps {
  readonly store: ReadModelStore;
  readonly queue: SearchQueue;
  /** The shop's own; a SKU with as many units or fewer is low. */
  readonly lowStockThreshold: () => Promise<number>;
}

/** What has changed: the products, or nothing but their stock. */
type Changed = "products" | "stock";

/** "repair" also replaces what is of the same version and different, and leaves the search index to the rebuild. */
export type WriteMode = "newer" | "repair";

type Bases = ReadonlyMap<string, ProductBase>;
type Stock = ReadonlyMap<string, KnownStock>;

/**
 * Writes everything that follows from these bases and their stock, and takes away what followed from `before` only.
 * Views of one product lie under several keys, so no single command can write them all: after writing, the base is read again,
 * and whoever finds another one there writes once more. The last writer of a product thus always leaves it whole.
 */
export async function writeViews(
  deps: WriterDeps,
  bases: readonly StoredBase[],
  options: { readonly mode: WriteMode; readonly changed?: Changed; readonly before?: Bases },
): Promise<void> {
  let round = bases;
  let { changed = "products", before = new Map() } = options;
  for (let count = 0; round.length > 0; count += 1) {
    if (count === ROUNDS_MAX) throw new Error(`${round[0]?.id} changes faster than it can be written`);
    await writeOnce(deps, round, { mode: options.mode, changed, before });
    const written = new Map(round.map((stored) => [stored.id, stored]));
    const present = await storedBases(deps.store, [...written.keys()]);
    round = present.filter(({ id, major }) => major !== written.get(id)?.major);
    changed = "products";
    before = new Map([...written].flatMap(([id, { base }]) => (base ? [[id, base] as const] : [])));
  }
}

async function writeOnce(
  deps: WriterDeps,
  bases: readonly StoredBase[],
  { mode, changed, before }: { mode: WriteMode; changed: Changed; before: Bases },
): Promise<void> {
  const { store, queue } = deps;
  const live = bases.flatMap(({ major, base }) => (base ? [{ major, base }] : []));
  const skus = live.flatMap(({ base }) => [...stockSkus(base), ...kitsIn(base).map((kit) => kit.sku)]);
  // Before the stock is read: whoever tells of a part after that finds the kit.
  await noteParts(store, live);
  const stock = await readStock(store, skus);
  const units = unitsOf(stock);
  const now = store.clock.now();
  const views = live.flatMap(({ major, base }) => viewsOf({ base, major }, { stock, units, now }));
  // Marked first: a crash in between then costs a search update too many, never one too few.
  if (mode === "newer") await queue.mark(await needingSearch(store, bases, views));
  const told = await write(
    store,
    views.flatMap((view) => [view.product, view.summary]),
    mode,
  );
  told.push(...(await tellStock(deps, bases, stock, mode)));
  if (changed === "products") told.push(...(await writeRest(store, bases, { mode, before })));
  await store.invalidate(told);
}

/** Writes what stock is no part of. Answers the keys that changed. */
async function writeRest(
  store: ReadModelStore,
  bases: readonly StoredBase[],
  { mode, before }: { mode: WriteMode; before: Bases },
): Promise<string[]> {
  const live = bases.flatMap(({ major, base }) => (base ? [{ major, base }] : []));
  const told = await write(store, live.flatMap(translationEntries), mode);
  const texts = live.flatMap(({ base }) => plainTexts(base));
  const replaced = await store.setTexts(texts);
  const removed = await removeOld(store, bases, before);
  return [...told, ...texts.filter((_, index) => replaced[index]).map(({ key }) => key), ...removed];
}

/** Answers the keys of the entries that tell something else by now. */
async function write(store: ReadModelStore, entries: readonly Entry[], mode: WriteMode): Promise<string[]> {
  const differs = mode === "repair" ? await store.repair(entries) : await store.setIfNewer(entries);
  return entries.filter((_, index) => differs[index]).map(({ key }) => key);
}

interface View {
  readonly id: string;
  readonly inStock: boolean;
  readonly product: Entry;
  readonly summary: Entry;
}

/** A view is as new as the product's revision and, within it, as all its stock together. */
function viewsOf(
  { base, major }: { readonly base: ProductBase; readonly major: number },
  { stock, units, now }: { readonly stock: Stock; readonly units: Availability; readonly now: Instant },
): View[] {
  const minor = stockSkus(base).reduce((sum, sku) => sum + (stock.get(sku)?.version ?? 0), 0);
  const version = { major, minor };
  return viewPlaces(base).flatMap((place) => {
    const renderAt = (at: Instant) => renderProduct(base, units, { ...place, now: at });
    const rendered = renderAt(now);
    if (!rendered) return [];
    const later = priceChanges(base, place).flatMap((from) => {
      const then = from > now ? renderAt(from) : null;
      return then ? [{ from, ...then }] : [];
    });
    const entryOf = (key: string, part: "product" | "summary"): Entry => ({
      key,
      version,
      body: JSON.stringify(rendered[part]),
      ...(place.channels && { channels: place.channels }),
      later: later.map((then) => ({ from: then.from, body: JSON.stringify(then[part]) })),
    });
    return [
      {
        id: base.id,
        inStock: rendered.summary.inStock,
        product: entryOf(productKey(place, base.slug), "product"),
        summary: entryOf(summaryKey(place, base.id), "summary"),
      },
    ];
  });
}

/** What is told otherwise in other languages; stock is no part of it. */
function translationEntries({ base, major }: { base: ProductBase; major: number }): Entry[] {
  const version = { major, minor: 0 };
  return Object.entries(base.translations ?? {}).map(([locale, texts]) => ({
    key: keys.texts(locale, base.id),
    version,
    body: JSON.stringify(texts),
  }));
}

/**
 * Tells the stock of these products' SKUs by their present revision: whether a SKU may be sold ahead is the catalog's word.
 * A SKU that inventory has never told of has none. Answers the keys that changed.
 */
async function tellStock(deps: WriterDeps, bases: readonly StoredBase[], stock: Stock, mode: WriteMode) {
  const { store } = deps;
  const lowStockThreshold = await deps.lowStockThreshold();
  const now = store.clock.now();
  const kits = kitEntries(bases, { stock, lowStockThreshold, now });
  const own = [...ownersIn(bases)].flatMap(([sku, owner]) => {
    const known = stock.get(sku);
    if (known && known.ownerRevision >= owner.revision) return [];
    const { allowBackorder } = owner;
    const fact = { sku, available: known?.view.available ?? 0, version: known?.version ?? 0, allowBackorder };
    return [stockEntry(fact, { owner, known, lowStockThreshold, now })];
  });
  return write(store, [...own, ...kits], mode);
}

const summaryState = z.object({ inStock: z.boolean() });

/** The search index needs to know of another revision, and of nothing in the stock but whether there is any. */
async function needingSearch(
  store: ReadModelStore,
  bases: readonly StoredBase[],
  views: readonly View[],
): Promise<string[]> {
  const shown = [...new Map(views.map((view) => [view.id, view])).values()];
  const old = await store.envelopes(shown.map((view) => view.summary.key));
  const unchanged = new Set<string>();
  shown.forEach((view, index) => {
    const envelope = old[index];
    if (!envelope || envelope.version.major !== view.summary.version.major) return;
    if (summaryState.parse(JSON.parse(envelope.body)).inStock === view.inStock) unchanged.add(view.id);
  });
  return bases.filter(({ id }) => !unchanged.has(id)).map(({ id }) => id);
}

/**
 * Takes away what a product had before and has no longer. Views under former slugs go in any case: a crash between two writes
 * might have left them behind. Answers the keys that were there.
 */
async function removeOld(store: ReadModelStore, bases: readonly StoredBase[], before: Bases): Promise<string[]> {
  const kept = new Set(
    bases.flatMap(({ base }) =>
      base ? [...viewKeys(base), ...kitStockKeys(base), ...plainTexts(base).map(({ key }) => key)] : [],
    ),
  );
  const views = bases.flatMap(({ id, major, base }) => {
    const old = before.get(id);
    const candidates = [
      ...(old ? [...viewKeys(old), ...kitStockKeys(old)] : []),
      ...(base ? formerViewKeys(base) : []),
    ];
    return candidates.filter((key) => !kept.has(key)).map((key) => ({ key, major }));
  });
  const texts = bases.flatMap(({ id }) => {
    const old = before.get(id);
    return old ? plainTexts(old).filter(({ key }) => !kept.has(key)) : [];
  });
  const lists = bases.flatMap(({ id, base }) => (base ? [] : recommendationKeys(id)));
  const removedLists = await store.remove(lists);
  const removedViews = await store.deleteUnlessNewer(views);
  const removedTexts = await store.deleteIfEqual(texts);
  return [
    ...views.filter((_, index) => removedViews[index]).map(({ key }) => key),
    ...texts.filter((_, index) => removedTexts[index]).map(({ key }) => key),
    ...lists.filter((_, index) => removedLists[index]),
  ];
}

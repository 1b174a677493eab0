import { keys, SCHEMA } from "@stoa/read-models";

/** Redis keys of the projections themselves. Edge reads none of them, and all may be lost: a rebuild makes them anew. */
export const ownKeys = {
  /** Name of the Redis server that the read models were written to. */
  filledServer: `${SCHEMA}:filled-server`,
  /** There while the counts of the category tree are older than the products. */
  categoriesStale: `${SCHEMA}:categories-stale`,
  /** Counter that orders the writers of the category tree. */
  categoryTicket: `${SCHEMA}:category-ticket`,
  /** Hash: product id → token of the change that the search index does not show yet. */
  searchPending: `${SCHEMA}:search-pending`,
  /** Name of the search collection that is being filled, while it is. */
  searchBuilding: `${SCHEMA}:search-building`,
  /** Set: ids of products that changed while it was. */
  searchReplay: `${SCHEMA}:search-replay`,
  /** IndexLanguages (JSON) of the search index that is shown. */
  searchLanguages: `${SCHEMA}:search-languages`,
  /** IndexPrices (JSON) of the same index. A key of its own, because a release from before it compares the languages as a whole. */
  searchPrices: `${SCHEMA}:search-prices`,
  /** What `keys.searchCorpus` becomes when a rebuild is done. */
  searchCorpusNext: (locale: string | null) => `${keys.searchCorpus(locale)}:next`,
  /** Set: ids of the products that are counted in it. */
  searchCounted: `${SCHEMA}:search-{counted}`,
  searchCountedNext: `${SCHEMA}:search-{counted}:next`,
  /** Hash: product id → units sold in the window. */
  sold: `${SCHEMA}:sold`,
  /** There while recommendations are older than what they are made of. */
  recommendStale: `${SCHEMA}:recommend-stale`,
  /** There while a kind of work rests. */
  rest: (work: string) => `${SCHEMA}:lock:rest:${work}`,
  /** Set: ids of products with a kit that this SKU is, or was, a part of. */
  kitsWith: (sku: string) => `${SCHEMA}:kits-with:${sku}`,
  /** There while the sitemap is older than the products. */
  sitemapStale: `${SCHEMA}:sitemap-stale`,
  /** Held by the one process that does a kind of work at present. */
  lock: (work: string) => `${SCHEMA}:lock:${work}`,
} as const;

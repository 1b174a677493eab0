import type { CartId, Currency, CustomerId, OrderId, ProductId } from "@stoa/kernel";

/**
 * Every Redis key that core writes and edge reads, in one place.
 * Bump SCHEMA when a stored shape changes: old and new releases then live side by side until the rebuild is done.
 */
export const SCHEMA = "v1";

export const keys = {
  /** Settings that edge needs before it can answer: ShopView. */
  shop: () => `${SCHEMA}:shop`,
  /** ProductView of a published product in one currency, by present slug; a channel has one of its own where its prices are others. */
  product: (currency: Currency, slug: string, channel?: string) =>
    `${SCHEMA}:product:${currency}${channel ? `@${channel}` : ""}:${slug}`,
  /** ProductSummaryView in one currency, by product id; the same. */
  summary: (currency: Currency, id: ProductId | string, channel?: string) =>
    `${SCHEMA}:summary:${currency}${channel ? `@${channel}` : ""}:${id}`,
  /** A former slug → the present one (plain text). */
  formerSlug: (slug: string) => `${SCHEMA}:former-slug:${slug}`,
  /** What core needs to render a product again when only its stock changed. Not for edge. */
  productBase: (id: ProductId | string) => `${SCHEMA}:product-base:${id}`,
  /** SKU → product id (plain text). Not for edge. */
  skuOwner: (sku: string) => `${SCHEMA}:sku-owner:${sku}`,
  /** The whole category tree, as the endpoint answers it. */
  categories: () => `${SCHEMA}:categories`,
  /** The same as another channel than the default one counts it, with names in its language. */
  categoriesOf: (channel: string, locale: string) => `${SCHEMA}:categories@${channel}:${locale}`,
  /** The same with names in another language than the shop's own. */
  categoriesIn: (locale: string) => `${SCHEMA}:categories:${locale}`,
  /** ProductTextsView: what of a product is told otherwise in this language than in the shop's own. */
  texts: (locale: string, id: ProductId | string) => `${SCHEMA}:texts:${locale}:${id}`,
  /** Slugs that categories have given up → the present ones (a JSON object). */
  formerCategories: () => `${SCHEMA}:former-categories`,
  /** SitemapView (plain JSON): how many chunks of pages there are. */
  sitemap: () => `${SCHEMA}:sitemap`,
  /** SitemapEntry[] (plain JSON), from chunk 0. */
  sitemapChunk: (number: number) => `${SCHEMA}:sitemap:${number}`,
  /** What product types say of their attributes: AttributeView[]. */
  attributes: () => `${SCHEMA}:attributes`,
  /** The shop's own fields, as far as shoppers meet them: CustomFieldView[]. */
  customFields: () => `${SCHEMA}:custom-fields`,
  /** StockView by SKU. */
  stock: (sku: string) => `${SCHEMA}:stock:${sku}`,
  /** Product ids, best first (JSON array of ids), by kind and product id. */
  recommendations: (kind: "similar" | "bought-together", id: ProductId | string) => `${SCHEMA}:recommend:${kind}:${id}`,
  /** Ids of the shop's bestsellers, best first (JSON array). */
  bestsellers: () => `${SCHEMA}:bestsellers`,
  /** OrderView by order id. */
  order: (id: OrderId | string) => `${SCHEMA}:order:${id}`,
  /** KeyRingView: the API keys in force. */
  keyRing: () => `${SCHEMA}:key-ring`,
  /** Hash: API key id → when edge saw it last (ms); core takes it away. */
  keyUses: () => `${SCHEMA}:key-uses`,
  /** Nothing lies here: named by invalidations when what a search finds may have changed. */
  searchIndex: () => `${SCHEMA}:search-index`,
  /** Hash: what the search index holds in all, a count for each term; see `corpusFields`. One for each further language of the shop. */
  searchCorpus: (locale: string | null) => `${SCHEMA}:search-{corpus}${locale === null ? "" : `:${locale}`}`,
  /** SearchRulesView (JSON). */
  searchRules: () => `${SCHEMA}:search-rules`,
  /** Sorted set: queries that found nothing, by how often. */
  searchMisses: () => `${SCHEMA}:search-misses`,
  /** Sorted set: what shoppers looked for with success, by how often. */
  searchHits: () => `${SCHEMA}:search-hits`,
  /** Sorted set: keys of the answers that edge keeps for a customer's requests, or for guests' about a cart or an order, by when. */
  answersOf: (owner: CustomerId | CartId | OrderId | string) => `${SCHEMA}:answers-of:${owner}`,
  /** Written last by a full rebuild, so that edge knows the read models are there. */
  ready: () => `${SCHEMA}:ready`,
} as const;

export const channels = {
  /** Core → every edge: read-model keys that have changed, newline-separated. */
  invalidate: `${SCHEMA}:invalidate`,
  /** Core → every core: ids of orders whose view has changed, newline-separated, for dashboards that watch. */
  orders: `${SCHEMA}:orders-changed`,
  /** Core → whoever waits for this order: the envelope of its new OrderView. */
  order: (id: OrderId | string) => `${SCHEMA}:order-changed:${id}`,
} as const;

/** better-auth's session store: `<prefix><session token>` → JSON of `{ session, user }`. */
export const SESSION_KEY_PREFIX = "auth:";

/**
 * Alias in Typesense behind which the current product collection stands. It is renamed when the documents change their shape: two
 * releases then each have an index of their own, and the sweep of the new one fills it.
 */
export const PRODUCTS_ALIAS = "products-v4";

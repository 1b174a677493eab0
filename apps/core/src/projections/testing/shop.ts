import { newId, type ProductId } from "@stoa/kernel";
import { keys, productSummaryViewSchema, productViewSchema, type ShopView } from "@stoa/read-models";
import { Redis } from "ioredis";
import type { AllFields, ReadFields } from "../../platform/custom-fields/index.ts";
import { catalogSource, createProduct, publishProduct } from "../../services/catalog/index.ts";
import { noFields } from "../../testing/index.ts";
import { createProjections, type Projections, type ProjectionsDeps } from "../projections.ts";
import { SearchIndex } from "../search-index.ts";
import type { Shop } from "../shop-view.ts";
import type { StockFact } from "../stock-entry.ts";
import { ReadModelStore } from "../store.ts";
import { type ProductMembers, someProduct, type TestCatalog, testCatalog } from "./catalog.ts";
import { ownDatabase } from "./own-database.ts";

const redisUrl = process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6399";
const typesenseUrl = process.env.TEST_TYPESENSE_URL ?? "http://127.0.0.1:18108";
const typesenseKey = process.env.TEST_TYPESENSE_API_KEY ?? "stoa-dev";

export interface TestShop extends TestCatalog {
  readonly redis: Redis;
  readonly store: ReadModelStore;
  readonly index: SearchIndex;
  readonly projections: Projections;
  /** What inventory would answer. */
  readonly stock: Map<string, StockFact>;
  readonly failures: unknown[];
  /** Settings of the shop that a test sets otherwise. */
  readonly settings: { -readonly [Name in keyof ShopView]?: ShopView[Name] };
  /** The shop's own fields; none until a test says so. */
  readonly fields: { -readonly [Name in keyof AllFields]: AllFields[Name] };
  /** The shop as its settings say. */
  settingsNow(): Promise<Shop>;
  /** Another core beside the first one, made of something else where a test says so. */
  anotherCore(change?: Partial<ProjectionsDeps>): Projections;
  publish(members: ProductMembers): Promise<ProductId>;
  stockChanged(sku: string, available: number): Promise<void>;
  /** Has a core take in what inventory tells, and waits until everything shows it. */
  tellStock(core: Projections, fact: StockFact): Promise<void>;
  product(slug: string): Promise<ReturnType<typeof productViewSchema.parse> | null>;
  summary(id: string): Promise<ReturnType<typeof productSummaryViewSchema.parse> | null>;
  /** Every key with its value, but for locks, marks and counters. */
  snapshot(): Promise<Record<string, string | null>>;
}

/** A catalog, a Redis database and a search alias of its own, with the projections between them. */
export async function testShop(): Promise<TestShop> {
  const shop = await testCatalog();
  // Emptied for each test; commands may take as long as a busy machine does.
  const db = await ownDatabase(redisUrl);
  const redis = new Redis(redisUrl, { db, maxRetriesPerRequest: 1, commandTimeout: 30_000 });
  await redis.flushdb();
  const alias = `test_${newId("cat")}`;
  const index = new SearchIndex({ url: typesenseUrl, apiKey: typesenseKey, alias });
  const store = new ReadModelStore(redis, shop.clock);
  const stock = new Map<string, StockFact>();
  const failures: unknown[] = [];
  const settings: Partial<ShopView> = {};
  const fields: TestShop["fields"] = {
    ...{ product: [], variant: [], category: [], customer: [] },
    ...{ order: [], order_line: [], return: [], location: [] },
  };
  const settingsNow = async () => ({ view: { ...view, ...settings } });
  const anotherCore = (change: Partial<ProjectionsDeps> = {}) =>
    createProjections({
      redis,
      index,
      source: catalogSource(shop.catalog),
      stock: async (skus) => skus.flatMap((sku) => stock.get(sku) ?? []),
      shop: settingsNow,
      fields: async () => ({ ...fields }),
      keyRing: async () => ({ view: { keys: [] }, version: 0 }),
      server: async () => null,
      retell: async () => undefined,
      clock: shop.clock,
      failed: (_, error) => failures.push(error),
      done: () => undefined,
      ...change,
    });
  const projections = anotherCore();
  const { stockChanged, tellStock } = telling(shop, projections, stock);
  return {
    ...shop,
    redis,
    store,
    index,
    projections,
    stock,
    failures,
    settings,
    fields,
    settingsNow,
    anotherCore,
    async publish(members) {
      const readFields: ReadFields = async (entity) => fields[entity];
      const context = { catalog: shop.catalog, now: shop.clock.now(), changed: () => undefined, readFields };
      const product = await createProduct(context, someProduct(members));
      await publishProduct(context, { id: product._id, version: 1 });
      return product._id;
    },
    stockChanged,
    tellStock,
    ...readingBack({ redis, store, projections }),
    async [Symbol.asyncDispose]() {
      await projections.idle();
      for (const name of await index.collections()) await index.drop(name);
      await redis.flushdb();
      redis.disconnect();
      await shop[Symbol.asyncDispose]();
    },
  };
}

/** Inventory's news, as they reach the projections. */
function telling({ clock }: TestCatalog, projections: Projections, stock: TestShop["stock"]) {
  const tellStock = async (core: Projections, fact: StockFact) => {
    const told = await core.handlers["stock.changed"]?.([{ payload: fact, availableAt: clock.now() }]);
    await told?.rest;
  };
  const stockChanged = async (sku: string, available: number) => {
    const version = (stock.get(sku)?.version ?? 0) + 1;
    const fact = { sku, available, version, allowBackorder: false };
    stock.set(sku, fact);
    await tellStock(projections, fact);
  };
  return { tellStock, stockChanged };
}

/** What the projections have left in Redis. */
function readingBack({ redis, store, projections }: Pick<TestShop, "redis" | "store" | "projections">) {
  return {
    async product(slug) {
      const [envelope] = await store.envelopes([keys.product("USD", slug)]);
      return envelope ? productViewSchema.parse(JSON.parse(envelope.body)) : null;
    },
    async summary(id) {
      const [envelope] = await store.envelopes([keys.summary("USD", id)]);
      return envelope ? productSummaryViewSchema.parse(JSON.parse(envelope.body)) : null;
    },
    async snapshot() {
      // It follows by a chore of its own.
      await projections.refreshSitemap();
      const all = await redis.keys("v1:*");
      const found = all
        .filter((key) => !/:(?:lock|kits-with|search-|recommend-stale|sitemap-stale|sold|category-ticket)/.test(key))
        .sort();
      const texts = await store.texts(found);
      return Object.fromEntries(found.map((key, index) => [key, texts[index] ?? null]));
    },
  } satisfies Partial<TestShop>;
}

/** Leaves it to a sweep to find what has changed. */
export const untold = () => undefined;

/** How staff change the catalog of a shop without fields of its own; the projections are told at once unless said otherwise. */
export function catalogContext(
  { catalog, clock, projections }: TestShop,
  changed: Projections["catalogChanged"] = projections.catalogChanged,
) {
  return { catalog, now: clock.now(), changed, readFields: noFields };
}

const view: ShopView = {
  name: "Test shop",
  defaultCurrency: "USD",
  currencies: ["USD", "EUR"],
  lowStockThreshold: 3,
  locale: "en-US",
  locales: [],
  productUrl: null,
  categoryUrl: null,
  channels: [],
  version: 1,
};

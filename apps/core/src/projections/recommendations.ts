import { type Instant, isId, type ProductId } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { z } from "zod";
import type { ProductDocument } from "../services/catalog/index.ts";
import { setMark } from "./marks.ts";
import { ownKeys } from "./own-keys.ts";
import type { PlainText } from "./product-keys.ts";
import type { ProjectorDeps } from "./product-projector.ts";
import { LOGISTICS } from "./search-document.ts";
import { type Features, similarProducts } from "./similar.ts";
import { type SalesTally, tallySales } from "./tally.ts";

/** What a confirmed order tells; each comes once for each order, and a second time does no harm. */
export const orderConfirmedSchema = z.object({
  orderId: z.string(),
  items: z.array(z.object({ sku: z.string(), quantity: z.int().positive() })),
});

const PAGE = 500;
const ORDERS_MAX = 50_000;
const BESTSELLERS_MAX = 50;
/** Attribute values of one product that are compared. */
const TOKENS_MAX = 40;
const TOKEN_LENGTH_MAX = 60;

/** Remembers what an order sold. SKUs that are not in the shop any more are left out. */
export async function recordOrder(
  deps: ProjectorDeps,
  order: z.infer<typeof orderConfirmedSchema>,
  at: Instant,
): Promise<void> {
  const owners = await deps.store.texts(order.items.map((item) => keys.skuOwner(item.sku)));
  const units = new Map<ProductId, number>();
  order.items.forEach(({ quantity }, index) => {
    const owner = owners[index];
    if (isId("prod", owner)) units.set(owner, (units.get(owner) ?? 0) + quantity);
  });
  if (units.size === 0) return;
  const items = [...units].map(([productId, sold]) => ({ productId, units: sold }));
  await deps.source.recordSale(order.orderId, at, items);
  await setMark(deps.store.redis, ownKeys.recommendStale);
}

/**
 * Works out all recommendations anew and writes those that differ: similar ones, what is bought together, and bestsellers, filled
 * up with the newest products while too little is sold. Lists hold published products; edge leaves out what is sold out.
 */
export async function refreshRecommendations(deps: ProjectorDeps): Promise<void> {
  const { store, source, queue } = deps;
  const { features, newest } = await readFeatures(deps);
  const published = new Set(features.map((product) => product.id));
  const tally = await tallySales(source.sales(ORDERS_MAX));
  const bestsellers = rank(tally, published, newest);
  const changed = await writeTexts(deps, [{ key: keys.bestsellers(), text: JSON.stringify(bestsellers) }]);
  changed.push(...(await writeTexts(deps, togetherTexts(tally, published))));
  for (const lists of similarProducts(features)) {
    const texts = [...lists].map(([id, ids]) => ({
      key: keys.recommendations("similar", id),
      text: JSON.stringify(ids),
    }));
    changed.push(...(await writeTexts(deps, texts)));
  }
  await store.invalidate(changed);
  await queue.mark((await writeSold(deps, tally)).filter((id) => published.has(id)));
}

async function writeTexts({ store }: ProjectorDeps, texts: readonly PlainText[]): Promise<string[]> {
  const written = await store.setTexts(texts);
  return texts.filter((_, index) => written[index]).map(({ key }) => key);
}

function togetherTexts(tally: SalesTally, published: ReadonlySet<string>): PlainText[] {
  return [...tally.together]
    .filter(([id]) => published.has(id))
    .map(([id, others]) => ({
      key: keys.recommendations("bought-together", id),
      text: JSON.stringify(others.filter((other) => published.has(other))),
    }));
}

function rank(tally: SalesTally, published: ReadonlySet<string>, newest: readonly string[]): string[] {
  const sold = [...tally.sold]
    .filter(([id]) => published.has(id))
    .sort(([leftId, left], [rightId, right]) => right - left || (leftId < rightId ? -1 : 1))
    .map(([id]) => id);
  return [...new Set([...sold, ...newest])].slice(0, BESTSELLERS_MAX);
}

/** Keeps the units sold for the search index. Answers the products whose number has changed. */
async function writeSold({ store }: ProjectorDeps, tally: SalesTally): Promise<string[]> {
  const old = new Map(Object.entries(await store.redis.hgetall(ownKeys.sold)));
  const changed = [...tally.sold].filter(([id, units]) => old.get(id) !== String(units));
  const gone = [...old.keys()].filter((id) => !tally.sold.has(id));
  for (let start = 0; start < changed.length; start += PAGE) {
    await store.redis.hset(ownKeys.sold, ...changed.slice(start, start + PAGE).flat());
  }
  for (let start = 0; start < gone.length; start += PAGE) {
    await store.redis.hdel(ownKeys.sold, ...gone.slice(start, start + PAGE));
  }
  return [...changed.map(([id]) => id), ...gone];
}

/** The features of every published product, and the newest ids, read a page at a time. */
async function readFeatures({ source }: ProjectorDeps): Promise<{ features: Features[]; newest: string[] }> {
  const features: Features[] = [];
  const dates: { id: string; publishedAt: number }[] = [];
  let after: ProductId | null = null;
  for (;;) {
    const page: ProductDocument[] = await source.productsAfter(after, PAGE);
    for (const product of page) {
      if (product.status !== "published") continue;
      features.push(featuresOf(product));
      dates.push({ id: product._id, publishedAt: product.publishedAt ?? product.createdAt });
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) break;
    after = last._id;
  }
  dates.sort((left, right) => right.publishedAt - left.publishedAt || (left.id < right.id ? -1 : 1));
  return { features, newest: dates.slice(0, BESTSELLERS_MAX).map(({ id }) => id) };
}

function featuresOf(product: ProductDocument): Features {
  const tokens = product.attributes
    .filter(({ code }) => !LOGISTICS.test(code))
    .flatMap(({ code, value }) => [value].flat().map((one) => `${code}=${one}`))
    .filter((token) => token.length <= TOKEN_LENGTH_MAX);
  const prices = product.variants.flatMap((variant) => variant.prices.map((price) => price.amount));
  return {
    id: product._id,
    leafCategory: product.categoryIds[0] ?? "",
    brand: product.brand,
    price: prices.length > 0 ? Math.min(...prices) : 0,
    tokens: [...new Set(tokens)].slice(0, TOKENS_MAX),
  };
}

import { type Instant, isId, type ProductId, textIn } from "@stoa/kernel";
import { analyse, keys, languageOf } from "@stoa/read-models";
import { z } from "zod";
import { offeredUntil, type ProductDocument } from "../services/catalog/index.ts";
import { boughtTogether } from "./bought-together.ts";
import { setMark } from "./marks.ts";
import { ownKeys } from "./own-keys.ts";
import type { PlainText } from "./product-keys.ts";
import type { ProjectorDeps } from "./product-projector.ts";
import { LOGISTICS } from "./search-document.ts";
import { type Features, SIMILAR_MAX, similarProducts } from "./similar.ts";
import { readEach } from "./sound.ts";
import { byCount, type SalesTally, tallySales } from "./tally.ts";

/** What a confirmed order tells; each comes once for each order, and a second time does no harm. */
export const orderConfirmedSchema = z.object({
  orderId: z.string(),
  items: z.array(z.object({ sku: z.string(), quantity: z.int().positive() })),
});

/** Products that are read at once: a database that answers one question after another keeps a change waiting no longer than that. */
const PAGE = 200;
const ORDERS_MAX = 50_000;
const BESTSELLERS_MAX = 50;
/** Words and attribute values of one product that are compared. */
const TOKENS_MAX = 50;
const TITLE_WORDS_MAX = 12;
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
  const { view } = await deps.shop();
  const { features, newest } = await readFeatures(deps, view.locale);
  const categories = new Map(features.map((product) => [product.id, product.leafCategory]));
  const tally = await tallySales(source.sales(ORDERS_MAX), deps.clock.now());
  const sellers = byCount(tally.trend).filter((id) => categories.has(id));
  const bestsellers = [...new Set([...sellers, ...newest])].slice(0, BESTSELLERS_MAX);
  const changed = await writeTexts(deps, [{ key: keys.bestsellers(), text: JSON.stringify(bestsellers) }]);
  const similar = new Map<string, readonly string[]>();
  const leaders = leadersByCategory(sellers, categories);
  for (const lists of similarProducts(features)) {
    for (const [id, ids] of lists) similar.set(id, filledUp(id, ids, leaders.get(categories.get(id) ?? "")));
    changed.push(
      ...(await writeLists(
        deps,
        "similar",
        [...lists.keys()].map((id) => [id, similar.get(id) ?? []]),
      )),
    );
  }
  let batch: (readonly [string, readonly string[]])[] = [];
  for await (const list of boughtTogether({ tally, categories, similar, bestsellers: sellers })) {
    batch.push(list);
    if (batch.length < PAGE) continue;
    changed.push(...(await writeLists(deps, "bought-together", batch)));
    batch = [];
  }
  changed.push(...(await writeLists(deps, "bought-together", batch)));
  await store.invalidate(changed);
  await queue.mark((await writeSold(deps, tally)).filter((id) => categories.has(id)));
}

/** What sells best of each category, best first. */
function leadersByCategory(
  sellers: readonly string[],
  categories: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> {
  const leaders = new Map<string, string[]>();
  for (const id of sellers) {
    const category = categories.get(id) ?? "";
    const list = leaders.get(category) ?? [];
    leaders.set(category, list);
    if (list.length < SIMILAR_MAX + 1) list.push(id);
  }
  return leaders;
}

/** A list that is too short goes on with what sells best of the category. */
function filledUp(id: string, ids: readonly string[], leaders: readonly string[] = []): readonly string[] {
  return [...new Set([...ids, ...leaders])].filter((other) => other !== id).slice(0, SIMILAR_MAX);
}

function writeLists(
  deps: ProjectorDeps,
  kind: "similar" | "bought-together",
  lists: readonly (readonly [id: string, ids: readonly string[]])[],
): Promise<string[]> {
  const texts = lists.map(([id, ids]) => ({ key: keys.recommendations(kind, id), text: JSON.stringify(ids) }));
  return writeTexts(deps, texts);
}

async function writeTexts({ store }: ProjectorDeps, texts: readonly PlainText[]): Promise<string[]> {
  const written = await store.setTexts(texts);
  return texts.filter((_, index) => written[index]).map(({ key }) => key);
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
async function readFeatures(deps: ProjectorDeps, locale: string): Promise<{ features: Features[]; newest: string[] }> {
  const features: Features[] = [];
  const dates: { id: string; publishedAt: number }[] = [];
  let after: ProductId | null = null;
  for (;;) {
    const page: ProductDocument[] = await deps.source.productsAfter(after, PAGE);
    const offered = page.filter((product) => offeredUntil(product) !== undefined);
    for (const found of readEach(deps, offered, (product) => featuresOf(product, locale))) features.push(found);
    for (const { _id: id, publishedAt, createdAt } of offered)
      dates.push({ id, publishedAt: publishedAt ?? createdAt });
    const last = page.at(-1);
    if (!last || page.length < PAGE) break;
    after = last._id;
  }
  dates.sort((left, right) => right.publishedAt - left.publishedAt || (left.id < right.id ? -1 : 1));
  return { features, newest: dates.slice(0, BESTSELLERS_MAX).map(({ id }) => id) };
}

/** A product is like another by the values of its attributes and by the words of its title. */
function featuresOf(product: ProductDocument, locale: string): Features {
  const values = product.attributes
    .filter(({ code }) => !LOGISTICS.test(code))
    .flatMap(({ code, value }) => [value].flat().map((one) => `${code}=${one}`))
    .filter((token) => token.length <= TOKEN_LENGTH_MAX);
  const words = analyse(textIn(product.title, locale), languageOf(locale)).flatMap(({ kind, term }) =>
    kind === "stop" ? [] : [term],
  );
  const prices = product.variants.flatMap((variant) => variant.prices.map((price) => price.amount));
  return {
    id: product._id,
    leafCategory: product.categoryIds[0] ?? "",
    brand: product.brand,
    price: prices.length > 0 ? Math.min(...prices) : 0,
    tokens: [...new Set([...words.slice(0, TITLE_WORDS_MAX), ...values])].slice(0, TOKENS_MAX),
  };
}

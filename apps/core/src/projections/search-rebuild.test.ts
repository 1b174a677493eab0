import { expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { unpublishProduct, updateProduct } from "../services/catalog/index.ts";
import { noFields } from "../testing/index.ts";
import { storedBases } from "./product-keys.ts";
import { SearchIndex } from "./search-index.ts";
import { SearchQueue } from "./search-queue.ts";
import { rebuildSearch } from "./search-rebuild.ts";
import { catalogContext, type TestShop, testShop } from "./testing/shop.ts";

const url = process.env.TEST_TYPESENSE_URL ?? "http://127.0.0.1:18108";
const apiKey = process.env.TEST_TYPESENSE_API_KEY ?? "stoa-dev";
const headers = { "x-typesense-api-key": apiKey };

/** How many products a shopper's search finds. */
async function found(shop: TestShop, text: string): Promise<number> {
  const query = new URLSearchParams({ q: text, query_by: "titleTerms", num_typos: "0", drop_tokens_threshold: "0" });
  const answer = await fetch(`${url}/collections/${shop.index.alias}/documents/search?${query}`, { headers });
  return ((await answer.json()) as { found: number }).found;
}

test("whoever searches while the index is rebuilt, again and again, finds all of it every time", async () => {
  await using shop = await testShop();
  const products = 40;
  for (let number = 0; number < products; number += 1) await shop.publish({ title: `Lamp ${number}` });
  await shop.projections.sweep();
  const answers: number[] = [];
  let isOver = false;
  const reader = async () => {
    while (!isOver) answers.push(await found(shop, "lamp"));
  };
  const readers = [reader(), reader()];
  // As often as it takes to have been searched meanwhile.
  for (let round = 0; round < 5 || answers.length < 20; round += 1) await shop.projections.rebuild();
  isOver = true;
  await Promise.all(readers);
  expect([...new Set(answers)]).toEqual([products]);
});

test("a change is found as soon as the process that made it has projected it, without any sweep", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "Reading lamp" });
  await shop.projections.sweep();
  const context = catalogContext(shop);
  await updateProduct(context, { id, version: 2, patch: { title: { "en-US": "Zither" } } });
  await shop.projections.idle();
  expect([await found(shop, "zither"), await found(shop, "lamp")]).toEqual([1, 0]);
});

interface Moments {
  beforeSwap?: () => Promise<unknown>;
  afterSwap?: () => Promise<unknown>;
  beforeDrop?: () => Promise<unknown>;
}

/** An index that lets something happen around the swap. */
class WatchedIndex extends SearchIndex {
  constructor(
    alias: string,
    private readonly moments: Moments,
  ) {
    super({ url, apiKey, alias });
  }
  override async show(name: string) {
    await this.moments.beforeSwap?.();
    await super.show(name);
    await this.moments.afterSwap?.();
  }
  override async dropOthers(name: string) {
    await this.moments.beforeDrop?.();
    await super.dropOthers(name);
  }
}

/** A shop with two lamps, another core that renames one of them and has brought that into the index when told so, and a rebuild to take part in. */
async function watchedShop() {
  const shop = await testShop();
  const core = shop.anotherCore();
  const id = await shop.publish({ title: "Reading lamp" });
  await shop.publish({ title: "Floor lamp" });
  await shop.projections.sweep();
  const context = { catalog: shop.catalog, now: shop.clock.now(), changed: core.catalogChanged, readFields: noFields };
  let version = 2;
  const rename = async (title: string) => {
    await updateProduct(context, { id, version, patch: { title: { "en-US": title } } });
    version += 1;
    await core.idle();
  };
  const withdraw = async () => {
    await unpublishProduct(context, { id, version });
    await core.idle();
  };
  const rebuild = (moments: Moments, whileFilling: () => Promise<unknown>) => {
    async function* batches() {
      const ids = (await shop.index.documents()).map((document) => document.id);
      const read = await storedBases(shop.store, ids);
      await whileFilling();
      // Read before the change, written after it.
      yield read;
    }
    const { store, settingsNow } = shop;
    const queue = new SearchQueue(shop.redis, shop.clock);
    const index = new WatchedIndex(shop.index.alias, moments);
    return rebuildSearch({ store, queue, index, shop: settingsNow }, batches());
  };
  return { ...shop, rename, withdraw, rebuild, found: (text: string) => found(shop, text) };
}
const nothing = async () => undefined;

test("a change while the index is filled is found at once, at the swap, and from then on without any sweep", async () => {
  await using shop = await watchedShop();
  const seen: [string, number][] = [];
  const look = (moment: string) => async () => seen.push([moment, await shop.found("zither")]);
  const moments = { beforeSwap: look("before"), afterSwap: look("at"), beforeDrop: look("after") };
  await shop.rebuild(moments, async () => {
    await shop.rename("Zither");
    await look("meanwhile")();
  });
  expect(Object.fromEntries(seen)).toEqual({ meanwhile: 1, before: 1, at: 1, after: 1 });
  expect([await shop.found("zither"), await shop.found("reading"), await shop.found("lamp")]).toEqual([1, 0, 1]);
});

test("a change in the very moment of the swap is found before anything else is tidied up", async () => {
  await using shop = await watchedShop();
  const seen: number[] = [];
  const moments = {
    beforeSwap: () => shop.rename("Zither"),
    beforeDrop: async () => seen.push(await shop.found("zither"), await shop.found("reading")),
  };
  await shop.rebuild(moments, nothing);
  expect(seen).toEqual([1, 0]);
});

test("a product that is withdrawn while the index is filled, or at the swap, is not found any more", async () => {
  for (const during of ["filling", "swap"] as const) {
    await using shop = await watchedShop();
    const withdrawn = (moment: typeof during) => (moment === during ? shop.withdraw : nothing);
    await shop.rebuild({ beforeSwap: withdrawn("swap") }, withdrawn("filling"));
    expect(await shop.found("lamp")).toBe(1);
  }
});

test("words of a change that came while the index was filled are counted", async () => {
  await using shop = await watchedShop();
  await shop.rebuild({}, () => shop.rename("Zither"));
  expect(await shop.redis.hget(keys.searchCorpus(null), "zither")).toBe("1");
});

test("a rebuild that dies right after the swap loses nothing: a sweep brings in what had changed before it", async () => {
  await using shop = await watchedShop();
  const dies = async () => {
    throw new Error("died");
  };
  const moments = { beforeSwap: () => shop.rename("Zither"), afterSwap: dies };
  await expect(shop.rebuild(moments, nothing)).rejects.toThrow("died");
  expect(await shop.found("zither")).toBe(0);
  await shop.projections.sweep();
  expect(await shop.found("zither")).toBe(1);
});

test("a rebuild that fails before the swap leaves the index that is shown as it is", async () => {
  await using shop = await watchedShop();
  const fails = async () => {
    await shop.rename("Zither");
    throw new Error("failed");
  };
  const before = await shop.index.current();
  await expect(shop.rebuild({}, fails)).rejects.toThrow("failed");
  expect([await shop.index.current(), await shop.index.collections()]).toEqual([before, [before ?? ""]]);
  expect(await shop.found("zither")).toBe(1);
});

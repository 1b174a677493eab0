import { expect, test } from "bun:test";
import { keys, packEnvelope } from "@stoa/read-models";
import { changeSlug, saveCategory, unpublishProduct, updateProduct } from "../services/catalog/index.ts";
import { catalogContext, testShop, untold } from "./testing/shop.ts";

async function filledShop() {
  const shop = await testShop();
  const context = catalogContext(shop, untold);
  const name = { "en-US": "Shoes" };
  const shoes = (await saveCategory(context, { parentId: null, slug: "shoes", name, position: 0 })).after;
  const ids: Awaited<ReturnType<typeof shop.publish>>[] = [];
  for (const number of [1, 2, 3]) {
    const skus = [`SHOE-${number}-S`, `SHOE-${number}-L`];
    ids.push(await shop.publish({ title: `Shoe ${number}`, skus, content: { categoryIds: [shoes._id] } }));
  }
  await shop.publish({ title: "Never stocked" });
  await shop.projections.sweep();
  for (const number of [1, 2, 3]) await shop.stockChanged(`SHOE-${number}-S`, number * 2);
  for (const id of ids.slice(0, 1)) await changeSlug(context, { id, version: 2, slug: "shoe-one" });
  await shop.projections.sweep();
  await shop.projections.refreshRecommendations();
  await shop.projections.refreshSitemap();
  return { shop, ids, context };
}

test("rebuilding changes nothing where everything is right, at whatever hour", async () => {
  const { shop } = await filledShop();
  await using _ = shop;
  const before = await shop.snapshot();
  const documents = await shop.index.documents();
  shop.clock.advance(3_600_000);
  const result = await shop.projections.rebuild();
  expect(result).toEqual({ products: 4, removed: 0, documents: 4 });
  expect(await shop.snapshot()).toEqual(before);
  const byId = (found: typeof documents) => found.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  expect(byId(await shop.index.documents())).toEqual(byId(documents));
});

test("after Redis and search have lost everything a sweep brings all of it back", async () => {
  const { shop } = await filledShop();
  await using _ = shop;
  const bodies = (found: Record<string, string | null>) =>
    Object.fromEntries(
      Object.entries(found)
        .filter(([key]) => !key.startsWith(keys.stock("")))
        .map(([key, text]) => [key, text?.split("\n")[1] ?? text]),
    );
  const before = await shop.snapshot();
  await shop.redis.flushdb();
  for (const name of await shop.index.collections()) await shop.index.drop(name);
  await shop.projections.sweep();
  expect(shop.failures).toEqual([]);
  expect(bodies(await shop.snapshot())).toEqual(bodies(before));
  expect(await shop.index.documents()).toHaveLength(4);
  expect(await shop.redis.exists(keys.ready())).toBe(1);
});

test("rebuilding takes away what belongs to nothing and mends what is wrong", async () => {
  const { shop, ids } = await filledShop();
  await using _ = shop;
  const [first = "", second = ""] = ids;
  const before = await shop.snapshot();
  const body = JSON.stringify({ id: "prod_00000000000000000000000000" });
  const orphan = packEnvelope({ version: { major: 9, minor: 9 }, etag: '"x"', writtenAt: 1, body });
  await shop.redis.mset({
    [keys.product("USD", "ghost")]: orphan,
    [keys.product("EUR", "shoe-2")]: before[keys.product("USD", "shoe-2")] ?? "",
    [keys.summary("USD", "prod_00000000000000000000000000")]: orphan,
    [keys.skuOwner("GHOST")]: "prod_00000000000000000000000000",
    [keys.skuOwner("OLD-SKU")]: first,
    [keys.formerSlug("never-was")]: "shoe-2",
    [keys.recommendations("similar", "prod_00000000000000000000000000")]: "[]",
    [keys.summary("USD", second)]: (before[keys.summary("USD", second)] ?? "")
      .replace(/"\w+" /, '"old" ')
      .replace("Shoe", "Foo"),
  });
  await shop.redis.del(keys.product("USD", "shoe-3"), keys.categories());
  const result = await shop.projections.rebuild();
  expect(result?.removed).toBe(7);
  const stable = (found: Record<string, string | null>) =>
    Object.entries(found).map(([key, text]) => [key, text?.split("\n")[1] ?? text]);
  expect(stable(await shop.snapshot())).toEqual(stable(before));
});

test("products that change, come and go while a rebuild runs are right in Redis and in search when it is done", async () => {
  const { shop, ids, context } = await filledShop();
  await using _ = shop;
  const core = shop.anotherCore();
  const [first, second, third] = ids;
  if (!first || !second || !third) throw new Error("three products are needed");
  const changed = { ...context, changed: core.catalogChanged };
  const rebuilt = shop.projections.rebuild();
  await updateProduct(changed, { id: second, version: 2, patch: { title: { "en-US": "Boot" } } });
  await unpublishProduct(changed, { id: third, version: 2 });
  const late = await shop.publish({ title: "Late" });
  core.catalogChanged({ products: [late], categories: false });
  await Promise.all([rebuilt, core.idle()]);
  await shop.projections.sweep();
  expect((await shop.summary(second))?.title).toBe("Boot");
  expect(await shop.summary(third)).toBeNull();
  const titles = (await shop.index.documents()).map((found) => found.title).sort();
  expect(titles).toEqual(["Boot", "Late", "Never stocked", "Shoe 1"]);
});

test("only one process rebuilds at a time", async () => {
  const { shop } = await filledShop();
  await using _ = shop;
  const results = await Promise.all([shop.projections.rebuild(), shop.anotherCore().rebuild()]);
  expect(results.filter((result) => result === null)).toHaveLength(1);
});

test("what waits for the search index is taken in by a rebuild and waits no longer", async () => {
  await using shop = await testShop();
  const core = shop.anotherCore();
  const id = await shop.publish({ title: "Waiting" });
  core.catalogChanged({ products: [id], categories: false });
  await core.idle();
  expect([await core.searchBacklog(), shop.failures]).toEqual([1, []]);
  await shop.projections.rebuild();
  expect(await core.searchBacklog()).toBe(0);
  expect((await shop.index.documents()).map((found) => found.title)).toEqual(["Waiting"]);
});

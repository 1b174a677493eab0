import { expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { mergeCategory, saveCategory } from "../services/catalog/index.ts";
import { catalogContext, testShop } from "./testing/shop.ts";

test("a renamed category shows in the tree and in its products, and counts each published product once", async () => {
  await using shop = await testShop();
  const context = catalogContext(shop);
  const name = (text: string) => ({ "en-US": text });
  const root = (await saveCategory(context, { parentId: null, slug: "men", name: name("Men"), position: 0 })).after;
  const leaf = { parentId: root._id, name: name("Tops"), position: 0 };
  const tops = (await saveCategory(context, { ...leaf, slug: "men-tops" })).after;
  const tees = (await saveCategory(context, { ...leaf, slug: "men-tees", name: name("Tees") })).after;
  await shop.publish({ title: "Tee", content: { categoryIds: [tops._id, tees._id] } });
  await shop.projections.sweep();
  const renamed = { id: tops._id, version: 1, parentId: root._id, slug: "men-tops", name: name("Shirts"), position: 1 };
  await saveCategory(context, renamed);
  await shop.projections.idle();
  await shop.projections.sweep();
  const [tree] = await shop.store.envelopes([keys.categories()]);
  expect(JSON.parse(tree?.body ?? "{}")).toMatchObject({
    items: [
      {
        slug: "men",
        productCount: 1,
        children: [
          { slug: "men-tees", productCount: 1 },
          { slug: "men-tops", name: "Shirts", productCount: 1 },
        ],
      },
    ],
  });
  expect((await shop.product("tee"))?.categories).toEqual([
    { slug: "men", name: "Men" },
    { slug: "men-tops", name: "Shirts" },
    { slug: "men-tees", name: "Tees" },
  ]);
});

test("a category that is renamed or merged away leaves its former slug behind, and the tree without it", async () => {
  await using shop = await testShop();
  const name = { "en-US": "Hats" };
  const context = () => catalogContext(shop);
  const { after: hats } = await saveCategory(context(), { parentId: null, slug: "hats", name, position: 0 });
  const { after: caps } = await saveCategory(context(), { parentId: null, slug: "caps", name, position: 1 });
  await shop.publish({ title: "Beret", content: { categoryIds: [hats._id] } });
  await mergeCategory(context(), { id: hats._id, version: 1, intoId: caps._id });
  await shop.projections.idle();
  await shop.projections.sweep();
  const [tree, former] = await shop.store.envelopes([keys.categories(), keys.formerCategories()]);
  expect(JSON.parse(tree?.body ?? "{}").items).toMatchObject([{ slug: "caps", productCount: 1, children: [] }]);
  expect(JSON.parse(former?.body ?? "{}")).toEqual({ hats: "caps" });
  expect((await shop.product("beret"))?.categories).toEqual([{ slug: "caps", name: "Hats" }]);
});

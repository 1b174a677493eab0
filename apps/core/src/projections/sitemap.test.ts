import { expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { createProduct, createProductSchema, saveCategory, unpublishProduct } from "../services/catalog/index.ts";
import { someProduct } from "./testing/catalog.ts";
import { catalogContext, testShop, untold } from "./testing/shop.ts";

test("the sitemap names every page that there is, with its languages, and no other; it follows what changes", async () => {
  await using shop = await testShop();
  const context = () => catalogContext(shop, untold);
  shop.settings.locales = [{ code: "de", fallbacks: [] }];
  const name = { "en-US": "Light", de: "Licht" };
  await saveCategory(context(), { parentId: null, slug: "light", name, position: 0 });
  const lamp = await shop.publish({ content: { title: { "en-US": "Lamp", de: "Lampe" } } });
  await shop.publish({
    content: { title: { "en-US": "Secret" }, seo: { title: "", description: "", robots: "noindex" } },
  });
  await createProduct(context(), createProductSchema.parse(someProduct({ title: "Draft" })));
  const pages = async () => {
    const [manifest, first, second] = await shop.store.texts([
      keys.sitemap(),
      keys.sitemapChunk(0),
      keys.sitemapChunk(1),
    ]);
    return { chunks: JSON.parse(manifest ?? "null")?.chunks.length, first: JSON.parse(first ?? "null"), second };
  };
  await shop.projections.sweep();
  const changedAt = shop.clock.now() / 1_000;
  const light = ["c", "light", 0, ["de"]];
  expect(await pages()).toEqual({ chunks: 1, first: [light, ["p", "lamp", changedAt, ["de"]]], second: null });
  await unpublishProduct(context(), { id: lamp, version: 2 });
  for (let number = 0; number < 51; number += 1) await shop.publish({ title: `Desk ${number}` });
  await shop.projections.sweep();
  await shop.projections.refreshSitemap();
  const many = await pages();
  expect([many.chunks, many.first.length, JSON.parse(many.second ?? "[]").length]).toEqual([2, 50, 2]);
  await shop.catalog.products.updateMany(
    { status: "published" },
    { $set: { status: "draft", dirty: true }, $inc: { revision: 1 } },
  );
  await shop.projections.sweep();
  await shop.projections.refreshSitemap();
  expect(await pages()).toEqual({ chunks: 1, first: [light], second: null });
});

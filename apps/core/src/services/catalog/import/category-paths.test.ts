import { expect, test } from "bun:test";
import { saveCategory } from "../save-category.ts";
import { testCatalog } from "../testing/catalog.ts";
import { CategoryPaths } from "./category-paths.ts";

test("a slug that staff take while an import runs goes to them, and the import's category gets another one", async () => {
  await using shop = await testCatalog();
  const paths = new CategoryPaths({ locale: "en-US", dryRun: false });
  await paths.load(shop.context());
  const theirs = { parentId: null, slug: "men", name: { "en-US": "Everything for him" }, position: 0 };
  await saveCategory(shop.context(), theirs);
  const id = await paths.ensure(shop.context(), ["Men"]);
  expect(await shop.catalog.categories.findOne({ _id: id })).toMatchObject({ slug: "men-2", name: { "en-US": "Men" } });
  expect(paths.created).toBe(1);
});

test("a category that another import has just made is taken, not made again", async () => {
  await using shop = await testCatalog();
  const [one, other] = [1, 2].map(() => new CategoryPaths({ locale: "en-US", dryRun: false }));
  await one?.load(shop.context());
  await other?.load(shop.context());
  const id = await one?.ensure(shop.context(), ["Men", "Tops"]);
  expect(await other?.ensure(shop.context(), ["Men", "Tops"])).toBe(id);
  expect([one?.created, other?.created]).toEqual([2, 0]);
});

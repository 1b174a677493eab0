import { expect, test } from "bun:test";
import type { CategoryId } from "@stoa/kernel";
import type { CategoryDocument } from "./category-document.ts";
import { categoryTree, formerSlugs, pathTo, subtree } from "./category-tree.ts";
import { createProduct } from "./create-product.ts";
import { allCategories } from "./database.ts";
import { publishProduct } from "./publish-product.ts";
import { deleteCategory, finishRemovals, mergeCategory } from "./remove-category.ts";
import { saveCategory } from "./save-category.ts";
import { refusal, someProduct, type TestCatalog, testCatalog } from "./testing/catalog.ts";
import { updateProduct } from "./update-product.ts";
import { publishWorkingDraft, saveWorkingDraft } from "./working-draft.ts";

function namesIn(shop: TestCatalog) {
  const save = async (slug: string, parentId: CategoryId | null = null) =>
    (await saveCategory(shop.context(), { parentId, slug, name: { "en-US": slug }, position: 0 })).after;
  const put = async (...categoryIds: CategoryId[]) =>
    (await createProduct(shop.context(), someProduct({ content: { categoryIds } })))._id;
  const categoriesOf = async (id: Awaited<ReturnType<typeof put>>) =>
    (await shop.catalog.products.findOne({ _id: id }))?.categoryIds;
  const former = async () => Object.fromEntries(formerSlugs(await allCategories(shop.catalog)));
  return { save, put, categoriesOf, former };
}

const at = ({ _id: id, revision: version }: CategoryDocument) => ({ id, version });

test("a slug that a category gives up leads to its present one, and is free for nobody else", async () => {
  await using shop = await testCatalog();
  const { save, former } = namesIn(shop);
  const tops = await save("tops");
  const renamed = { ...at(tops), parentId: null, slug: "shirts", name: tops.name, position: 0 };
  const { after } = await saveCategory(shop.context(), renamed);
  expect(await former()).toEqual({ tops: "shirts" });
  expect((await refusal(save("tops"))).members.errors).toEqual([{ path: "slug", message: "is taken" }]);
  await saveCategory(shop.context(), { ...renamed, ...at(after), slug: "tops" });
  expect(await former()).toEqual({ shirts: "tops" });
});

test("a merged category gives its products, what stood below it and its slugs to the other", async () => {
  await using shop = await testCatalog();
  const { save, put, categoriesOf, former } = namesIn(shop);
  const [old, heir] = [await save("old"), await save("heir")];
  const child = await save("old-child", old._id);
  const [moved, inBoth] = [await put(old._id, child._id), await put(old._id, heir._id)];
  await mergeCategory(shop.context(), { ...at(old), intoId: heir._id });
  expect(await categoriesOf(moved)).toEqual([heir._id, child._id]);
  expect(await categoriesOf(inBoth)).toEqual([heir._id]);
  const tree = categoryTree(await allCategories(shop.catalog));
  expect(pathTo(tree, child._id).map(({ slug }) => slug)).toEqual(["heir", "old-child"]);
  expect(await former()).toEqual({ old: "heir" });
  expect((await refusal(put(old._id))).members.errors).toEqual([
    { path: "categoryIds.0", message: "unknown category" },
  ]);
  const last = await save("last");
  await mergeCategory(shop.context(), { ...at(heir), intoId: last._id });
  expect(await former()).toEqual({ old: "last", heir: "last" });
});

test("two categories that are merged into each other at once leave no loop", async () => {
  await using shop = await testCatalog();
  const { save } = namesIn(shop);
  const [one, two] = [await save("one"), await save("two")];
  const { now } = shop.context();
  await shop.catalog.categories.updateOne({ _id: one._id }, { $set: { goneAt: now, mergedInto: two._id } });
  await shop.catalog.categories.updateOne({ _id: two._id }, { $set: { goneAt: now, mergedInto: one._id } });
  const categories = await allCategories(shop.catalog);
  expect([...categoryTree(categories).byId.keys()]).toEqual([]);
  expect(formerSlugs(categories).size).toBe(0);
});

test("a merge is refused into itself, below itself, or into what is gone", async () => {
  await using shop = await testCatalog();
  const { save } = namesIn(shop);
  const [top, other] = [await save("top"), await save("other")];
  const below = await save("below", top._id);
  for (const intoId of [top._id, below._id]) {
    expect((await refusal(mergeCategory(shop.context(), { ...at(top), intoId }))).code).toBe("validation_failed");
  }
  await deleteCategory(shop.context(), { ...at(other), moveContentsUp: false });
  const late = await refusal(mergeCategory(shop.context(), { ...at(top), intoId: other._id }));
  expect(late.members.errors).toEqual([{ path: "intoId", message: "unknown category" }]);
});

test("a category that holds something is deleted only when its contents move up", async () => {
  await using shop = await testCatalog();
  const { save, put, categoriesOf, former } = namesIn(shop);
  const root = await save("root");
  const middle = await save("middle", root._id);
  const leaf = await save("leaf", middle._id);
  const product = await put(middle._id);
  const refused = await refusal(deleteCategory(shop.context(), { ...at(middle), moveContentsUp: false }));
  expect(refused).toMatchObject({ code: "state_conflict", members: { products: 1, categories: 1 } });
  await deleteCategory(shop.context(), { ...at(middle), moveContentsUp: true });
  expect(await categoriesOf(product)).toEqual([root._id]);
  expect(await former()).toEqual({ middle: "root" });
  const present = await shop.catalog.categories.findOne({ _id: root._id });
  if (!present) throw new Error("the root is missing");
  await deleteCategory(shop.context(), { ...at(present), moveContentsUp: true });
  expect(await categoriesOf(product)).toEqual([]);
  expect((await shop.catalog.categories.findOne({ _id: leaf._id }))?.parentId).toBeNull();
  expect((await save("root")).slug).toBe("root");
});

test("a removal that a crash cut short is read right at once and finished later", async () => {
  await using shop = await testCatalog();
  const { save, put, categoriesOf } = namesIn(shop);
  const [old, heir] = [await save("old"), await save("heir")];
  const product = await put(old._id);
  const decided = { goneAt: shop.clock.now(), mergedInto: heir._id, dirty: true };
  await shop.catalog.categories.updateOne({ _id: old._id }, { $set: decided });
  const tree = categoryTree(await allCategories(shop.catalog));
  expect(pathTo(tree, old._id).map(({ slug }) => slug)).toEqual(["heir"]);
  await finishRemovals(shop.catalog);
  await finishRemovals(shop.catalog);
  expect(await categoriesOf(product)).toEqual([heir._id]);
});

test("two categories that are moved below each other at once both stay in the tree, with all that is below them", async () => {
  await using shop = await testCatalog();
  const { save } = namesIn(shop);
  const [one, two] = [await save("one"), await save("two")];
  const below = await save("below", two._id);
  // What two moves that have not seen each other leave behind.
  await shop.catalog.categories.updateOne({ _id: one._id }, { $set: { parentId: two._id } });
  await shop.catalog.categories.updateOne({ _id: two._id }, { $set: { parentId: one._id } });
  const tree = categoryTree(await allCategories(shop.catalog));
  expect(tree.childrenOf.get(null)?.map(({ slug }) => slug)).toEqual(["one"]);
  expect(pathTo(tree, below._id).map(({ slug }) => slug)).toEqual(["one", "two", "below"]);
  expect(subtree(tree, one._id)).toEqual([one._id, two._id, below._id]);
  const toRoot = { ...at(two), parentId: null, slug: "two", name: two.name, position: 0 };
  await saveCategory(shop.context(), toRoot);
  const roots = categoryTree(await allCategories(shop.catalog)).childrenOf.get(null);
  expect(roots?.map(({ slug }) => slug)).toEqual(["two"]);
});

test("a working draft follows its categories where they are merged or deleted, so that it still goes out", async () => {
  await using shop = await testCatalog();
  const { save, put, categoriesOf } = namesIn(shop);
  const [old, heir, gone] = [await save("old"), await save("heir"), await save("gone")];
  const drafted = await put();
  const { after } = await publishProduct(shop.context(), { id: drafted, version: 1 });
  const patch = { categoryIds: [old._id, gone._id] };
  await saveWorkingDraft(shop.context(), { id: drafted, version: after.revision, patch });
  await mergeCategory(shop.context(), { ...at(old), intoId: heir._id });
  await deleteCategory(shop.context(), { ...at(gone), moveContentsUp: true });
  const version = (await shop.catalog.products.findOne({ _id: drafted }))?.revision ?? 0;
  await publishWorkingDraft(shop.context(), { id: drafted, version });
  expect(await categoriesOf(drafted)).toEqual([heir._id]);
});

test("an attribute that leads to a category which is gone keeps nobody from changing something else", async () => {
  await using shop = await testCatalog();
  const { save } = namesIn(shop);
  const [room, other] = [await save("room"), await save("other")];
  const leadingTo = (value: CategoryId) => [{ code: "room", type: "reference" as const, value }];
  const content = { attributes: leadingTo(room._id) };
  const { _id: id } = await createProduct(shop.context(), someProduct({ content }));
  await deleteCategory(shop.context(), { ...at(room), moveContentsUp: false });
  const { after } = await updateProduct(shop.context(), { id, version: 1, patch: { brand: "Acme" } });
  expect(after.brand).toBe("Acme");
  await deleteCategory(shop.context(), { ...at(other), moveContentsUp: false });
  const wrong = updateProduct(shop.context(), { id, version: 2, patch: { attributes: leadingTo(other._id) } });
  expect((await refusal(wrong)).members.errors).toEqual([
    { path: "attributes.room", message: "leads nowhere", code: "reference_not_found" },
  ]);
});

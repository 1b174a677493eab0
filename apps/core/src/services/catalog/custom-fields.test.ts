import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { aField } from "../../testing/index.ts";
import { createProduct } from "./create-product.ts";
import { heldInCatalog } from "./custom-fields.ts";
import { publishProduct } from "./publish-product.ts";
import { saveCategory } from "./save-category.ts";
import { refusal, someProduct, testCatalog } from "./testing/catalog.ts";
import { updateProduct } from "./update-product.ts";
import { publishWorkingDraft, saveWorkingDraft } from "./working-draft.ts";

const care = { entity: "product", key: "care", kind: "text", visibility: "shoppers" };
const bin = { entity: "variant", key: "bin", kind: "integer" };
const pathsOf = async (work: Promise<unknown>) => (await refusal(work)).members.errors?.map(({ path }) => path);

async function aShop() {
  const shop = await testCatalog();
  shop.fields.push(aField(care), aField(bin), aField({ entity: "category", key: "banner", kind: "text" }));
  return shop;
}

test("a product's own fields and its variants' are kept with it, and each fault is told by its path", async () => {
  await using shop = await aShop();
  const customFields = { care: "Wash cold" };
  const base = someProduct({ skus: ["A", "B"], content: { customFields } });
  const variants = base.variants.map((variant) => ({ ...variant, customFields: { bin: 7 } }));
  const product = await createProduct(shop.context(), { ...base, variants });
  expect(product).toMatchObject({
    customFields,
    variants: [{ customFields: { bin: 7 } }, { customFields: { bin: 7 } }],
  });
  const wrong = variants.map((variant, index) =>
    index === 1 ? { ...variant, customFields: { bin: "x", nope: 1 } } : variant,
  );
  const patch = { customFields: { care: 5, other: "?" }, variants: wrong };
  expect(await pathsOf(updateProduct(shop.context(), { id: product._id, version: 1, patch }))).toEqual([
    "customFields.care",
    "customFields.other",
    "variants.1.customFields.bin",
    "variants.1.customFields.nope",
  ]);
});

test("a product can be edited whatever has become of its fields since, as long as their values stay", async () => {
  await using shop = await aShop();
  const customFields = { care: "Wash very cold indeed" };
  const product = await createProduct(shop.context(), someProduct({ content: { customFields } }));
  shop.fields.splice(0, 1, aField({ ...care, lengthMax: 5 }), aField({ ...care, key: "new", isRequired: true }));
  const { after } = await updateProduct(shop.context(), { id: product._id, version: 1, patch: { brand: "Nord" } });
  expect(after).toMatchObject({ brand: "Nord", customFields });
  const edit = (values: Record<string, string>) =>
    updateProduct(shop.context(), { id: product._id, version: 2, patch: { customFields: values } });
  expect(await pathsOf(edit({ ...customFields, care: "Wash hot" }))).toEqual(["customFields.care", "customFields.new"]);
  shop.fields.splice(0, 2, aField({ ...care, archivedAt: 1 }));
  expect(await pathsOf(edit({ care: "Hot" }))).toEqual(["customFields.care"]);
  expect((await edit({})).after.customFields).toEqual({});
});

test("what is required is asked for when a product is made", async () => {
  await using shop = await aShop();
  shop.fields.splice(0, 2, aField({ ...care, isRequired: true }), aField({ ...bin, isRequired: true }));
  expect(await pathsOf(createProduct(shop.context(), someProduct({})))).toEqual([
    "customFields.care",
    "variants.0.customFields.bin",
  ]);
});

test("a reference leads to what there is", async () => {
  await using shop = await aShop();
  shop.fields.push(aField({ entity: "product", key: "goes_with", kind: "reference", to: "product", countMax: 3 }));
  const other = await createProduct(shop.context(), someProduct({}));
  const content = (goes_with: readonly string[]) => someProduct({ content: { customFields: { goes_with } } });
  const product = await createProduct(shop.context(), content([other._id]));
  expect(product.customFields).toEqual({ goes_with: [other._id] });
  const nowhere = other._id.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  expect(await pathsOf(createProduct(shop.context(), content([other._id, nowhere])))).toEqual([
    "customFields.goes_with",
  ]);
});

test("a working draft holds them until it goes out", async () => {
  await using shop = await aShop();
  const { _id: id } = await createProduct(shop.context(), someProduct({ content: { customFields: { care: "Cold" } } }));
  await publishProduct(shop.context(), { id, version: 1 });
  const draft = (customFields: Record<string, unknown>) =>
    saveWorkingDraft(shop.context(), {
      id,
      version: 2,
      patch: { customFields: customFields as Record<string, string> },
    });
  expect(await pathsOf(draft({ care: 1 }))).toEqual(["customFields.care"]);
  expect((await draft({ care: "Hot" })).after.customFields).toEqual({ care: "Cold" });
  expect((await publishWorkingDraft(shop.context(), { id, version: 3 })).after.customFields).toEqual({ care: "Hot" });
});

test("a category has its own, and keeps them when it is saved by who does not name them", async () => {
  await using shop = await aShop();
  const members = { parentId: null, slug: "hats", name: { en: "Hats" }, position: 0 };
  expect(await pathsOf(saveCategory(shop.context(), { ...members, customFields: { care: "x" } }))).toEqual([
    "customFields.care",
  ]);
  const { after } = await saveCategory(shop.context(), { ...members, customFields: { banner: "Sun!" } });
  const moved = await saveCategory(shop.context(), { ...members, position: 5, id: after._id, version: 1 });
  expect(moved.after).toMatchObject({ position: 5, customFields: { banner: "Sun!" } });
});

test("every value of a field is found, whatever it is of", async () => {
  await using shop = await aShop();
  const base = someProduct({ skus: ["A", "B"], content: { customFields: { care: "Cold" } } });
  const variants = base.variants.map((variant, index) =>
    index === 1 ? { ...variant, customFields: { bin: 3 } } : variant,
  );
  const { _id: id, slug } = await createProduct(shop.context(), { ...base, variants });
  await createProduct(shop.context(), someProduct({}));
  const members = { parentId: null, slug: "hats", name: { en: "Hats" }, position: 0, customFields: { banner: "Sun!" } };
  const category = await saveCategory(shop.context(), members);
  const held = (entity: "product" | "variant" | "category", key: string) =>
    Array.fromAsync(heldInCatalog(shop.catalog, entity, key));
  expect(await held("product", "care")).toEqual([{ id, name: slug, value: "Cold" }]);
  expect(await held("variant", "bin")).toEqual([{ id, name: "B", value: 3 }]);
  expect(await held("category", "banner")).toEqual([{ id: category.after._id, name: "hats", value: "Sun!" }]);
});

test("values that wait in a working draft are held as well, for they will go out", async () => {
  await using shop = await aShop();
  const { _id: id, slug, variants } = await createProduct(shop.context(), someProduct({ skus: ["A"] }));
  await publishProduct(shop.context(), { id, version: 1 });
  const patch = {
    customFields: { care: "Hot" },
    variants: variants.map((variant) => ({ ...variant, customFields: { bin: 4 } })),
  };
  await saveWorkingDraft(shop.context(), { id, version: 2, patch });
  const held = (entity: "product" | "variant", key: string) =>
    Array.fromAsync(heldInCatalog(shop.catalog, entity, key));
  expect(await held("product", "care")).toEqual([{ id, name: slug, value: "Hot" }]);
  expect(await held("variant", "bin")).toEqual([{ id, name: "A", value: 4 }]);
});

test("what a product or a category leads to outside of the catalog is asked for when it is new, and only then", async () => {
  await using shop = await aShop();
  shop.fields.push(
    aField({ entity: "product", key: "maker", kind: "reference", to: "customer" }),
    aField({ entity: "category", key: "sample", kind: "reference", to: "order" }),
  );
  const [maker, order] = [newId("cus"), newId("ord")];
  const there = new Set<string>([maker, order]);
  const asked: string[][] = [];
  const context = () => ({
    ...shop.context(),
    findTargets: async (ids: readonly string[]) => {
      asked.push([...ids]);
      return there;
    },
  });
  const stranger = { customFields: { maker: newId("cus") } };
  const refused = await refusal(createProduct(context(), someProduct({ content: stranger })));
  expect(refused.members.errors).toEqual([
    { path: "customFields.maker", message: "leads nowhere", code: "reference_not_found" },
  ]);
  const product = await createProduct(context(), someProduct({ content: { customFields: { maker } } }));
  const category = { ...{ parentId: null, slug: "c", name: { en: "C" }, position: 0 } };
  expect(await pathsOf(saveCategory(context(), { ...category, customFields: { sample: newId("ord") } }))).toEqual([
    "customFields.sample",
  ]);
  await saveCategory(context(), { ...category, customFields: { sample: order } });
  there.clear();
  const before = asked.length;
  const patch = { customFields: { maker, care: "Cold" } };
  await updateProduct(context(), { id: product._id, version: 1, patch });
  expect(asked.length).toBe(before);
});

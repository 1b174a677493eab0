import { expect, test } from "bun:test";
import type { CategoryId, Instant } from "@stoa/kernel";
import { createProduct } from "./create-product.ts";
import { productContentSchema } from "./documents.ts";
import { findOffers, unitPriceOf } from "./find-offers.ts";
import { publishProduct, scheduleProduct, touchDueProducts, unpublishProduct } from "./publish-product.ts";
import { listProducts, listProductsSchema } from "./queries.ts";
import { saveCategory } from "./save-category.ts";
import { refusal, someProduct, testCatalog } from "./testing/catalog.ts";
import { changeSlug, releaseSlug, updateProduct } from "./update-product.ts";

test("a SKU belongs to one product only, whoever asks second is refused at the field", async () => {
  await using shop = await testCatalog();
  await createProduct(shop.context(), someProduct({ skus: ["A-1", "A-2"] }));
  const taken = await refusal(createProduct(shop.context(), someProduct({ title: "Other", skus: ["A-2"] })));
  expect(taken.code).toBe("validation_failed");
  expect(taken.members.errors).toEqual([{ path: "variants", message: "a SKU belongs to another product" }]);
});

test("two products of one title get two slugs", async () => {
  await using shop = await testCatalog();
  const first = await createProduct(shop.context(), someProduct({ title: "Café Crème" }));
  const second = await createProduct(shop.context(), someProduct({ title: "Café Crème" }));
  expect([first.slug, second.slug]).toEqual(["cafe-creme", "cafe-creme-2"]);
});

test("an edit over a version that somebody else has changed is refused and changes nothing", async () => {
  await using shop = await testCatalog();
  const product = await createProduct(shop.context(), someProduct({}));
  const edit = { id: product._id, version: 1 };
  const { after } = await updateProduct(shop.context(), { ...edit, patch: { brand: "Stoa" } });
  expect(after).toMatchObject({ brand: "Stoa", revision: 2, dirty: true });
  const late = await refusal(updateProduct(shop.context(), { ...edit, patch: { brand: "Late" } }));
  expect(late).toMatchObject({ code: "version_conflict", members: { version: 2 } });
  const stored = await shop.catalog.products.findOne({ _id: product._id });
  expect(stored?.brand).toBe("Stoa");
});

test("two edits of one version at once: exactly one goes through", async () => {
  await using shop = await testCatalog();
  const product = await createProduct(shop.context(), someProduct({}));
  const edits = ["one", "two", "three"].map((brand) =>
    updateProduct(shop.context(), { id: product._id, version: 1, patch: { brand } }),
  );
  const outcomes = await Promise.allSettled(edits);
  expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
});

test("a former slug stays with its product and cannot be taken by another", async () => {
  await using shop = await testCatalog();
  const product = await createProduct(shop.context(), someProduct({ title: "Old name" }));
  const { after } = await changeSlug(shop.context(), { id: product._id, version: 1, slug: "new-name" });
  expect(after).toMatchObject({ slug: "new-name", slugs: ["old-name", "new-name"] });
  const other = await createProduct(shop.context(), someProduct({ title: "Other" }));
  const taken = await refusal(changeSlug(shop.context(), { id: other._id, version: 1, slug: "old-name" }));
  expect(taken.members.errors).toEqual([{ path: "slug", message: "is taken" }]);
});

test("a former slug that is let go of is free for another product, the present one cannot be let go of", async () => {
  await using shop = await testCatalog();
  const { _id: id } = await createProduct(shop.context(), someProduct({ title: "Old name" }));
  await changeSlug(shop.context(), { id, version: 1, slug: "new-name" });
  const present = await refusal(releaseSlug(shop.context(), { id, version: 2, slug: "new-name" }));
  expect(present.code).toBe("state_conflict");
  await releaseSlug(shop.context(), { id, version: 2, slug: "old-name" });
  expect((await createProduct(shop.context(), someProduct({ title: "Old name" }))).slug).toBe("old-name");
});

test("a variant that does not fit the options, or a strange price, is refused with its path", async () => {
  await using shop = await testCatalog();
  const product = someProduct({ skus: ["B-1", "B-2"] });
  const bad = {
    ...product,
    variants: product.variants.map((variant) => ({
      ...variant,
      options: { size: "B-1", hue: "red" },
      prices: [{ currency: "USD" as const, amount: 500, compareAt: 400 }],
    })),
  };
  const { members } = await refusal(createProduct(shop.context(), bad));
  expect(members.errors?.map((error) => error.path)).toEqual([
    "variants.1",
    "variants.0.options",
    "variants.0.prices.0.compareAt",
    "variants.1.options",
    "variants.1.prices.0.compareAt",
  ]);
});

test("offers come for published products only, in the currency and at the price of the hour", async () => {
  await using shop = await testCatalog();
  const { now } = shop.context();
  const prices = [
    { currency: "USD", amount: 1_000 },
    { currency: "USD", amount: 800, startsAt: now + 1_000, endsAt: now + 2_000 },
    { currency: "USD", amount: 700, customerGroup: "trade" },
    { currency: "USD", amount: 600, minQuantity: 10 },
  ];
  const content = { variants: [{ sku: "C-1", prices, weightGrams: 250 }] };
  const product = await createProduct(shop.context(), someProduct({ title: "Boot", content }));
  await createProduct(shop.context(), someProduct({ skus: ["DRAFT"] }));
  const ask = (currency: "USD" | "EUR", at: number) =>
    findOffers(shop, { skus: ["C-1", "DRAFT", "NONE"], currency, now: at as Instant });
  expect((await ask("USD", now)).size).toBe(0);
  await publishProduct(shop.context(), { id: product._id, version: 1 });
  expect([...(await ask("USD", now)).keys()]).toEqual(["C-1"]);
  expect((await ask("USD", now)).get("C-1")).toMatchObject({
    productId: product._id,
    title: "Boot",
    slug: "boot",
    weightGrams: 250,
    unitPrice: { amount: 1_000, currency: "USD" },
  });
  expect((await ask("USD", now + 1_500)).get("C-1")?.unitPrice).toEqual({ amount: 800, currency: "USD" });
  expect((await ask("USD", now + 2_000)).get("C-1")?.unitPrice).toEqual({ amount: 1_000, currency: "USD" });
  expect((await ask("EUR", now)).get("C-1")?.unitPrice).toBeNull();

  const offer = (await ask("USD", now)).get("C-1");
  const priceFor = (quantity: number, customerGroups: readonly string[] = []) =>
    offer && unitPriceOf(offer, { currency: "USD", now, quantity, customerGroups })?.amount;
  expect([priceFor(1), priceFor(9), priceFor(10)]).toEqual([1_000, 1_000, 600]);
  expect([priceFor(1, ["trade"]), priceFor(10, ["trade"]), priceFor(1, ["other"])]).toEqual([700, 600, 1_000]);
});

test("a scheduled draft goes out at its hour, and a price that starts marks its product", async () => {
  await using shop = await testCatalog();
  const now = shop.clock.now();
  const draft = await createProduct(shop.context(), someProduct({}));
  const publishAt = (now + 60_000) as Instant;
  await scheduleProduct(shop.context(), { id: draft._id, version: 1, publishAt });
  const prices = [
    { currency: "USD", amount: 1_000 },
    { currency: "USD", amount: 900, startsAt: now + 60_000 },
  ];
  const priced = await createProduct(shop.context(), someProduct({ content: { variants: [{ sku: "P", prices }] } }));
  expect((await touchDueProducts(shop.context())).touched).toBe(0);
  shop.clock.advance(60_000);
  expect((await touchDueProducts(shop.context())).touched).toBe(2);
  expect((await touchDueProducts(shop.context())).touched).toBe(0);
  const [out, repriced] = await Promise.all(
    [draft, priced].map((product) => shop.catalog.products.findOne({ _id: product._id })),
  );
  expect(out).toMatchObject({ status: "published", publishAt: null, publishedAt: publishAt, revision: 3 });
  expect(repriced).toMatchObject({ status: "draft", revision: 2, dirty: true, repriceAt: null });
});

test("moving a category keeps its children and marks every product in its branch; a loop is refused", async () => {
  await using shop = await testCatalog();
  const name = (text: string) => ({ "en-US": text });
  const save = (slug: string, parentId: CategoryId | null) =>
    saveCategory(shop.context(), { parentId, slug, name: name(slug), position: 0 });
  const men = (await save("men", null)).after;
  const tops = (await save("men-tops", men._id)).after;
  const sale = (await save("sale", null)).after;
  const product = await createProduct(shop.context(), someProduct({ content: { categoryIds: [tops._id] } }));
  const move = { id: men._id, version: 1, slug: "men", name: name("Men"), position: 0 };
  expect((await refusal(saveCategory(shop.context(), { ...move, parentId: tops._id }))).code).toBe("validation_failed");
  const { after } = await saveCategory(shop.context(), { ...move, parentId: sale._id });
  expect(after).toMatchObject({ parentId: sale._id, slug: "men", revision: 2 });
  expect((await shop.catalog.categories.findOne({ _id: tops._id }))?.parentId).toBe(men._id);
  expect((await shop.catalog.products.findOne({ _id: product._id }))?.revision).toBe(2);
});

test("the dashboard's list pages through every match once, by search and by status", async () => {
  await using shop = await testCatalog();
  for (const number of [1, 2, 3, 4, 5]) {
    const product = await createProduct(
      shop.context(),
      someProduct({ title: `Lamp ${number}`, skus: [`LAMP.${number}`] }),
    );
    if (number > 1) await publishProduct(shop.context(), { id: product._id, version: 1 });
  }
  const deps = { catalog: shop.catalog, locale: "en-US" };
  const titles: string[] = [];
  let cursor: string | undefined;
  do {
    const input = listProductsSchema.parse({
      search: "lamp",
      statuses: ["published"],
      sort: "-title",
      limit: 3,
      cursor,
    });
    const page = await listProducts(deps, input);
    expect(page.total).toBe(4);
    titles.push(...page.items.map((item) => item.title));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(titles).toEqual(["Lamp 5", "Lamp 4", "Lamp 3", "Lamp 2"]);
  const bySku = await listProducts(deps, listProductsSchema.parse({ search: "lamp.3" }));
  expect(bySku.items.map((item) => item.title)).toEqual(["Lamp 3"]);
});

test("an unpublished product can go out again, an archived one must become a draft first", async () => {
  await using shop = await testCatalog();
  const { _id: id } = await createProduct(shop.context(), someProduct({}));
  await publishProduct(shop.context(), { id, version: 1 });
  await unpublishProduct(shop.context(), { id, version: 2 });
  expect((await refusal(unpublishProduct(shop.context(), { id, version: 3 }))).code).toBe("state_conflict");
  const { after } = await publishProduct(shop.context(), { id, version: 3 });
  expect(after.publishedAt).toBe(shop.clock.now());
});

test("a product's texts hold nothing that its order could not take over", () => {
  const content = (members: object) =>
    productContentSchema.safeParse({ title: { en: "Mug" }, variants: [{ sku: "M", prices: [] }], ...members }).success;
  expect(content({})).toBe(true);
  for (const text of ["M\0ug", "M\ud800ug"]) {
    expect(content({ title: { en: text } })).toBe(false);
    expect(content({ description: { en: text } })).toBe(false);
    expect(content({ attributes: [{ code: "care", type: "text", value: text }] })).toBe(false);
    expect(content({ media: [{ url: "/media/a.webp", alt: text }] })).toBe(false);
    expect(content({ seo: { title: text, description: "" } })).toBe(false);
  }
});

test("staff find the largest product by the last of its SKUs", async () => {
  await using shop = await testCatalog();
  const skus = Array.from({ length: 250 }, (_, index) => `TSHIRT-WITH-LONG-SLEEVES-${index}`);
  await createProduct(shop.context(), someProduct({ skus }));
  const input = listProductsSchema.parse({ search: skus.at(-1) });
  expect((await listProducts({ catalog: shop.catalog, locale: "en-US" }, input)).total).toBe(1);
});

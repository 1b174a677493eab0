import { expect, test } from "bun:test";
import type { Instant, ProductId } from "@stoa/kernel";
import { createProduct } from "./create-product.ts";
import { findOffers } from "./find-offers.ts";
import { publishProduct, scheduleProduct, touchDueProducts, unpublishProduct } from "./publish-product.ts";
import { refusal, someProduct, type TestCatalog, testCatalog } from "./testing/catalog.ts";
import { updateProduct } from "./update-product.ts";
import { discardWorkingDraft, publishWorkingDraft, saveWorkingDraft } from "./working-draft.ts";

async function published(shop: TestCatalog, members: Parameters<typeof someProduct>[0] = {}): Promise<ProductId> {
  const product = await createProduct(shop.context(), someProduct(members));
  await publishProduct(shop.context(), { id: product._id, version: 1 });
  return product._id;
}

async function stored(shop: TestCatalog, id: ProductId) {
  const product = await shop.catalog.products.findOne({ _id: id });
  if (!product) throw new Error("the product is missing");
  return product;
}

const later = (shop: TestCatalog, seconds: number) => (shop.clock.now() + seconds * 1_000) as Instant;

test("a product is sold until the very moment of its end, and taken down by the sweep behind it", async () => {
  await using shop = await testCatalog();
  const id = await published(shop, { skus: ["END"] });
  await scheduleProduct(shop.context(), { id, version: 2, unpublishAt: later(shop, 60) });
  const isSold = async () =>
    (await findOffers(shop, { skus: ["END"], currency: "USD", now: shop.clock.now() })).has("END");
  shop.clock.advance(59_999);
  expect([await isSold(), (await touchDueProducts(shop.context())).touched]).toEqual([true, 0]);
  shop.clock.advance(1);
  expect(await isSold()).toBe(false);
  await touchDueProducts(shop.context());
  expect(await stored(shop, id)).toMatchObject({ status: "draft", unpublishAt: null, dirty: true });
});

test("hours that were missed count as they were set: published at its hour, and down again", async () => {
  await using shop = await testCatalog();
  const { _id: id } = await createProduct(shop.context(), someProduct({}));
  const [publishAt, unpublishAt] = [later(shop, 10), later(shop, 20)];
  await scheduleProduct(shop.context(), { id, version: 1, publishAt, unpublishAt });
  shop.clock.advance(3_600_000);
  await touchDueProducts(shop.context());
  const after = { status: "draft", publishAt: null, unpublishAt: null, publishedAt: publishAt };
  expect(await stored(shop, id)).toMatchObject(after);
});

test("several processes that sweep at once publish a product once", async () => {
  await using shop = await testCatalog();
  const { _id: id } = await createProduct(shop.context(), someProduct({}));
  await scheduleProduct(shop.context(), { id, version: 1, publishAt: later(shop, 1) });
  shop.clock.advance(1_000);
  await Promise.all([1, 2, 3, 4].map(() => touchDueProducts(shop.context())));
  expect(await stored(shop, id)).toMatchObject({ status: "published", revision: 3 });
});

test("hours that make no sense are refused", async () => {
  await using shop = await testCatalog();
  const { _id: id } = await createProduct(shop.context(), someProduct({}));
  const at = (hours: object, version = 1) => refusal(scheduleProduct(shop.context(), { id, version, ...hours }));
  expect((await at({ unpublishAt: later(shop, 5) })).code).toBe("state_conflict");
  const turned = await at({ publishAt: later(shop, 9), unpublishAt: later(shop, 5) });
  expect(turned.members.errors?.map(({ path }) => path)).toEqual(["unpublishAt"]);
  await publishProduct(shop.context(), { id, version: 1 });
  expect((await at({ publishAt: later(shop, 9) }, 2)).code).toBe("state_conflict");
});

test("an end set for one showing does not end the next one", async () => {
  await using shop = await testCatalog();
  const id = await published(shop);
  await scheduleProduct(shop.context(), { id, version: 2, unpublishAt: later(shop, 60) });
  await unpublishProduct(shop.context(), { id, version: 3 });
  expect((await publishProduct(shop.context(), { id, version: 4 })).after.unpublishAt).toBeNull();
});

test("a working draft changes nothing that is sold until it goes out", async () => {
  await using shop = await testCatalog();
  const id = await published(shop, { title: "Kettle", skus: ["KETTLE"] });
  const { after } = await saveWorkingDraft(shop.context(), {
    id,
    version: 2,
    patch: { title: { "en-US": "Better kettle" }, brand: null },
  });
  expect(after).toMatchObject({ title: { "en-US": "Kettle" }, sortTitle: "kettle" });
  expect(after.working?.patch).toEqual({ title: { "en-US": "Better kettle" } });
  await updateProduct(shop.context(), { id, version: 3, patch: { brand: "Stoa" } });
  await publishWorkingDraft(shop.context(), { id, version: 4 });
  const shown = { title: { "en-US": "Better kettle" }, brand: "Stoa", sortTitle: "better kettle", working: null };
  expect(await stored(shop, id)).toMatchObject(shown);
});

test("what a working draft would undo is not edited behind its back, and one that is taken back is gone", async () => {
  await using shop = await testCatalog();
  const id = await published(shop);
  const patch = { title: { "en-US": "Draft" } };
  await saveWorkingDraft(shop.context(), { id, version: 2, patch });
  const refused = await refusal(updateProduct(shop.context(), { id, version: 3, patch: { title: { de: "Anders" } } }));
  expect(refused).toMatchObject({ code: "state_conflict", members: { members: ["title"] } });
  await discardWorkingDraft(shop.context(), { id, version: 3 });
  expect((await refusal(publishWorkingDraft(shop.context(), { id, version: 4 }))).code).toBe("state_conflict");
  await saveWorkingDraft(shop.context(), { id, version: 4, patch });
  const back = { id, version: 5, patch: { title: { "en-US": "Walking shoe" } } };
  expect((await saveWorkingDraft(shop.context(), back)).after.working).toBeNull();
});

test("a working draft is refused at once when its SKU is taken, and held back with the reason when it is taken later", async () => {
  await using shop = await testCatalog();
  const id = await published(shop, { skus: ["MINE"] });
  await createProduct(shop.context(), someProduct({ skus: ["THEIRS"] }));
  const variantsOf = (sku: string) => ({ variants: [{ ...someProduct({ skus: [sku] }).variants[0] }] }) as never;
  const taken = await refusal(saveWorkingDraft(shop.context(), { id, version: 2, patch: variantsOf("THEIRS") }));
  expect(taken.members.errors?.map(({ path }) => path)).toEqual(["variants"]);
  await saveWorkingDraft(shop.context(), { id, version: 2, patch: variantsOf("FREE") });
  await scheduleProduct(shop.context(), { id, version: 3, publishAt: later(shop, 1) });
  await createProduct(shop.context(), someProduct({ skus: ["FREE"] }));
  const { _id: other } = await createProduct(shop.context(), someProduct({}));
  await scheduleProduct(shop.context(), { id: other, version: 1, publishAt: later(shop, 1) });
  shop.clock.advance(1_000);
  expect((await touchDueProducts(shop.context())).heldBack).toEqual([id]);
  const held = {
    publishAt: null,
    working: { problem: "a SKU belongs to another product" },
    variants: [{ sku: "MINE" }],
  };
  expect(await stored(shop, id)).toMatchObject(held);
  expect((await stored(shop, other)).status).toBe("published");
});

test("a scheduled working draft goes out at its hour", async () => {
  await using shop = await testCatalog();
  const id = await published(shop, { skus: ["OLD"] });
  const patch = { variants: someProduct({ skus: ["NEW"] }).variants };
  await saveWorkingDraft(shop.context(), { id, version: 2, patch });
  await scheduleProduct(shop.context(), { id, version: 3, publishAt: later(shop, 1) });
  shop.clock.advance(1_000);
  await touchDueProducts(shop.context());
  const out = { status: "published", publishAt: null, working: null, variants: [{ sku: "NEW" }] };
  expect(await stored(shop, id)).toMatchObject(out);
  expect((await stored(shop, id)).searchText).toContain("new");
});

import { expect, test } from "bun:test";
import { createProduct } from "../create-product.ts";
import { findOffers } from "../find-offers.ts";
import { publishProduct } from "../publish-product.ts";
import { refusal, someProduct, testCatalog } from "../testing/catalog.ts";
import { updateProduct } from "../update-product.ts";
import { priceListMembersSchema } from "./price-list.ts";
import { archivePriceList, createPriceList, deletePriceList, finishPriceLists } from "./save-price-list.ts";
import { entriesOf, setEntries } from "./set-entries.ts";

const HOUR_MS = 3_600_000;

/** A published product of one SKU, at 10.00 by itself and at 7.00 by a list. */
async function listedShop() {
  const shop = await testCatalog();
  const { _id: id } = await createProduct(shop.context(), someProduct({ skus: ["S"] }));
  await publishProduct(shop.context(), { id, version: 1 });
  const members = priceListMembersSchema.parse({ name: "Spring", currency: "USD" });
  const { after: list } = await createPriceList(shop.context(), members);
  await setEntries(shop.context(), { id: list._id, entries: [{ sku: "S", minQuantity: 1, amount: 700 }] });
  const product = async () => {
    const found = await shop.catalog.products.findOne({ _id: id });
    if (!found) throw new Error("the product is gone");
    return found;
  };
  return Object.assign(shop, { id, listId: list._id, product });
}

test("a price of a list goes with its SKU: it neither comes back with it nor stands in the list for nobody", async () => {
  await using shop = await listedShop();
  const rename = async (sku: string) => {
    const { _id: id, revision: version, variants } = await shop.product();
    const patch = { variants: variants.map((variant) => ({ ...variant, sku })) };
    return (await updateProduct(shop.context(), { id, version, patch })).after;
  };
  expect((await rename("T")).listPrices).toEqual([]);
  expect(await Array.fromAsync(entriesOf(shop.catalog, shop.listId))).toEqual([]);
  await rename("S");
  const offers = await findOffers(shop, { skus: ["S"], currency: "USD", now: shop.clock.now() });
  expect(offers.get("S")?.unitPrice?.amount).toBe(1_000);
});

test("an archived list can be deleted with its entries, which then no longer fill up their products", async () => {
  await using shop = await listedShop();
  const deleting = (version: number) => deletePriceList(shop.context(), { id: shop.listId, version });
  expect((await refusal(deleting(1))).code).toBe("state_conflict");
  const { after } = await archivePriceList(shop.context(), { id: shop.listId, version: 1 });
  // Whoever is writing entries just now may not have seen that it was archived.
  expect((await refusal(deleting(after.revision))).code).toBe("state_conflict");
  shop.clock.advance(HOUR_MS);
  await finishPriceLists(shop.context());
  expect((await refusal(deleting(1))).code).toBe("version_conflict");
  await deleting(after.revision);
  expect((await shop.product()).listPrices).toEqual([]);
  expect(await shop.catalog.priceLists.countDocuments({})).toBe(0);
  expect((await refusal(deleting(after.revision))).code).toBe("not_found");
});

test("a list whose deletion a crash has cut short is gone for staff at once, and for its products with the next sweep", async () => {
  await using shop = await listedShop();
  await archivePriceList(shop.context(), { id: shop.listId, version: 1 });
  await shop.catalog.priceLists.updateOne({ _id: shop.listId }, { $set: { removedAt: shop.clock.now(), dirty: true } });
  const entries = [{ sku: "S", minQuantity: 1, amount: 5 }];
  expect((await refusal(setEntries(shop.context(), { id: shop.listId, entries }))).code).toBe("not_found");
  await finishPriceLists(shop.context());
  expect((await shop.product()).listPrices).toEqual([]);
  expect(await shop.catalog.priceLists.countDocuments({})).toBe(0);
});

test("entries are not written to a list that is archived while they are looked at", async () => {
  await using shop = await listedShop();
  const { products } = shop.catalog;
  const context = {
    ...shop.context(),
    catalog: {
      ...shop.catalog,
      products: Object.assign(Object.create(products), {
        find: (...asked: Parameters<typeof products.find>) => {
          const cursor = products.find(...asked);
          return Object.assign(Object.create(cursor), {
            toArray: async () => {
              await archivePriceList(shop.context(), { id: shop.listId, version: 1 });
              return cursor.toArray();
            },
          });
        },
      }),
    },
  };
  const entries = [{ sku: "S", minQuantity: 1, amount: 5 }];
  expect((await refusal(setEntries(context, { id: shop.listId, entries }))).code).toBe("state_conflict");
  expect((await shop.product()).listPrices?.map(({ amount }) => amount)).toEqual([700]);
});

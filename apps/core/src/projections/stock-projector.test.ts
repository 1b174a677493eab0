import { expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { unpublishProduct, updateProduct } from "../services/catalog/index.ts";
import { readStock } from "./stock-entry.ts";
import { catalogContext, testShop } from "./testing/shop.ts";

test("the stock of a SKU shows at once in its own view, in the product, in the summary and in the search index", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "Cap", skus: ["CAP-S", "CAP-L"] });
  await shop.projections.sweep();
  expect((await shop.summary(id))?.inStock).toBe(false);
  await shop.stockChanged("CAP-L", 2);
  const [stock] = await shop.store.envelopes([keys.stock("CAP-L")]);
  expect(JSON.parse(stock?.body ?? "{}")).toEqual({
    sku: "CAP-L",
    available: 2,
    status: "low_stock",
    asOf: "2026-03-01T12:00:00.000Z",
  });
  expect((await shop.product("cap"))?.variants.map((variant) => variant.available)).toEqual([0, 2]);
  expect((await shop.summary(id))?.inStock).toBe(true);
  expect((await shop.index.documents()).map((found) => found.inStock)).toEqual([true]);
  await shop.stockChanged("CAP-L", 0);
  expect((await shop.summary(id))?.inStock).toBe(false);
  expect((await shop.index.documents()).map((found) => found.inStock)).toEqual([false]);
});

test("an older stock message that comes late changes nothing", async () => {
  await using shop = await testShop();
  await shop.publish({ title: "Scarf", skus: ["SCARF"] });
  await shop.projections.sweep();
  const send = (version: number, available: number) =>
    shop.tellStock(shop.projections, { sku: "SCARF", available, version, allowBackorder: false });
  await send(8, 5);
  await send(7, 99);
  expect((await shop.product("scarf"))?.variants[0]?.available).toBe(5);
});

test("stock messages of one product taken by several cores at once end with what was told last", async () => {
  await using shop = await testShop();
  const skus = ["M-1", "M-2", "M-3"];
  await shop.publish({ title: "Mitten", skus });
  await shop.projections.sweep();
  const cores = [shop.anotherCore(), shop.anotherCore(), shop.anotherCore()];
  const messages = Array.from({ length: 20 }, (_, index) => index + 1).flatMap((version) =>
    skus.map((sku) => ({ sku, version, available: version, allowBackorder: false })),
  );
  await Promise.all(messages.map((fact, index) => shop.tellStock(cores[index % 3] ?? shop.projections, fact)));
  expect((await shop.product("mitten"))?.variants.map((variant) => variant.available)).toEqual([20, 20, 20]);
});

test("stock is told without waiting for the products that show it, and what comes meanwhile is shown together", async () => {
  await using shop = await testShop();
  const skus = ["S-1", "S-2", "S-3"];
  const id = await shop.publish({ title: "Sock", skus });
  await shop.projections.sweep();
  const upsert = shop.index.upsert.bind(shop.index);
  const allTold = Promise.withResolvers<void>();
  let upserts = 0;
  shop.index.upsert = async (...given) => {
    upserts += 1;
    await allTold.promise;
    return upsert(...given);
  };
  const rests: (Promise<void> | undefined)[] = [];
  for (const sku of skus) {
    const payload = { sku, available: 4, version: 1, allowBackorder: false };
    const told = await shop.projections.handlers["stock.changed"]?.([{ payload, availableAt: shop.clock.now() }]);
    rests.push(told?.rest);
    const [known] = (await readStock(shop.store, [sku])).values();
    expect(known?.view.available).toBe(4);
  }
  allTold.resolve();
  await Promise.all(rests);
  expect((await shop.product("sock"))?.variants.map((variant) => variant.available)).toEqual([4, 4, 4]);
  expect((await shop.summary(id))?.inStock).toBe(true);
  expect(upserts).toBe(1);
});

test("stock that changes while a product is taken out never brings it back", async () => {
  await using shop = await testShop();
  for (const round of [1, 2, 3, 4, 5, 6]) {
    const title = `Flicker ${round}`;
    const id = await shop.publish({ title, skus: [title] });
    await shop.projections.sweep();
    const changed = shop.anotherCore().catalogChanged;
    await Promise.all([
      unpublishProduct(catalogContext(shop, changed), { id, version: 2 }),
      ...[1, 2, 3, 4].map((available) => shop.stockChanged(title, available)),
    ]);
    await shop.projections.sweep();
    await shop.projections.idle();
    expect(await shop.product(`flicker-${round}`)).toBeNull();
    expect(await shop.summary(id)).toBeNull();
  }
});

test("whether a SKU may be sold ahead, or is counted at all, is the catalog's word, in every view", async () => {
  await using shop = await testShop();
  const prices = [{ currency: "USD", amount: 500 }];
  const options = [{ name: "kind", values: ["made", "file", "plain"] }];
  const variants = [
    { sku: "MADE", options: { kind: "made" }, prices, allowBackorder: true },
    { sku: "FILE", options: { kind: "file" }, prices, trackInventory: false },
    { sku: "PLAIN", options: { kind: "plain" }, prices },
  ];
  const id = await shop.publish({ title: "Print", content: { options, variants } });
  await shop.projections.sweep();
  await shop.stockChanged("PLAIN", 0);
  const statuses = async () => {
    const envelopes = await shop.store.envelopes(["MADE", "FILE", "PLAIN"].map((sku) => keys.stock(sku)));
    return envelopes.map((envelope) => JSON.parse(envelope?.body ?? "{}").status);
  };
  expect(await statuses()).toEqual(["backorder", "in_stock", "out_of_stock"]);
  expect((await shop.product("print"))?.variants.map((variant) => variant.inStock)).toEqual([true, true, false]);
  const context = catalogContext(shop);
  const turned = shop.catalog.products.findOne({ _id: id });
  const patch = {
    variants: ((await turned)?.variants ?? []).map((variant) => ({
      ...variant,
      allowBackorder: variant.sku === "PLAIN",
      trackInventory: true,
    })),
  };
  await updateProduct(context, { id, version: 2, patch });
  await shop.projections.idle();
  expect(await statuses()).toEqual(["out_of_stock", "out_of_stock", "backorder"]);
});

import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { createProduct } from "../create-product.ts";
import { findOffers, unitPriceOf } from "../find-offers.ts";
import { setPrices } from "../prices/set-prices.ts";
import { publishProduct, touchDueProducts } from "../publish-product.ts";
import { refusal, someProduct, type TestCatalog, testCatalog } from "../testing/catalog.ts";
import { entriesCsv, readEntriesCsv } from "./entries-csv.ts";
import type { PriceListMembers } from "./price-list.ts";
import { archivePriceList, changePriceList, createPriceList, finishPriceLists } from "./save-price-list.ts";
import { entriesOf, setEntries } from "./set-entries.ts";

const HOUR_MS = 3_600_000;
const everybody: PriceListMembers = {
  ...{ name: "Spring", currency: "USD", customerGroups: [], channels: [], startsAt: null, endsAt: null, priority: 0 },
};

/** A published product of 10.00 in every channel that is asked for, and a list with one price of it. */
async function pricedShop(members: Partial<PriceListMembers>, amount: number, minQuantity = 1) {
  const shop = await testCatalog();
  const { _id: id } = await createProduct(shop.context(), someProduct({ skus: ["S"] }));
  await publishProduct(shop.context(), { id, version: 1 });
  await publishProduct(shop.context(), { id, version: 2, channel: "trade" });
  const { after: list } = await createPriceList(shop.context(), { ...everybody, ...members });
  const result = await setEntries(shop.context(), { id: list._id, entries: [{ sku: "S", minQuantity, amount }] });
  expect(result).toEqual({ set: 1, errors: [] });
  return Object.assign(shop, { id, list });
}

async function priceOf(
  shop: TestCatalog,
  buyer: { quantity?: number; customerGroups?: string[]; channel?: string } = {},
): Promise<number | null> {
  const { channel = "default", ...question } = buyer;
  const now = shop.clock.now();
  const offer = (await findOffers(shop, { skus: ["S"], currency: "USD", now, channel })).get("S");
  return (offer && unitPriceOf(offer, { currency: "USD", now, ...question })?.amount) ?? null;
}

test("of prices of one priority the lowest is taken; those of a higher one decide, even where they are dearer", async () => {
  for (const [priority, amount, paid] of [
    [0, 900, 900],
    [0, 1_100, 1_000],
    [1, 1_100, 1_100],
    [-1, 900, 1_000],
  ] as const) {
    await using shop = await pricedShop({ priority }, amount);
    expect([priority, amount, await priceOf(shop)]).toEqual([priority, amount, paid]);
  }
});

test("prices that no provider can charge are refused, of a product and of a list: the last digit of a dinar's thousandths is 0", async () => {
  await using shop = await testCatalog();
  const { _id: id } = await createProduct(shop.context(), someProduct({ skus: ["S"] }));
  const setTo = (amount: number, version: number) => {
    const variants = [{ sku: "S", prices: [{ currency: "KWD" as const, amount }] }];
    return setPrices(shop.context(), { id, version, variants });
  };
  const message = "the last digit of an amount in KWD must be 0: 1.010, not 1.005";
  const errors = [{ path: "variants.0.prices.0.amount", message }];
  expect(await refusal(setTo(1_005, 1))).toMatchObject({ code: "validation_failed", members: { errors } });
  await setTo(1_010, 1);
  const { after: list } = await createPriceList(shop.context(), { ...everybody, currency: "KWD" });
  const entries = [1_005, 1_010].map((amount, row) => ({ sku: "S", minQuantity: row + 1, amount }));
  expect(await setEntries(shop.context(), { id: list._id, entries })).toEqual({
    set: 1,
    errors: [{ row: 0, sku: "S", message: `amount: ${message}` }],
  });
});

test("a list holds for its groups, in its channels, from so many units on", async () => {
  await using shop = await pricedShop({ customerGroups: ["vip", "staff"], channels: ["trade"] }, 700, 5);
  const whole = { quantity: 5, customerGroups: ["staff"], channel: "trade" };
  expect(await priceOf(shop, whole)).toBe(700);
  expect(await priceOf(shop, { ...whole, quantity: 4 })).toBe(1_000);
  expect(await priceOf(shop, { ...whole, customerGroups: ["other"] })).toBe(1_000);
  expect(await priceOf(shop, { ...whole, channel: "default" })).toBe(1_000);
});

test("a list begins and ends to the moment, and a change of its terms reaches every entry", async () => {
  await using shop = await pricedShop({}, 700);
  const { list } = shop;
  const startsAt = (shop.clock.now() + HOUR_MS) as Instant;
  const members = { ...everybody, startsAt, endsAt: (startsAt + HOUR_MS) as Instant };
  const { after } = await changePriceList(shop.context(), { id: list._id, version: 1, members });
  expect((await shop.catalog.priceLists.findOne({ _id: list._id }))?.dirty).toBe(false);
  expect(await priceOf(shop)).toBe(1_000);
  shop.clock.advance(HOUR_MS);
  expect(await priceOf(shop)).toBe(700);
  // The read models are told by the sweep, as they are of a price window.
  expect((await touchDueProducts(shop.context())).touched).toBe(1);
  expect((await touchDueProducts(shop.context())).touched).toBe(0);
  shop.clock.advance(HOUR_MS);
  expect(await priceOf(shop)).toBe(1_000);
  const stale = changePriceList(shop.context(), { id: list._id, version: 1, members });
  expect((await refusal(stale)).code).toBe("version_conflict");
  const other = { ...members, currency: "EUR" as const };
  const foreign = changePriceList(shop.context(), { id: list._id, version: after.revision, members: other });
  expect((await refusal(foreign)).code).toBe("validation_failed");
});

test("an archived list has ended, keeps its entries for reading, and takes no others", async () => {
  await using shop = await pricedShop({}, 700);
  const { list } = shop;
  await archivePriceList(shop.context(), { id: list._id, version: 1 });
  expect(await priceOf(shop)).toBe(1_000);
  expect(await Array.fromAsync(entriesOf(shop.catalog, list._id))).toEqual([{ sku: "S", minQuantity: 1, amount: 700 }]);
  const entries = [{ sku: "S", minQuantity: 1, amount: 5 }];
  expect((await refusal(setEntries(shop.context(), { id: list._id, entries }))).code).toBe("state_conflict");
  const again = archivePriceList(shop.context(), { id: list._id, version: 2 });
  expect((await refusal(again)).code).toBe("state_conflict");
});

test("what cannot be set is told of by its row, and all else is set; null takes an entry out", async () => {
  await using shop = await pricedShop({}, 700);
  const { list } = shop;
  const entry = (sku: string, amount: number | null, minQuantity = 1) => ({ sku, minQuantity, amount });
  const entries = [entry("S", null), entry("NONE", 5), entry("S", 600, 3), entry("S", 1, 3)];
  expect(await setEntries(shop.context(), { id: list._id, entries })).toEqual({
    set: 2,
    errors: [
      { row: 1, sku: "NONE", message: "no product has this SKU" },
      { row: 3, sku: "S", message: "stands here twice" },
    ],
  });
  expect([await priceOf(shop), await priceOf(shop, { quantity: 3 })]).toEqual([1_000, 600]);
});

test("an editor of the product's own prices leaves those of lists alone", async () => {
  await using shop = await pricedShop({}, 700);
  const product = await shop.catalog.products.findOne({ _id: shop.id });
  const prices = [{ currency: "USD" as const, amount: 2_000 }];
  await setPrices(shop.context(), {
    ...{ id: shop.id, version: product?.revision ?? 0 },
    variants: [{ sku: "S", prices }],
  });
  expect(await priceOf(shop)).toBe(700);
});

test("terms that a crash has left behind are brought to the entries by the sweep", async () => {
  await using shop = await pricedShop({}, 700);
  const { priceLists } = shop.catalog;
  await priceLists.updateOne(
    { _id: shop.list._id },
    { $set: { customerGroups: ["vip"], dirty: true }, $inc: { revision: 1 } },
  );
  expect(await priceOf(shop)).toBe(700);
  await finishPriceLists(shop.context());
  expect([await priceOf(shop), await priceOf(shop, { customerGroups: ["vip"] })]).toEqual([1_000, 700]);
  expect(await priceLists.countDocuments({ dirty: true })).toBe(0);
});

test("a CSV file comes in as it went out, and what is wrong in it is told of by its row", () => {
  const entries = [
    { sku: 'A,"b"', minQuantity: 1, amount: 1_050 },
    { sku: "C", minQuantity: 10, amount: 5 },
    { sku: '=HYPERLINK("http://x")', minQuantity: 1, amount: 5 },
  ];
  const csv = entriesCsv(entries, "USD");
  expect(csv).toBe(
    'sku,min_quantity,price\r\n"A,""b""",1,10.50\r\nC,10,0.05\r\n"\'=HYPERLINK(""http://x"")",1,0.05\r\n',
  );
  expect(readEntriesCsv(csv, "USD")).toEqual({ entries: entries.map((entry, row) => ({ row, entry })), errors: [] });
  const wrong = readEntriesCsv("sku,min_quantity,price\nA,,1.005\nB,0,1\nC,,\nD,,-1\n", "USD");
  expect(wrong.entries).toEqual([{ row: 2, entry: { sku: "C", minQuantity: 1, amount: null } }]);
  expect(wrong.errors.map(({ row, sku }) => [row, sku])).toEqual([
    [0, "A"],
    [1, "B"],
    [3, "D"],
  ]);
});

test("a file of prices is read by what it says, not by what a lenient reader makes of it", () => {
  const errorsOf = (csv: string) => readEntriesCsv(csv, "USD").errors.map(({ message }) => message);
  expect(errorsOf("sku,price,price\nA,1.00,0.01\n")).toEqual(["the column price stands twice"]);
  for (const quantity of ["0x10", "1e2", "1.5", "-1"]) {
    expect(errorsOf(`sku,min_quantity,price\nA,${quantity},1.00\n`)).toEqual(["min_quantity: must be a whole number"]);
  }
  expect(errorsOf(`sku,min_quantity,price\n${"A,x,1\n".repeat(5_000)}`)).toHaveLength(1_000);
});

test("entries that were on their way while the list ended end with it, although its terms had passed their product", async () => {
  await using shop = await pricedShop({}, 900);
  const passed = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  // The list ends while the entry is about to be written; its terms have been brought to all products before the entry is there.
  const slowLists = holding(shop.catalog.priceLists, "updateOne", async () => {
    passed.resolve();
    await written.promise;
  });
  let ended: Promise<unknown> | null = null;
  const slowProducts = holding(shop.catalog.products, "bulkWrite", async () => {
    const context = { ...shop.context(), catalog: { ...shop.catalog, priceLists: slowLists } };
    ended ??= archivePriceList(context, { id: shop.list._id, version: 1 });
    await passed.promise;
  });
  const context = { ...shop.context(), catalog: { ...shop.catalog, products: slowProducts } };
  await setEntries(context, { id: shop.list._id, entries: [{ sku: "S", minQuantity: 3, amount: 700 }] });
  written.resolve();
  await ended;
  await finishPriceLists(shop.context());
  shop.clock.advance(HOUR_MS);
  expect(await priceOf(shop, { quantity: 3 })).toBe(1_000);
});

test("entries whose writer ended before it saw that the terms had changed get the present terms by the sweep", async () => {
  await using shop = await pricedShop({}, 900);
  const vips = { id: shop.list._id, version: 1, members: { ...everybody, customerGroups: ["vip"] } };
  let changed: Promise<unknown> | null = null;
  const slowProducts = holding(shop.catalog.products, "bulkWrite", async () => {
    changed ??= changePriceList(shop.context(), vips);
    await changed;
  });
  const ending = holding(shop.catalog.priceLists, "updateOne", async (filter) => {
    if ("revision" in filter) throw new Error("killed");
  });
  const context = { ...shop.context(), catalog: { ...shop.catalog, products: slowProducts, priceLists: ending } };
  const entries = [{ sku: "S", minQuantity: 3, amount: 700 }];
  await expect(setEntries(context, { id: shop.list._id, entries })).rejects.toThrow("killed");
  expect(await priceOf(shop, { quantity: 3 })).toBe(700);
  shop.clock.advance(HOUR_MS);
  await finishPriceLists(shop.context());
  const members = { quantity: 3, customerGroups: ["vip"] };
  expect([await priceOf(shop, { quantity: 3 }), await priceOf(shop, members)]).toEqual([1_000, 700]);
  expect(await shop.catalog.priceLists.findOne({ _id: shop.list._id })).not.toHaveProperty("checkAt");
});

/** A collection that does something before one of its commands. */
function holding<C extends object>(collection: C, command: keyof C, before: (first: object) => Promise<void>): C {
  return new Proxy(collection, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name !== command) return value.bind(target);
      return async (...given: unknown[]) => {
        await before(Object(given[0]));
        return value.apply(target, given);
      };
    },
  });
}

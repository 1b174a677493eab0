import { expect, test } from "bun:test";
import { Problem } from "@stoa/kernel";
import { createProduct } from "./create-product.ts";
import { findOffers } from "./find-offers.ts";
import { kitStock, kitsAmong } from "./kit.ts";
import { priceListMembersSchema } from "./price-lists/price-list.ts";
import { createPriceList } from "./price-lists/save-price-list.ts";
import { setEntries } from "./price-lists/set-entries.ts";
import { publishProduct } from "./publish-product.ts";
import { someProduct, type TestCatalog, testCatalog } from "./testing/catalog.ts";
import { updateProduct } from "./update-product.ts";

const prices = [{ currency: "USD" as const, amount: 1_000 }];
const variant = (sku: string, kit?: Readonly<Record<string, number>>, more: object = {}) => ({
  sku,
  prices,
  ...(kit && { kit: Object.entries(kit).map(([part, quantity]) => ({ sku: part, quantity })) }),
  ...more,
});
const make = (shop: TestCatalog, title: string, ...variants: object[]) => {
  const options = variants.length > 1 ? [{ name: "n", values: variants.map((_, index) => `${index}`) }] : [];
  const chosen = variants.map((one, index) => ({ ...one, ...(options.length > 0 && { options: { n: `${index}` } }) }));
  return createProduct(shop.context(), someProduct({ title, content: { options, variants: chosen } }));
};
const errorsOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (failure: unknown) => failure,
  );
  if (!(error instanceof Problem)) return [];
  return (error.members.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
};

test("a kit is made of SKUs that there are and that are no kits, each named once", async () => {
  await using shop = await testCatalog();
  await make(shop, "Bolt", variant("BOLT"));
  await make(shop, "Set", variant("SET", { BOLT: 4 }));
  expect(await errorsOf(make(shop, "A", variant("A", { NUT: 1 })))).toEqual(["variants.0.kit.0.sku: unknown SKU"]);
  expect(await errorsOf(make(shop, "B", variant("B", { SET: 1 })))).toEqual([
    "variants.0.kit.0.sku: a kit is no part of a kit",
  ]);
  expect(await errorsOf(make(shop, "C", variant("C", { C: 1 })))).toEqual([
    "variants.0.kit.0.sku: a kit is no part of a kit",
  ]);
  const twice = { ...variant("D"), kit: Array(2).fill({ sku: "BOLT", quantity: 1 }) };
  expect(await errorsOf(make(shop, "D", twice))).toEqual(["variants.0.kit: a part stands here twice"]);
  // Of its own product it may be made as well.
  expect(await errorsOf(make(shop, "E", variant("E-1"), variant("E-3", { "E-1": 3 })))).toEqual([]);
});

test("a SKU stays a kit, or none, for good, and what is a part becomes no kit under another product either", async () => {
  await using shop = await testCatalog();
  const bolt = await make(shop, "Bolt", variant("BOLT"));
  const nut = await make(shop, "Nut", variant("NUT"));
  const set = await make(shop, "Set", variant("SET", { BOLT: 4 }));
  const forGood = "a SKU stays a kit, or none, for good; take a new SKU";
  const change = (product: typeof set, ...variants: object[]) => {
    const patch = someProduct({ content: { variants } });
    return updateProduct(shop.context(), { id: product._id, version: 1, patch: { variants: patch.variants } });
  };
  expect(await errorsOf(change(nut, variant("NUT", { BOLT: 1 })))).toEqual([`variants.0.kit: ${forGood}`]);
  expect(await errorsOf(change(set, variant("SET")))).toEqual([`variants.0.kit: ${forGood}`]);
  await shop.catalog.products.deleteOne({ _id: bolt._id });
  expect(await errorsOf(make(shop, "Bolt anew", variant("BOLT", { NUT: 1 })))).toEqual([
    "variants.0.kit: BOLT is a part of another kit",
  ]);
  const { after } = await change(set, variant("SET", { NUT: 2 }));
  expect(after.variants[0]?.kit).toEqual([{ sku: "NUT", quantity: 2 }]);
});

test("an offer of a kit names its parts with what holds for them; without one of them it is not for sale", async () => {
  await using shop = await testCatalog();
  const bolt = await make(shop, "Bolt", variant("BOLT", undefined, { allowBackorder: true }));
  await make(shop, "Glue", variant("GLUE", undefined, { trackInventory: false }));
  const set = await make(shop, "Set", variant("SET", { BOLT: 4, GLUE: 1 }));
  await publishProduct(shop.context(), { id: set._id, version: 1 });
  const offer = async () => {
    const question = { skus: ["SET"], currency: "USD" as const, now: shop.clock.now() };
    return (await findOffers({ catalog: shop.catalog }, question)).get("SET");
  };
  expect((await offer())?.parts).toEqual([
    { sku: "BOLT", title: "Bolt", quantity: 4, trackInventory: true, allowBackorder: true },
    { sku: "GLUE", title: "Glue", quantity: 1, trackInventory: false, allowBackorder: false },
  ]);
  expect(await kitsAmong(shop.catalog, ["BOLT", "SET", "NONE"])).toEqual(new Set(["SET"]));
  await shop.catalog.products.deleteOne({ _id: bolt._id });
  expect(await offer()).toBeUndefined();
});

test("an offer of a kit tells what its parts cost alone by tax class, where all of them are sold in the currency", async () => {
  await using shop = await testCatalog();
  const both = [...prices, { currency: "EUR" as const, amount: 900 }];
  await make(shop, "Book", variant("BOOK", undefined, { taxClass: "books", prices: both }));
  await make(shop, "Pen", variant("PEN"));
  const set = await make(shop, "Set", variant("SET", { BOOK: 1, PEN: 3 }, { prices: both }));
  await publishProduct(shop.context(), { id: set._id, version: 1 });
  const sharesIn = async (currency: "USD" | "EUR") => {
    const question = { skus: ["SET"], currency, now: shop.clock.now() };
    return (await findOffers({ catalog: shop.catalog }, question)).get("SET")?.taxShares;
  };
  expect(await sharesIn("USD")).toEqual([
    { taxClass: "books", worth: 1_000 },
    { taxClass: "standard", worth: 3_000 },
  ]);
  expect(await sharesIn("EUR")).toBeUndefined();
});

test("a kit is there as often as its scarcest counted part allows, and ahead of that only if all that is short may be", () => {
  const part = (sku: string, quantity: number, more: object = {}) => {
    return { sku, quantity, trackInventory: true, allowBackorder: false, ...more };
  };
  const stock = (units: Readonly<Record<string, number>>) => (sku: string) => units[sku] ?? 0;
  expect(kitStock([part("A", 2), part("B", 1)], stock({ A: 9, B: 7 }))).toEqual({
    available: 4,
    allowBackorder: false,
  });
  expect(kitStock([part("A", 2), part("B", 1)], stock({ A: 1, B: -3 })).available).toBe(0);
  const ahead = [part("A", 2, { allowBackorder: true }), part("B", 1)];
  expect(kitStock(ahead, stock({ A: 1, B: 7 }))).toEqual({ available: 0, allowBackorder: true });
  expect(kitStock(ahead, stock({ A: 1, B: 0 }))).toEqual({ available: 0, allowBackorder: false });
  const uncounted = part("G", 1, { trackInventory: false });
  expect(kitStock([uncounted], stock({}))).toEqual({ available: null, allowBackorder: false });
  expect(kitStock([uncounted, part("A", 3)], stock({ A: 7 })).available).toBe(2);
});

test("a kit's tax shares go by what its parts cost in the channel, prices of lists among them", async () => {
  await using shop = await testCatalog();
  await make(shop, "Book", variant("BOOK", undefined, { taxClass: "books" }));
  await make(shop, "Pen", variant("PEN"));
  const set = await make(shop, "Set", variant("SET", { BOOK: 1, PEN: 1 }));
  await publishProduct(shop.context(), { id: set._id, version: 1 });
  await publishProduct(shop.context(), { id: set._id, version: 2, channel: "trade" });
  const members = { name: "Trade", currency: "USD", channels: ["trade"], priority: 1 };
  const { after: list } = await createPriceList(shop.context(), priceListMembersSchema.parse(members));
  await setEntries(shop.context(), { id: list._id, entries: [{ sku: "BOOK", minQuantity: 1, amount: 3_000 }] });
  const sharesIn = async (channel: string) => {
    const question = { skus: ["SET"], currency: "USD" as const, now: shop.clock.now(), channel };
    return (await findOffers({ catalog: shop.catalog }, question)).get("SET")?.taxShares?.map(({ worth }) => worth);
  };
  expect(await sharesIn("default")).toEqual([1_000, 1_000]);
  expect(await sharesIn("trade")).toEqual([3_000, 1_000]);
});

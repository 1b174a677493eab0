import { expect, spyOn, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { channels, keys } from "@stoa/read-models";
import { Redis } from "ioredis";
import {
  changeSlug,
  createProduct,
  createProductSchema,
  mergeCategory,
  saveCategory,
  saveProductType,
  saveProductTypeSchema,
  saveWorkingDraft,
  scheduleProduct,
  unpublishProduct,
  updateProduct,
} from "../services/catalog/index.ts";
import { noFields } from "../testing/index.ts";
import { readStock } from "./stock-entry.ts";
import { someProduct } from "./testing/catalog.ts";
import { testShop } from "./testing/shop.ts";

test("a published product stands in Redis in each of its currencies, with its stock, and a draft does not", async () => {
  await using shop = await testShop();
  const prices = [
    { currency: "USD", amount: 2_000, compareAt: 2_500 },
    { currency: "EUR", amount: 1_900 },
  ];
  await shop.stockChanged("R-1", 4);
  const id = await shop.publish({ title: "Rain coat", content: { brand: "Stoa", variants: [{ sku: "R-1", prices }] } });
  await shop.projections.sweep();
  expect(await shop.product("rain-coat")).toMatchObject({
    id,
    price: { amount: 2_000, currency: "USD" },
    compareAtPrice: { amount: 2_500, currency: "USD" },
    inStock: true,
    variants: [{ sku: "R-1", available: 4, inStock: true }],
  });
  const [euro] = await shop.store.envelopes([keys.summary("EUR", id)]);
  expect(JSON.parse(euro?.body ?? "{}")).toMatchObject({ price: { amount: 1_900, currency: "EUR" }, inStock: true });
  expect(await shop.catalog.products.countDocuments({ dirty: true })).toBe(0);
  expect(shop.failures).toEqual([]);
});

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
  const upserts = spyOn(shop.index, "upsert");
  const rests: (Promise<void> | undefined)[] = [];
  for (const sku of skus) {
    const payload = { sku, available: 4, version: 1, allowBackorder: false };
    const told = await shop.projections.handlers["stock.changed"]?.([{ payload, availableAt: shop.clock.now() }]);
    rests.push(told?.rest);
    const [known] = (await readStock(shop.store, [sku])).values();
    expect(known?.view.available).toBe(4);
  }
  await Promise.all(rests);
  expect((await shop.product("sock"))?.variants.map((variant) => variant.available)).toEqual([4, 4, 4]);
  expect((await shop.summary(id))?.inStock).toBe(true);
  expect(upserts.mock.calls.length).toBeLessThan(skus.length);
});

test("a product taken out of the shop leaves no view, no owner of a SKU and no search document", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "Gone", skus: ["GONE"] });
  await shop.projections.sweep();
  expect(await shop.index.documents()).toHaveLength(1);
  const { catalog } = shop;
  const changed = shop.projections.catalogChanged;
  await unpublishProduct({ catalog, now: shop.clock.now(), changed, readFields: noFields }, { id, version: 2 });
  await shop.projections.idle();
  await shop.stockChanged("GONE", 5);
  const left = Object.keys(await shop.snapshot()).filter((key) => key.includes(id) || key.endsWith(":gone"));
  expect(left).toEqual([keys.productBase(id)]);
  expect(await shop.redis.get(keys.skuOwner("GONE"))).toBeNull();
  expect(await shop.index.documents()).toEqual([]);
});

test("stock that changes while a product is taken out never brings it back", async () => {
  await using shop = await testShop();
  for (const round of [1, 2, 3, 4, 5, 6]) {
    const title = `Flicker ${round}`;
    const id = await shop.publish({ title, skus: [title] });
    await shop.projections.sweep();
    const changed = shop.anotherCore().catalogChanged;
    const { catalog } = shop;
    await Promise.all([
      unpublishProduct({ catalog, now: shop.clock.now(), changed, readFields: noFields }, { id, version: 2 }),
      ...[1, 2, 3, 4].map((available) => shop.stockChanged(title, available)),
    ]);
    await shop.projections.sweep();
    await shop.projections.idle();
    expect(await shop.product(`flicker-${round}`)).toBeNull();
    expect(await shop.summary(id)).toBeNull();
  }
});

test("a former slug leads to the present one, also after a second change and a change back", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "First" });
  const { catalog } = shop;
  const context = { catalog, now: shop.clock.now(), changed: shop.projections.catalogChanged, readFields: noFields };
  let version = 2;
  for (const slug of ["second", "third", "first"]) {
    await changeSlug(context, { id, version, slug });
    version += 1;
    await shop.projections.idle();
    expect((await shop.product(slug))?.slug).toBe(slug);
  }
  expect(await shop.redis.mget(keys.formerSlug("second"), keys.formerSlug("third"), keys.formerSlug("first"))).toEqual([
    "first",
    "first",
    null,
  ]);
  expect(await shop.product("second")).toBeNull();
});

test("a renamed category shows in the tree and in its products, and counts each published product once", async () => {
  await using shop = await testShop();
  const { catalog } = shop;
  const context = { catalog, now: shop.clock.now(), changed: shop.projections.catalogChanged, readFields: noFields };
  const name = (text: string) => ({ "en-US": text });
  const root = (await saveCategory(context, { parentId: null, slug: "men", name: name("Men"), position: 0 })).after;
  const leaf = { parentId: root._id, name: name("Tops"), position: 0 };
  const tops = (await saveCategory(context, { ...leaf, slug: "men-tops" })).after;
  const tees = (await saveCategory(context, { ...leaf, slug: "men-tees", name: name("Tees") })).after;
  await shop.publish({ title: "Tee", content: { categoryIds: [tops._id, tees._id] } });
  await shop.projections.sweep();
  const renamed = { id: tops._id, version: 1, parentId: root._id, slug: "men-tops", name: name("Shirts"), position: 1 };
  await saveCategory(context, renamed);
  await shop.projections.idle();
  await shop.projections.sweep();
  const [tree] = await shop.store.envelopes([keys.categories()]);
  expect(JSON.parse(tree?.body ?? "{}")).toMatchObject({
    items: [
      {
        slug: "men",
        productCount: 1,
        children: [
          { slug: "men-tees", productCount: 1 },
          { slug: "men-tops", name: "Shirts", productCount: 1 },
        ],
      },
    ],
  });
  expect((await shop.product("tee"))?.categories).toEqual([
    { slug: "men", name: "Men" },
    { slug: "men-tops", name: "Shirts" },
    { slug: "men-tees", name: "Tees" },
  ]);
});

test("every edge is told which keys have changed, and of none that have not", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "Told", skus: ["TOLD"] });
  await shop.projections.sweep();
  const listener = new Redis(process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6399");
  const told: string[] = [];
  listener.on("message", (_, keysChanged: string) => told.push(...keysChanged.split("\n")));
  await listener.subscribe(channels.invalidate);
  const toldBy = async (available: number) => {
    told.length = 0;
    await shop.stockChanged("TOLD", available);
    await shop.projections.sweep();
    // What was published before its own answer has come.
    await listener.ping();
    return told.filter((key) => key.includes(id) || key.toLowerCase().includes("told")).sort();
  };
  const page = [keys.product("USD", "told"), keys.stock("TOLD")];
  expect(await toldBy(7)).toEqual([...page, keys.summary("USD", id)].sort());
  // A list tells whether there is any, so it stays as it is.
  expect(await toldBy(6)).toEqual(page.toSorted());
  expect(await toldBy(0)).toEqual([...page, keys.summary("USD", id)].sort());
  listener.disconnect();
});

test("while search is away everything else goes on, and search catches up by itself", async () => {
  await using shop = await testShop();
  const id = await shop.publish({ title: "Patient" });
  await shop.projections.sweep();
  const upsert = shop.index.upsert;
  shop.index.upsert = () => Promise.reject(new Error("search is away"));
  const { catalog } = shop;
  const context = { catalog, now: shop.clock.now(), changed: shop.projections.catalogChanged, readFields: noFields };
  await updateProduct(context, { id, version: 2, patch: { title: { "en-US": "Patience" } } });
  await shop.projections.idle();
  expect((await shop.summary(id))?.title).toBe("Patience");
  expect(await shop.projections.searchBacklog()).toBe(1);
  shop.index.upsert = upsert;
  shop.clock.advance(5_000);
  await shop.projections.sweep();
  expect((await shop.index.documents()).map((found) => found.title)).toEqual(["Patience"]);
  expect(await shop.projections.searchBacklog()).toBe(0);
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
  const context = {
    catalog: shop.catalog,
    now: shop.clock.now(),
    changed: shop.projections.catalogChanged,
    readFields: noFields,
  };
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

test("what is bought together, and bestsellers, follow confirmed orders; an order told twice counts once", async () => {
  await using shop = await testShop();
  const ids = new Map<string, string>();
  for (const sku of ["TEA", "POT", "CUP", "PEN"]) ids.set(sku, await shop.publish({ title: sku, skus: [sku] }));
  await shop.projections.sweep();
  const order = (orderId: string, ...skus: string[]) => ({
    payload: { orderId, items: skus.map((sku) => ({ sku, quantity: 2 })) },
    availableAt: shop.clock.now(),
  });
  const rows = [order("a", "TEA", "POT"), order("b", "TEA", "POT", "CUP"), order("c", "CUP", "SOLD-NO-MORE")];
  await shop.projections.handlers["order.confirmed"]?.([...rows, ...rows]);
  await shop.projections.refreshRecommendations();
  const list = async (key: string) => JSON.parse((await shop.redis.get(key)) ?? "[]");
  const named = (...skus: string[]) => skus.map((sku) => ids.get(sku) ?? "");
  const withTea = await list(keys.recommendations("bought-together", ids.get("TEA") ?? ""));
  expect(withTea).toEqual(named("POT", "CUP", "PEN"));
  expect((await list(keys.bestsellers())).toSorted()).toEqual(named("TEA", "POT", "CUP", "PEN").toSorted());
  expect((await list(keys.bestsellers())).at(-1)).toBe(ids.get("PEN"));
  shop.clock.advance(5_000);
  await shop.projections.sweep();
  const sold = new Map((await shop.index.documents()).map((found) => [found.title, found.sold]));
  expect(Object.fromEntries(sold)).toEqual({ TEA: 4, POT: 4, CUP: 4, PEN: 0 });
});

test("a category that is renamed or merged away leaves its former slug behind, and the tree without it", async () => {
  await using shop = await testShop();
  const name = { "en-US": "Hats" };
  const context = () => ({
    catalog: shop.catalog,
    now: shop.clock.now(),
    changed: shop.projections.catalogChanged,
    readFields: noFields,
  });
  const { after: hats } = await saveCategory(context(), { parentId: null, slug: "hats", name, position: 0 });
  const { after: caps } = await saveCategory(context(), { parentId: null, slug: "caps", name, position: 1 });
  await shop.publish({ title: "Beret", content: { categoryIds: [hats._id] } });
  await mergeCategory(context(), { id: hats._id, version: 1, into: caps._id });
  await shop.projections.idle();
  await shop.projections.sweep();
  const [tree, former] = await shop.store.envelopes([keys.categories(), keys.formerCategories()]);
  expect(JSON.parse(tree?.body ?? "{}").items).toMatchObject([{ slug: "caps", productCount: 1, children: [] }]);
  expect(JSON.parse(former?.body ?? "{}")).toEqual({ hats: "caps" });
  expect((await shop.product("beret"))?.categories).toEqual([{ slug: "caps", name: "Hats" }]);
});

test("what is prepared behind a published product shows when its hour has come, and what ends is gone with everything of it", async () => {
  await using shop = await testShop();
  const context = () => ({
    catalog: shop.catalog,
    now: shop.clock.now(),
    changed: () => undefined,
    readFields: noFields,
  });
  const id = await shop.publish({ title: "Plain tray", skus: ["TRAY"] });
  await saveWorkingDraft(context(), { id, version: 2, patch: { title: { "en-US": "Fine tray" } } });
  const soon = (shop.clock.now() + 60_000) as Instant;
  const end = (shop.clock.now() + 120_000) as Instant;
  await scheduleProduct(context(), { id, version: 3, publishAt: soon, unpublishAt: end });
  await shop.projections.sweep();
  expect((await shop.product("plain-tray"))?.title).toBe("Plain tray");
  shop.clock.advance(60_000);
  await shop.projections.sweep();
  expect((await shop.product("plain-tray"))?.title).toBe("Fine tray");
  expect((await shop.index.documents()).map(({ title }) => title)).toEqual(["Fine tray"]);
  shop.clock.advance(60_000);
  await shop.projections.sweep();
  expect([await shop.product("plain-tray"), await shop.summary(id)]).toEqual([null, null]);
  expect(await shop.index.documents()).toEqual([]);
  expect(shop.failures).toEqual([]);
});

test("attributes of a type reach shoppers: values in the product and its variants, names and order for facets", async () => {
  await using shop = await testShop();
  const context = () => ({
    catalog: shop.catalog,
    now: shop.clock.now(),
    changed: () => undefined,
    readFields: noFields,
  });
  const type = saveProductTypeSchema.parse({
    code: "lamp",
    name: { "en-US": "Lamp" },
    attributes: [
      { code: "power", kind: "number", unit: "W", label: { "en-US": "Power" } },
      { code: "secret", kind: "text", isFacetable: false, isSearchable: false },
      { code: "bulb", kind: "reference", to: "product" },
      { code: "colour", kind: "choice", level: "variant", choices: [{ value: "r", label: { "en-US": "Red" } }] },
    ],
  });
  await saveProductType(context(), type);
  const bulb = await shop.publish({ title: "Bulb" });
  const content = {
    typeCode: "lamp",
    attributes: [
      { code: "power", type: "number", value: 60 },
      { code: "secret", type: "text", value: "batch-77" },
      { code: "bulb", type: "reference", value: bulb },
    ],
    variants: [
      {
        sku: "LAMP",
        prices: [{ currency: "USD", amount: 100 }],
        attributes: [{ code: "colour", type: "text", value: "r" }],
      },
    ],
  };
  await shop.publish({ title: "Lamp", content });
  await shop.projections.sweep();
  expect(await shop.product("lamp")).toMatchObject({
    attributes: { power: 60, secret: "batch-77", bulb: "bulb" },
    variants: [{ sku: "LAMP", attributes: { colour: "r" } }],
  });
  const [stored] = await shop.store.envelopes([keys.attributes()]);
  expect(JSON.parse(stored?.body ?? "[]")).toEqual([
    { code: "power", label: { "en-US": "Power" }, isFacetable: true, unit: "W" },
    { code: "secret", label: {}, isFacetable: false },
    { code: "bulb", label: {}, isFacetable: true },
    { code: "colour", label: {}, isFacetable: true, choices: [{ value: "r", label: { "en-US": "Red" } }] },
  ]);
  const document = (await shop.index.documents()).find(({ slug }) => slug === "lamp");
  expect(document?.attributes).toContain("colour=r");
  expect(document?.attributeTerms).not.toContain("batch77");
  expect(await shop.catalog.productTypes.countDocuments({ dirty: true })).toBe(0);
});

test("a product is told in each language of the shop by what differs there, and what no longer differs goes", async () => {
  await using shop = await testShop();
  const context = () => ({
    catalog: shop.catalog,
    now: shop.clock.now(),
    changed: () => undefined,
    readFields: noFields,
  });
  shop.settings.locales = [
    { code: "de", fallbacks: [] },
    { code: "de-AT", fallbacks: ["de"] },
    { code: "fr", fallbacks: [] },
  ];
  shop.settings.productUrl = "https://shop.example/{locale}/p/{slug}";
  const name = { "en-US": "Light", de: "Licht" };
  const { after: light } = await saveCategory(context(), { parentId: null, slug: "light", name, position: 0 });
  const type = {
    code: "lamp",
    name: { "en-US": "Lamp" },
    attributes: [{ code: "material", kind: "text", label: { "en-US": "Material", de: "Werkstoff" } }],
  };
  await saveProductType(context(), saveProductTypeSchema.parse(type));
  const id = await shop.publish({
    content: {
      title: { "en-US": "Lamp", de: "Lampe", "de-AT": "Lampn" },
      description: { "en-US": `Gives light. ${"Very bright. ".repeat(20)}`, de: "Leuchtet." },
      categoryIds: [light._id],
      typeCode: "lamp",
      attributes: [{ code: "material", type: "text", value: "Brass", texts: { de: "Messing" } }],
      seo: { title: { "en-US": "Buy a lamp" }, description: "", robots: "noindex" },
    },
  });
  await shop.projections.sweep();
  const told = async (locale: string) => {
    const [envelope] = await shop.store.envelopes([keys.texts(locale, id)]);
    return envelope ? JSON.parse(envelope.body) : null;
  };
  const page = (locale: string) => `https://shop.example/${locale}/p/lamp`;
  const own = await shop.product("lamp");
  expect(own?.seo).toMatchObject({ title: "Buy a lamp", canonicalUrl: page("en-US"), robots: "noindex" });
  expect(own?.seo?.description).toMatch(/^Gives light\. .*bright\.…$/);
  expect(own?.attributeLabels).toEqual({ material: { label: "Material" } });
  const german = {
    title: "Lampe",
    description: "Leuchtet.",
    categories: [{ slug: "light", name: "Licht" }],
    attributes: { material: "Messing" },
    attributeLabels: { material: { label: "Werkstoff" } },
    seo: { title: "Lampe", description: "Leuchtet.", canonicalUrl: page("de"), robots: "noindex" },
  };
  expect(await told("de")).toEqual(german);
  const austrian = { title: "Lampn", seo: { ...german.seo, title: "Lampn", canonicalUrl: page("de-AT") } };
  expect(await told("de-AT")).toEqual({ ...german, ...austrian });
  expect(await told("fr")).toEqual({ seo: { ...own?.seo, canonicalUrl: page("fr") } });
  const [tree] = await shop.store.envelopes([keys.categoriesIn("de")]);
  expect(JSON.parse(tree?.body ?? "{}").items).toMatchObject([{ name: "Licht", productCount: 1 }]);
  shop.settings.locales = [{ code: "de", fallbacks: [] }];
  shop.clock.advance(10_000);
  await updateProduct(context(), { id, version: 2, patch: { brand: "Lumen" } });
  await shop.projections.sweep();
  expect([await told("de-AT"), await told("fr"), (await told("de")).title]).toEqual([null, null, "Lampe"]);
  await unpublishProduct(context(), { id, version: 3 });
  await shop.projections.sweep();
  expect(await told("de")).toBeNull();
});

test("the sitemap names every page that there is, with its languages, and no other; it follows what changes", async () => {
  await using shop = await testShop();
  const context = () => ({
    catalog: shop.catalog,
    now: shop.clock.now(),
    changed: () => undefined,
    readFields: noFields,
  });
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

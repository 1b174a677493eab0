import { expect, test } from "bun:test";
import { newId, Problem } from "@stoa/kernel";
import { verifyAuditChain } from "../../platform/audit/index.ts";
import type { Right, RpcContext } from "../../platform/rpc/index.ts";
import { auditLog } from "../../platform/tables.ts";
import { noTargets, testDatabase } from "../../testing/index.ts";
import { createCatalogRouter } from "./router.ts";
import { someProduct, testCatalog } from "./testing/catalog.ts";

type Asked = Parameters<Awaited<ReturnType<typeof callerWith>>["caller"]["products"]["create"]>[0];
/** As a request says it: none of its prices has dates. */
const aProduct = (wanted: Parameters<typeof someProduct>[0]) => someProduct(wanted) as unknown as Asked;

async function callerWith(rights: readonly Right[]) {
  const database = await testDatabase();
  const shop = await testCatalog();
  const actor: RpcContext["actor"] = {
    kind: "staff",
    staffId: newId("stf"),
    userId: "user",
    name: "Ada",
    email: "ada@example.com",
    roles: [],
    rights: new Set(rights),
  };
  const { db } = database;
  const { catalog, clock, changes, files } = shop;
  const searchMisses = { list: async () => [{ query: "zither", count: 3 }], forget: async () => undefined };
  const router = createCatalogRouter({
    ...{ db, catalog, files, locale: "en-US", setStock: async () => [] },
    searchMisses,
    findTargets: noTargets,
    changed: (change) => changes.push(change),
  });
  const context = { actor, requestId: "req-1", traceparent: null, idempotencyKey: null, clock };
  return {
    db,
    shop,
    caller: router.createCaller(context),
    async [Symbol.asyncDispose]() {
      await shop[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Problem ? cause.code : String(error);
}

test("every write of staff leaves a row in the audit chain that says what changed, and no more", async () => {
  await using desk = await callerWith(["catalog:read", "catalog:write"]);
  const { caller, db } = desk;
  const product = await caller.products.create(aProduct({ title: "Desk lamp", skus: ["LAMP"] }));
  const at = { id: product.id };
  await caller.products.change({ ...at, version: 1, patch: { brand: "Stoa" } });
  await caller.products.publish({ ...at, version: 2 });
  const name = { "en-US": "Lamps" };
  await caller.categories.save({ parentId: null, slug: "lamps", name, position: 0 });
  const rows = await db.select().from(auditLog).orderBy(auditLog.seq);
  expect(rows.map(({ action, entityId }) => [action, entityId.slice(0, 4)])).toEqual([
    ["product.created", "prod"],
    ["product.updated", "prod"],
    ["product.published", "prod"],
    ["category.saved", "cat_"],
  ]);
  expect(rows[1]).toMatchObject({ before: { brand: null, revision: 1 }, after: { brand: "Stoa", revision: 2 } });
  expect(Object.keys(rows[1]?.after ?? {})).not.toContain("variants");
  expect(desk.shop.changes).toHaveLength(4);
  expect(await verifyAuditChain(db)).toEqual({ rows: 4, brokenAt: null });
});

test("SKUs are named in one question, by variant, whether they are for sale or not", async () => {
  await using desk = await callerWith(["catalog:read", "catalog:write"]);
  const { caller } = desk;
  const { id: productId } = await caller.products.create(aProduct({ title: "Desk lamp", skus: ["LAMP-S", "LAMP-L"] }));
  await caller.products.create(aProduct({ title: "Chair", skus: ["CHAIR"] }));
  const { items } = await caller.products.ofSkus({ skus: ["LAMP-L", "CHAIR", "NOBODY-HAS-IT"] });
  expect(new Map(items.map(({ sku, title }) => [sku, title]))).toEqual(
    new Map([
      ["LAMP-L", "Desk lamp"],
      ["CHAIR", "Chair"],
    ]),
  );
  const large = { productId, options: { size: "LAMP-L" }, imageUrl: null };
  expect(items.find(({ sku }) => sku === "LAMP-L")).toMatchObject(large);
  expect(await caller.products.ofSkus({ skus: [] })).toEqual({ items: [] });
  await using stranger = await callerWith(["inventory:read"]);
  expect(await stranger.caller.products.ofSkus({ skus: ["CHAIR"] }).catch(codeOf)).toBe("forbidden");
});

test("an update leaves every member alone that it does not name", async () => {
  await using desk = await callerWith(["catalog:read", "catalog:write"]);
  const { caller } = desk;
  const category = await caller.categories.save({ parentId: null, slug: "lamps", name: { en: "Lamps" }, position: 0 });
  const content = {
    description: { en: "Gives light." },
    brand: "Lumen",
    categoryIds: [category.id],
    collections: ["spring"],
    attributes: [{ code: "colour", type: "text", value: "Red" }],
    media: [{ url: "/media/lamp.webp", alt: "Lamp" }],
    seo: { title: "Lamp", description: "A lamp" },
  };
  const product = await caller.products.create(aProduct({ skus: ["ONE", "TWO"], content }));
  const at = { id: product.id, version: 1 };
  const updated = await caller.products.change({ ...at, patch: { title: { en: "Lamp" } } });
  expect(updated).toMatchObject({ ...content, title: { en: "Lamp" }, options: product.options });
  const drafted = await caller.products.publish({ id: product.id, version: 2 });
  const { working } = await caller.products.saveWorkingDraft({ id: drafted.id, version: 3, patch: { brand: "Stoa" } });
  expect(working?.patch).toEqual({ brand: "Stoa" });
});

test("a refused write leaves neither a change nor an audit row", async () => {
  await using desk = await callerWith(["catalog:read", "catalog:write"]);
  const { caller, db } = desk;
  const product = await caller.products.create(aProduct({ skus: ["ONE"] }));
  const late = caller.products.change({ id: product.id, version: 7, patch: { brand: "Late" } });
  expect(await late.catch(codeOf)).toBe("version_conflict");
  expect(await db.select().from(auditLog)).toHaveLength(1);
  expect((await caller.products.get({ id: product.id })).brand).toBeNull();
});

test("staff see what is searched in vain and say what words mean; each rule leaves a row in the audit chain", async () => {
  await using desk = await callerWith(["catalog:read", "catalog:write"]);
  const { search } = desk.caller;
  expect(await search.misses({})).toEqual({ items: [{ query: "zither", count: 3 }] });
  const rule = await search.saveRule({ rule: { kind: "synonyms", phrases: ["zither", "cittern"] } });
  expect((await search.rules()).items.map(({ id }) => id)).toEqual([rule.id]);
  await search.deleteRule({ id: rule.id, version: 1 });
  await search.deleteMiss({ query: "zither" });
  const rows = await desk.db.select().from(auditLog).orderBy(auditLog.seq);
  expect(rows.map(({ action }) => action)).toEqual(["search_rule.saved", "search_rule.deleted", "search_miss.deleted"]);
  await using reader = await callerWith(["catalog:read"]);
  expect(await reader.caller.search.deleteMiss({ query: "zither" }).catch(codeOf)).toBe("forbidden");
});

test("who may read the catalog may not write it, and who may do neither sees nothing", async () => {
  await using reader = await callerWith(["catalog:read"]);
  expect((await reader.caller.products.list({})).items).toEqual([]);
  expect(await reader.caller.products.create(aProduct({})).catch(codeOf)).toBe("forbidden");
  await using stranger = await callerWith(["orders:read"]);
  expect(await stranger.caller.products.list({}).catch(codeOf)).toBe("forbidden");
  expect(await stranger.caller.categories.list().catch(codeOf)).toBe("forbidden");
});

test("what staff say of the storefront's pages is audited, and has every published product told anew", async () => {
  await using desk = await callerWith(["catalog:read", "catalog:write", "settings:read", "settings:write"]);
  const { caller, db, shop } = desk;
  const product = await caller.products.create(aProduct({}));
  await caller.products.publish({ id: product.id, version: 1 });
  await shop.catalog.products.updateMany({}, { $set: { dirty: false } });
  const settings = {
    locales: [{ code: "de", fallbacks: [] }],
    productUrl: "https://shop.example/{locale}/p/{slug}",
    categoryUrl: null,
  };
  await caller.storefront.save(settings);
  expect(await caller.storefront.get()).toEqual(settings);
  expect(await shop.catalog.products.countDocuments({ dirty: true, revision: 3 })).toBe(1);
  const [row] = (await db.select().from(auditLog)).filter(({ entity }) => entity === "setting");
  expect(row).toMatchObject({ action: "settings.saved", before: { locales: [] }, after: settings });
  const wrong = [
    { productUrl: "https://shop.example/p" },
    { productUrl: "javascript:{slug}" },
    { locales: [...settings.locales, ...settings.locales] },
  ];
  for (const change of wrong) {
    await expect(caller.storefront.save({ ...settings, ...change })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  }
  const unfilled = [
    { productUrl: "https://shop.example/p/{slug}?sku={sku}" },
    { categoryUrl: "https://shop.example/c/{slug}/{" },
  ];
  for (const change of unfilled) {
    expect(await caller.storefront.save({ ...settings, ...change }).catch(codeOf)).toBe("validation_failed");
  }
  expect(await caller.storefront.get()).toEqual(settings);
});

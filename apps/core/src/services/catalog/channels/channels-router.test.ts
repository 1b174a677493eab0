import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { transact } from "../../../platform/db/index.ts";
import type { Right, RpcContext } from "../../../platform/rpc/index.ts";
import { type Channel, shopSetting, writeSetting } from "../../../platform/settings/index.ts";
import { auditLog } from "../../../platform/tables.ts";
import { codeOf, testDatabase } from "../../../testing/index.ts";
import { createProduct } from "../create-product.ts";
import { publishProduct } from "../publish-product.ts";
import { refusal, someProduct, testCatalog } from "../testing/catalog.ts";
import { createChannelsRouter } from "./channels-router.ts";

async function deskWith(...rights: readonly Right[]) {
  const database = await testDatabase();
  const shop = await testCatalog();
  const { db } = database;
  const actor: RpcContext["actor"] = {
    ...{ kind: "staff", staffId: newId("stf"), userId: "user", name: "Ada", email: "ada@example.com", roles: [] },
    rights: new Set(rights),
  };
  const router = createChannelsRouter({ db, catalog: shop.catalog, changed: (change) => shop.changes.push(change) });
  const context = { actor, requestId: "req-1", traceparent: null, idempotencyKey: null, clock: shop.clock };
  await transact(db, (tx) =>
    writeSetting(tx, shop.clock.now(), shopSetting, { ...shopSetting.fallback, currencies: ["USD", "EUR"] }),
  );
  return {
    ...{ db, shop },
    caller: router.createCaller(context),
    async [Symbol.asyncDispose]() {
      await shop[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

const trade: Channel = {
  ...{ code: "trade", name: "Trade", currencies: ["EUR"], defaultCurrency: "EUR", languages: [] },
  ...{ pricesIncludeTax: false, productUrl: null, categoryUrl: null, isActive: true },
};

test("a channel is opened, changed and closed, and each leaves a row in the audit log", async () => {
  await using desk = await deskWith("settings:read", "settings:write");
  const { caller, db, shop } = desk;
  await caller.create(trade);
  await caller.change({ ...trade, isActive: false });
  expect((await caller.list()).items.map(({ code, isActive }) => [code, isActive])).toEqual([
    ["default", true],
    ["trade", false],
  ]);
  const rows = await db.select().from(auditLog).orderBy(auditLog.seq);
  expect(rows.map(({ action, entityId }) => [action, entityId])).toEqual([
    ["channel.created", "trade"],
    ["channel.changed", "trade"],
  ]);
  expect(rows[1]).toMatchObject({ before: { isActive: true }, after: { isActive: false } });
  expect(shop.changes).toEqual([
    { products: [], categories: true },
    { products: [], categories: true },
  ]);
});

test("a channel offers what the shop has and no more, under a code of its own", async () => {
  await using desk = await deskWith("settings:read", "settings:write");
  const { caller } = desk;
  await caller.create(trade);
  expect(await codeOf(caller.create(trade))).toBe("state_conflict");
  expect(await codeOf(caller.change({ ...trade, code: "other" }))).toBe("not_found");
  const wrong: Partial<Channel>[] = [{ currencies: ["EUR", "JPY"] }, { defaultCurrency: "USD" }, { languages: ["fr"] }];
  for (const members of wrong) expect(await codeOf(caller.change({ ...trade, ...members }))).toBe("validation_failed");
  const impossible: object[] = [
    { code: "default" },
    { code: "Trade" },
    { code: "a-b" },
    { currencies: [] },
    { name: "" },
  ];
  for (const members of impossible) {
    await expect(caller.create({ ...trade, ...members })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  }
});

test("channels that are opened at once are all there", async () => {
  await using desk = await deskWith("settings:read", "settings:write");
  const codes = ["a", "b", "c", "d", "e", "f"];
  await Promise.all(codes.map((code) => desk.caller.create({ ...trade, code })));
  expect((await desk.caller.list()).items.map(({ code }) => code).sort()).toEqual([...codes, "default"].sort());
});

test("a channel is filled by who may write the catalog, and closed rooms stay closed to everybody else", async () => {
  await using desk = await deskWith("settings:write", "catalog:write");
  const { caller, shop } = desk;
  await caller.create(trade);
  const { _id: id } = await createProduct(shop.context(), someProduct({}));
  await publishProduct(shop.context(), { id, version: 1 });
  expect(await caller.fill({ code: "trade", fromChannel: "default" })).toEqual({ products: 1 });
  expect(await codeOf(caller.fill({ code: "outlet", fromChannel: "default" }))).toBe("validation_failed");
  expect(await codeOf(caller.fill({ code: "trade", fromChannel: "trade" }))).toBe("validation_failed");
  await using stranger = await deskWith("catalog:read");
  expect(await codeOf(stranger.caller.create(trade))).toBe("forbidden");
  expect(await codeOf(stranger.caller.fill({ code: "trade", fromChannel: "default" }))).toBe("forbidden");
  expect(await codeOf(stranger.caller.list())).toBe("forbidden");
});

test("a page's template with a placeholder that nobody fills in is refused", async () => {
  await using desk = await deskWith("settings:read", "settings:write");
  const wrong = desk.caller.create({ ...trade, productUrl: "https://trade.example/{language}/{slug}" });
  expect((await refusal(wrong.catch(({ cause }) => Promise.reject(cause)))).members.errors).toEqual([
    { path: "productUrl", message: "{language} is no placeholder: there are {slug} and {locale}" },
  ]);
  await desk.caller.create({ ...trade, productUrl: "https://trade.example/{locale}/{slug}" });
});

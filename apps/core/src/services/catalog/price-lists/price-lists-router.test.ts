import { expect, test } from "bun:test";
import { newId, toTimestamp } from "@stoa/kernel";
import type { Right, RpcContext } from "../../../platform/rpc/index.ts";
import { auditLog } from "../../../platform/tables.ts";
import { codeOf, testDatabase } from "../../../testing/index.ts";
import { createProduct } from "../create-product.ts";
import { someProduct, testCatalog } from "../testing/catalog.ts";
import { createPriceListsRouter } from "./price-lists-router.ts";

const members = {
  ...{ name: "Trade", currency: "USD" as const, customerGroups: ["trade"], channels: [] },
  ...{ startsAt: null, endsAt: null, priority: 1 },
};

test("lists are written by who may write the catalog, each step audited, their entries by call and by file", async () => {
  await using database = await testDatabase();
  await using shop = await testCatalog();
  const { db } = database;
  const callerWith = (...rights: readonly Right[]) => {
    const actor: RpcContext["actor"] = {
      ...{ kind: "staff", staffId: newId("stf"), userId: "user", name: "Ada", email: "ada@example.com", roles: [] },
      rights: new Set(rights),
    };
    const router = createPriceListsRouter({ db, catalog: shop.catalog, changed: () => undefined });
    const context = { actor, requestId: "req-1", traceparent: null, idempotencyKey: null, clock: shop.clock };
    return router.createCaller(context);
  };
  const caller = callerWith("catalog:read", "catalog:write");
  await createProduct(shop.context(), someProduct({ skus: ["A", "B"] }));
  const { id } = await caller.create(members);
  expect(await caller.setEntries({ id, entries: [{ sku: "A", amount: 900 }] })).toEqual({ set: 1, errors: [] });
  expect(await caller.importCsv({ id, csv: "sku,min_quantity,price\nB,5,8.50\nA,,oops\nNONE,,1\n" })).toMatchObject({
    set: 1,
    errors: [
      { row: 1, sku: "A" },
      { row: 2, sku: "NONE" },
    ],
  });
  expect((await caller.exportCsv({ id })).csv).toBe("sku,min_quantity,price\r\nA,1,9.00\r\nB,5,8.50\r\n");
  const changed = await caller.change({ id, version: 1, members: { ...members, priority: 2 } });
  await caller.archive({ id, version: changed.version });
  expect((await caller.list()).items.map(({ name, priority }) => [name, priority])).toEqual([["Trade", 2]]);
  expect((await caller.get({ id })).archivedAt).toBe(toTimestamp(shop.clock.now()));
  const rows = await db.select().from(auditLog).orderBy(auditLog.seq);
  expect(rows.map(({ action, entityId }) => [action, entityId === id])).toEqual(
    ["created", "entries_set", "entries_set", "changed", "archived"].map((verb) => [`price_list.${verb}`, true]),
  );

  expect(await codeOf(caller.create({ ...members, channels: ["nowhere"] }))).toBe("validation_failed");
  expect(await codeOf(caller.get({ id: newId("prl") }))).toBe("not_found");
  const dates = { startsAt: "2026-03-02T00:00:00Z", endsAt: "2026-03-01T00:00:00Z" };
  await expect(caller.create({ ...members, ...dates })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  expect(await codeOf(callerWith("catalog:read").create(members))).toBe("forbidden");
  expect(await codeOf(callerWith("orders:read").list())).toBe("forbidden");
});

import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { newId, systemClock } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { readFields } from "../platform/custom-fields/index.ts";
import { type Transaction, transact } from "../platform/db/index.ts";
import type { Right, StaffActor } from "../platform/rpc/index.ts";
import { createProduct } from "../services/catalog/index.ts";
import { someProduct, testCatalog } from "../services/catalog/testing/catalog.ts";
import { saveLocation } from "../services/inventory/index.ts";
import { defineFields, eventually, noTargets, testDatabase } from "../testing/index.ts";
import { createCustomFieldsRouter } from "./custom-fields.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
let shop: Awaited<ReturnType<typeof testCatalog>>;
beforeAll(async () => {
  [database, shop] = await Promise.all([testDatabase(), testCatalog()]);
});
beforeEach(() => defineFields(database.db, []));
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function desk(...rights: Right[]) {
  const who = { staffId: newId("stf"), userId: "u", name: "Sam", email: "sam@example.com", roles: [] };
  const actor: StaffActor = { kind: "staff", ...who, rights: new Set(rights) };
  const context = { actor, requestId: "r", traceparent: null, idempotencyKey: null, clock: systemClock };
  return createCustomFieldsRouter({ db: database.db, catalog: shop.catalog }).createCaller(context);
}

const definition = { entity: "product", key: "fabric", label: { en: "Fabric" }, kind: "text" } as const;
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { cause?: { code: string } }) => error.cause?.code,
  );

test("staff define, change, put away, take back and delete a field, and each leaves its row in the audit chain", async () => {
  const staff = desk("settings:read", "settings:write");
  await staff.save({ definition });
  await staff.save({ definition: { ...definition, lengthMax: 50 }, version: 1 });
  const at = { entity: "product", key: "fabric" } as const;
  await staff.archive({ ...at, version: 2 });
  expect(await staff.list({ entity: "product" })).toMatchObject({
    items: [{ key: "fabric", version: 3, lengthMax: 50 }],
  });
  await staff.restore({ ...at, version: 3 });
  await staff.arrange({ entity: "product", keys: ["fabric"] });
  await staff.delete({ ...at, version: 4 });
  expect(await staff.list({})).toEqual({ items: [] });
  const rows = await database.db.execute(
    sql`select action, entity_id, before->>'version' as was from platform.audit_log order by seq`,
  );
  expect(rows.map((row) => `${row.action} ${row.entity_id} ${row.was}`)).toEqual([
    "custom_field.saved product.fabric null",
    "custom_field.saved product.fabric 1",
    "custom_field.archived product.fabric 2",
    "custom_field.restored product.fabric 3",
    "custom_field.arranged product null",
    "custom_field.deleted product.fabric 4",
  ]);
});

test("a definition that values would break is shown beforehand and refused; what is held can be put away, not deleted", async () => {
  const staff = desk("settings:read", "settings:write");
  await staff.save({ definition });
  shop.fields.push(...(await readFields(database.db, "product")));
  const make = (fabric: string) =>
    createProduct(shop.context(), someProduct({ content: { customFields: { fabric } } }));
  await make("Wool");
  const { _id: id, slug } = await make("Corduroy");
  const narrower = { definition: { ...definition, lengthMax: 5 }, version: 1 };
  const breaches = { held: 2, total: 1, items: [{ id, name: slug, message: "must have at most 5 characters" }] };
  expect(await staff.preview(narrower)).toEqual(breaches);
  expect(await codeOf(staff.save(narrower))).toBe("state_conflict");
  expect(await codeOf(staff.save({ ...narrower, acceptBreaches: true }))).toBe("done");
  expect(await codeOf(staff.delete({ entity: "product", key: "fabric", version: 2 }))).toBe("state_conflict");
  expect(await codeOf(staff.archive({ entity: "product", key: "fabric", version: 2 }))).toBe("done");
});

test("whoever may not write settings reads the fields and changes none", async () => {
  const reader = desk("settings:read");
  expect(await reader.list({})).toEqual({ items: [] });
  expect(await codeOf(reader.save({ definition }))).toBe("forbidden");
  expect(await codeOf(desk().preview({ definition }))).toBe("forbidden");
  expect(await codeOf(desk().list({}))).toBe("done");
});

test("a text that Postgres would not take is refused, wherever in what staff send it stands", async () => {
  const staff = desk("settings:read", "settings:write");
  for (const text of ["Fab\0ric", "Fab\ud800ric"]) {
    expect(await codeOf(staff.save({ definition: { ...definition, label: { en: text } } }))).toBe("validation_failed");
    const choices = [{ value: "a", label: { en: text } }];
    const choice = { ...definition, kind: "choice", choices } as const;
    expect(await codeOf(staff.save({ definition: choice }))).toBe("validation_failed");
    expect(await codeOf(staff.save({ definition: { ...definition, pattern: text } }))).toBe("validation_failed");
  }
  expect(await staff.list({})).toEqual({ items: [] });
});

test("a value and the end of its definition never pass each other: whoever comes second sees what the first has done", async () => {
  const staff = desk("settings:read", "settings:write");
  const place = { code: "main", name: "Main", kind: "warehouse", priority: 1 } as const;
  const write = (tx: Transaction, code: string) =>
    saveLocation(
      { tx, now: systemClock.now(), findTargets: noTargets },
      { ...place, code, customFields: { tier: "gold" } },
    );
  const tier = { entity: "location", key: "tier", label: { en: "Tier" }, kind: "text" } as const;
  await staff.save({ definition: tier });
  const narrower = { definition: { ...tier, lengthMax: 3 }, version: 1 };

  const written = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const writing = transact(database.db, async (tx) => {
    await write(tx, "first");
    written.resolve();
    await mayCommit.promise;
  });
  await written.promise;
  const ends = [staff.save(narrower), staff.delete({ entity: "location", key: "tier", version: 1 })].map(codeOf);
  await eventually(async () => {
    const [waiting] = await database.db.execute(sql`select count(*)::int as count from pg_locks l
      join pg_database d on d.oid = l.database where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`);
    return waiting?.count === 2;
  });
  mayCommit.resolve();
  await writing;
  expect(await Promise.all(ends)).toEqual(["state_conflict", "state_conflict"]);

  await database.db.execute(sql`update inventory.location set custom_fields = '{}'`);
  expect(await codeOf(staff.delete({ entity: "location", key: "tier", version: 1 }))).toBe("done");
  const late = transact(database.db, (tx) => write(tx, "second"));
  await expect(late).rejects.toMatchObject({ code: "validation_failed" });
});

import { expect, test } from "bun:test";
import { newId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { createFindTargets } from "./find-targets.ts";
import { someProduct, testCatalog } from "./projections/testing/catalog.ts";
import { createProduct } from "./services/catalog/index.ts";
import { databaseForFile, noFields } from "./testing/index.ts";

const database = await databaseForFile();

test("of what may be led to, each service tells what is there; an erased customer is not", async () => {
  await using shop = await testCatalog();
  const context = { catalog: shop.catalog, now: shop.clock.now(), changed: () => undefined, readFields: noFields };
  const { _id: product } = await createProduct(context, someProduct({ title: "Lamp" }));
  const [customer, erased] = [newId("cus"), newId("cus")];
  for (const id of [customer, erased]) {
    await database.db.execute(sql`insert into users.customer (id, email, name, created_at, updated_at, erased_at)
      values (${toUuid(id)}::uuid, ${`${id}@example.com`}, 'Ann', now(), now(), ${id === erased ? sql`now()` : null})`);
  }
  const strangers = [newId("prod"), newId("cat"), newId("cus"), newId("ord"), "nonsense"];
  const found = await createFindTargets(shop.catalog)(database.db, [product, customer, erased, ...strangers]);
  expect([...found].toSorted()).toEqual([customer, product].toSorted());
});

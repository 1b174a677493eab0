import { expect, test } from "bun:test";
import { join } from "node:path";
import { importShop } from "./testing/import-shop.ts";

test("products of one title come in all, though their SKUs make the same slug, too", async () => {
  await using shop = await importShop();
  const csv = ["product,sku,title,price", "a,T/1,Shirt,10", "b,T 1,Shirt,10", "c,T.1,Shirt,10", "d,T-1,Shirt,10"];
  const file = join(shop.mediaDir, "shirts.csv");
  await Bun.write(file, csv.join("\n"));
  expect(await shop.run("", { file })).toMatchObject({ created: 4, failed: 0 });
  const slugs = (await shop.catalog.products.find().toArray()).map(({ slug }) => slug).sort();
  expect(slugs.slice(0, 2)).toEqual(["shirt", "shirt-t-1"]);
  expect(new Set(slugs).size).toBe(4);
});

import { expect, test } from "bun:test";
import { join } from "node:path";
import type { ImportOptions } from "./import-catalog.ts";
import { importShop } from "./testing/import-shop.ts";

test("a count that cannot be taken is told of with its SKU and its reason, and does not count as set", async () => {
  await using shop = await importShop();
  shop.promised.add("SOLD");
  const file = join(shop.mediaDir, "counted.csv");
  await Bun.write(file, "product,sku,price,stock\nlamp,LAMP,12.50,4\nsold,SOLD,9,1\n");
  const warnings: [number, string][] = [];
  const issue: ImportOptions["issue"] = (_, { line, message }) => warnings.push([line, message]);
  expect(await shop.run("", { file, issue })).toMatchObject({ created: 2, stockLines: 1, warnings: 1 });
  expect(warnings).toEqual([[3, "stock of SOLD stays as it is: fewer units than are promised to buyers"]]);
  expect(Object.fromEntries(shop.stock)).toEqual({ LAMP: 4 });
});

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Collection } from "mongodb";
import { noFields } from "../../../testing/index.ts";
import type { ProductDocument } from "../documents.ts";
import { type TestCatalog, testCatalog } from "../testing/catalog.ts";
import { updateProduct } from "../update-product.ts";
import { importCatalog } from "./import-catalog.ts";

setDefaultTimeout(60_000);

/** Somebody who changes the brand of a product whenever the import is about to write it, as often as they like. */
function hasty(shop: TestCatalog, times: number): Collection<ProductDocument> {
  const { products } = shop.catalog;
  let left = times;
  return new Proxy(products, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (name !== "bulkWrite") return typeof member === "function" ? member.bind(target) : member;
      return async (...given: Parameters<typeof target.bulkWrite>) => {
        if (left > 0) {
          left -= 1;
          await changeBrand(shop, `brand ${times - left}`);
        }
        return target.bulkWrite(...given);
      };
    },
  });
}

async function lampOf({ catalog }: TestCatalog): Promise<ProductDocument> {
  const lamp = await catalog.products.findOne({ importKey: "lamp" });
  if (!lamp) throw new Error("no lamp");
  return lamp;
}

async function changeBrand(shop: TestCatalog, brand: string): Promise<void> {
  const { _id: id, revision: version, title } = await lampOf(shop);
  await updateProduct(shop.context(), { id, version, patch: { brand, title: { ...title, de: brand } } });
}

const csv = (title: string) =>
  `product,sku,title,price,stock\nchair,CHAIR-1,Chair ${title},10.00,3\nlamp,LAMP-1,${title},12.00,5\n`;

async function aShop() {
  const shop = await testCatalog();
  const stock: number[] = [];
  const run = async (title: string, products = shop.catalog.products) => {
    const file = join(shop.folder, "products.csv");
    await Bun.write(file, csv(title));
    const setStock = async (lines: readonly { readonly onHand: number }[]) => {
      stock.push(...lines.map(({ onHand }) => onHand));
      return [];
    };
    const { clock, files } = shop;
    const deps = {
      catalog: { ...shop.catalog, products },
      clock,
      setStock,
      files,
      locale: "en-US",
      readFields: noFields,
      changed: () => undefined,
    };
    return importCatalog(deps, { file, imagesDir: null });
  };
  await run("Lamp");
  stock.length = 0;
  return { ...shop, run, stock };
}

test("an import that staff are faster than writes its members over what they left, and loses nothing of it", async () => {
  await using shop = await aShop();
  const result = await shop.run("Lantern", hasty(shop, 1));
  expect(result).toMatchObject({ updated: 2, unchanged: 0, failed: 0, stockLines: 2, errors: [] });
  expect(await lampOf(shop)).toMatchObject({
    revision: 3,
    title: { "en-US": "Lantern", de: "brand 1" },
  });
  expect(shop.stock).toEqual([3, 5]);
});

test("a product that keeps changing is left as staff have it and listed as a conflict with its line, and the others are written", async () => {
  await using shop = await aShop();
  const result = await shop.run("Lantern", hasty(shop, 99));
  expect(result).toMatchObject({ updated: 1, failed: 1, errors: [{ line: 3, sku: "LAMP-1" }] });
  expect(result.errors[0]?.message).toStartWith("conflict: ");
  const lamp = await lampOf(shop);
  expect(lamp).toMatchObject({ title: { "en-US": "Lamp" } });
  expect(lamp.brand).toBe(`brand ${lamp.revision - 1}`);
  expect(await shop.run("Lantern")).toMatchObject({ updated: 1, unchanged: 1, failed: 0 });
  expect((await lampOf(shop)).title["en-US"]).toBe("Lantern");
});

test("of imports and edits at once none loses what another wrote", async () => {
  await using shop = await aShop();
  let edits = 0;
  const staff = async () => {
    for (let round = 0; round < 20; round += 1) {
      await changeBrand(shop, `round ${round}`).then(
        () => (edits += 1),
        () => undefined,
      );
    }
  };
  const imports = async () => {
    let written = 0;
    for (let round = 0; round < 10; round += 1) written += (await shop.run(`Lamp ${round}`)).updated;
    return written;
  };
  const [written] = await Promise.all([imports(), staff()]);
  const [lamp, chair] = [await lampOf(shop), await shop.catalog.products.findOne({ importKey: "chair" })];
  expect(edits).toBeGreaterThan(0);
  expect(lamp.revision - 1 + ((chair?.revision ?? 0) - 1)).toBe(edits + written);
});

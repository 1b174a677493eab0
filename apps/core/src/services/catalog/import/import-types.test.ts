import { expect, test } from "bun:test";
import { join } from "node:path";
import { saveProductType, saveProductTypeSchema } from "../save-product-type.ts";
import { importShop } from "./testing/import-shop.ts";

test("a file's products are held to their type, which knows better than their looks what values are", async () => {
  await using shop = await importShop();
  const type = saveProductTypeSchema.parse({
    code: "coat",
    name: { en: "Coat" },
    attributes: [
      { code: "model", kind: "text", isRequired: true },
      { code: "seasons", kind: "choice", countMax: 4, choices: [{ value: "spring" }, { value: "autumn" }] },
      { code: "chest", kind: "number", unit: "cm", level: "variant" },
    ],
  });
  await saveProductType(shop.context(), type);
  const csv = [
    "product,sku,price,type,option:size,attribute:model,attribute:seasons,attribute:chest",
    "good,G-S,10,coat,S,0815,spring,88",
    "good,G-L,10,coat,L,,,102",
    "bad,B-1,10,coat,S,,winter,wide",
    "strange,S-1,10,cloak,S,0815,spring,88",
  ];
  const file = join(shop.mediaDir, "typed.csv");
  await Bun.write(file, csv.join("\n"));
  const result = await shop.run("", { file });
  expect(result).toMatchObject({ created: 1, failed: 2 });
  expect(result.errors.map(({ line, message }) => [line, message])).toEqual([
    [
      4,
      "attributes.seasons: winter is none of the choices; attributes.model: is required; variants.0.attributes.chest: must be a number",
    ],
    [5, "typeCode: unknown product type"],
  ]);
  const coat = await shop.catalog.products.findOne({ importKey: "good" });
  expect(coat).toMatchObject({
    typeCode: "coat",
    attributes: [
      { code: "model", type: "text", value: "0815" },
      { code: "seasons", type: "list", value: ["spring"] },
    ],
    variants: [
      { sku: "G-S", attributes: [{ code: "chest", type: "number", value: 88 }] },
      { sku: "G-L", attributes: [{ code: "chest", type: "number", value: 102 }] },
    ],
  });
  const lines = [
    {
      id: "j",
      title: "J",
      product_type: "coat",
      attributes: { model: "1" },
      variants: [{ sku: "J", price_cents: 1, attributes: { chest: 90 } }],
    },
    {
      id: "k",
      title: "K",
      product_type: "coat",
      attributes: { model: "1", hue: "red" },
      variants: [{ sku: "K", price_cents: 1 }],
    },
  ];
  const jsonl = join(shop.mediaDir, "typed.jsonl");
  await Bun.write(jsonl, lines.map((line) => JSON.stringify(line)).join("\n"));
  const second = await shop.run("", { file: jsonl });
  expect(second).toMatchObject({ created: 1, failed: 1 });
  expect(second.errors[0]).toMatchObject({ line: 2, message: "attributes.hue: the type coat has no such attribute" });
});

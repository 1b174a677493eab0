import { expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { saveProductType, saveProductTypeSchema } from "../services/catalog/index.ts";
import { catalogContext, testShop, untold } from "./testing/shop.ts";

test("attributes of a type reach shoppers: values in the product and its variants, names and order for facets", async () => {
  await using shop = await testShop();
  const context = () => catalogContext(shop, untold);
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

test("a choice without a name of its own, called as something that every object has, is searched as what it is", async () => {
  await using shop = await testShop();
  const choices = [{ value: "constructor" }, { value: "r", label: { "en-US": "Racer" } }];
  const type = saveProductTypeSchema.parse({
    code: "toy",
    name: { "en-US": "Toy" },
    attributes: [{ code: "play", kind: "choice", choices }],
  });
  await saveProductType(catalogContext(shop, untold), type);
  const attributes = [{ code: "play", type: "text", value: "constructor" }];
  await shop.publish({ title: "Bricks", content: { typeCode: "toy", attributes } });
  await shop.projections.sweep();
  const document = (await shop.index.documents()).find(({ slug }) => slug === "bricks");
  expect(document?.attributeTerms).toContain("constructor");
  expect(document?.attributeTerms).not.toContain("native");
});

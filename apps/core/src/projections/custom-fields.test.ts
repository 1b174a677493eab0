import { expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { aField } from "../testing/index.ts";
import { testShop } from "./testing/shop.ts";

const shown = { visibility: "shoppers" };

test("shoppers see what is for them of a product, its variants and categories, and nothing of what is for staff", async () => {
  await using shop = await testShop();
  shop.fields.product = [
    aField({ entity: "product", key: "care", kind: "text", ...shown }),
    aField({ entity: "product", key: "margin", kind: "decimal" }),
    aField({ entity: "product", key: "origin", kind: "text", defaultValue: "EU", ...shown }),
    aField({ entity: "product", key: "goes_with", kind: "reference", to: "product", countMax: 2, ...shown }),
  ];
  shop.fields.variant = [
    aField({ entity: "variant", key: "shade", kind: "text", ...shown }),
    aField({ entity: "variant", key: "bin", kind: "text" }),
  ];
  const other = await shop.publish({ title: "Other" });
  const customFields = { care: "Cold", margin: 0.4, goes_with: [other] };
  const variant = { sku: "S1", prices: [{ currency: "USD", amount: 100 }], customFields: { shade: "moss", bin: "A7" } };
  await shop.publish({ title: "Shirt", content: { customFields, variants: [variant] } });
  await shop.projections.sweep();
  const product = await shop.product("shirt");
  expect(product?.customFields).toEqual({ care: "Cold", origin: "EU", goes_with: ["other"] });
  expect(product?.variants[0]?.customFields).toEqual({ shade: "moss" });
  const everything = JSON.stringify(await shop.snapshot());
  expect(everything).not.toContain("margin");
  expect(everything).not.toContain("A7");
  expect(JSON.stringify(await shop.index.documents())).not.toContain("A7");
});

test("a field that is for staff from now on is out of the shop once that is told", async () => {
  await using shop = await testShop();
  const care = { entity: "product", key: "care", kind: "text", isFilterable: true };
  shop.fields.product = [aField({ ...care, ...shown })];
  await shop.publish({ title: "Shirt", content: { customFields: { care: "Cold" } } });
  await shop.projections.sweep();
  expect((await shop.product("shirt"))?.customFields).toEqual({ care: "Cold" });
  shop.fields.product = [aField({ ...care, isFilterable: false })];
  const row = { payload: { entity: "product" }, availableAt: shop.clock.now() };
  await shop.projections.handlers["custom-fields.changed"]?.([row]);
  await shop.projections.sweep();
  expect((await shop.product("shirt"))?.customFields).toBeUndefined();
  expect(JSON.stringify(await shop.snapshot())).not.toContain("Cold");
});

test("while nobody can say which fields are for staff by now, a product waits, and is not shown by what was known before", async () => {
  await using shop = await testShop();
  const known = { isAway: false };
  const core = shop.anotherCore({
    fields: async () => {
      if (known.isAway) throw new Error("Postgres is away");
      return { ...shop.fields };
    },
  });
  const care = { entity: "product", key: "care", kind: "text" };
  shop.fields.product = [aField({ ...care, ...shown })];
  await shop.publish({ title: "Shirt", content: { customFields: { care: "Cold" } } });
  await core.sweep();
  expect((await shop.product("shirt"))?.customFields).toEqual({ care: "Cold" });
  shop.fields.product = [aField(care)];
  await shop.catalog.products.updateMany({}, { $set: { dirty: true }, $inc: { revision: 1 } });
  known.isAway = true;
  await core.sweep();
  known.isAway = false;
  await core.sweep();
  expect((await shop.product("shirt"))?.customFields).toBeUndefined();
});

test("values that filter are facets under the field's name, and words that find a product are found", async () => {
  await using shop = await testShop();
  const choices = [{ value: "oak", label: { de: "Eiche" } }, { value: "ash" }];
  shop.fields.product = [
    aField({ entity: "product", key: "wood", kind: "choice", choices, isFilterable: true, ...shown }),
    aField({ entity: "product", key: "maker", kind: "text", isSearchable: true, ...shown }),
    aField({ entity: "product", key: "hidden", kind: "text", ...shown }),
  ];
  shop.fields.variant = [
    aField({ entity: "variant", key: "loads", kind: "integer", countMax: 3, isFilterable: true, ...shown }),
  ];
  const variant = { sku: "D1", prices: [{ currency: "USD", amount: 100 }], customFields: { loads: [10, 20] } };
  const customFields = { wood: "oak", maker: "Thistlewick", hidden: "Quagmire" };
  await shop.publish({ title: "Desk", content: { customFields, variants: [variant] } });
  await shop.projections.sweep();
  const [document] = await shop.index.documents();
  expect(document).toMatchObject({ attributes: ["custom.wood=oak", "custom.loads=10", "custom.loads=20"] });
  const words = JSON.stringify(document).toLowerCase();
  expect(words).toContain("thistlewick");
  expect(words).not.toContain("quagmire");
  await shop.projections.handlers["custom-fields.changed"]?.([
    { payload: { entity: "order" }, availableAt: shop.clock.now() },
  ]);
  const [envelope] = await shop.store.envelopes([keys.attributes()]);
  expect(JSON.parse(envelope?.body ?? "[]")).toEqual([
    { code: "custom.wood", label: { en: "wood" }, isFacetable: true, choices: [choices[0]] },
    { code: "custom.loads", label: { en: "loads" }, isFacetable: true },
  ]);
});

test("storefronts are told of the fields that shoppers meet, and of no others", async () => {
  await using shop = await testShop();
  const byShopper = { ...shown, isShopperEditable: true };
  shop.fields.order = [
    aField({
      entity: "order",
      key: "message",
      kind: "text",
      lengthMax: 40,
      pattern: "[a-z ]+",
      isRequired: true,
      ...byShopper,
    }),
    aField({ entity: "order", key: "batch", kind: "text" }),
    aField({ entity: "order", key: "old", kind: "text", archivedAt: 1, ...byShopper }),
  ];
  shop.fields.customer = [aField({ entity: "customer", key: "born", kind: "date", max: "2020-01-01", ...byShopper })];
  shop.fields.product = [
    aField({ entity: "product", key: "loads", kind: "integer", min: 1, countMax: 3, isFilterable: true, ...shown }),
  ];
  await shop.projections.handlers["custom-fields.changed"]?.([
    { payload: { entity: "order" }, availableAt: shop.clock.now() },
  ]);
  const [envelope] = await shop.store.envelopes([keys.customFields()]);
  const named = (entity: string, key: string, kind: string) => ({ entity, key, kind, label: { en: key }, help: {} });
  expect(JSON.parse(envelope?.body ?? "[]")).toEqual([
    {
      ...named("product", "loads", "integer"),
      isRequired: false,
      isEditable: false,
      filter: "attr.custom.loads",
      countMax: 3,
      min: 1,
    },
    { ...named("customer", "born", "date"), isRequired: false, isEditable: true, countMax: 1, max: "2020-01-01" },
    {
      ...named("order", "message", "text"),
      isRequired: true,
      isEditable: true,
      countMax: 1,
      lengthMin: 0,
      lengthMax: 40,
      pattern: "[a-z ]+",
    },
  ]);
});

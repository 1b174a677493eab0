import { expect, test } from "bun:test";
import { createProduct } from "./create-product.ts";
import type { Attribute } from "./documents.ts";
import { conformed, productTypeSchema, typeErrors } from "./product-type.ts";
import { publishProduct, scheduleProduct, touchDueProducts } from "./publish-product.ts";
import {
  deleteProductType,
  findBreaches,
  previewProductType,
  saveProductType,
  saveProductTypeSchema,
} from "./save-product-type.ts";
import { refusal, someProduct, type TestCatalog, testCatalog } from "./testing/catalog.ts";
import { updateProduct } from "./update-product.ts";
import { saveWorkingDraft } from "./working-draft.ts";

const attributes = [
  { code: "material", kind: "text", isRequired: true, lengthMax: 10 },
  { code: "power", kind: "number", unit: "W", isInteger: true, min: 1, max: 2_000 },
  { code: "dimmable", kind: "boolean" },
  {
    code: "colour",
    kind: "choice",
    choices: [{ value: "red" }, { value: "blue" }],
    level: "variant",
    isRequired: true,
  },
  { code: "rooms", kind: "choice", choices: [{ value: "hall" }, { value: "bath" }, { value: "attic" }], countMax: 2 },
  { code: "since", kind: "date", min: "2000-01-01" },
  { code: "bulb", kind: "reference", to: "product" },
];
const lampInput = { code: "lamp", name: { "en-US": "Lamp" }, attributes };
const lamp = { ...productTypeSchema.parse(lampInput), _id: "lamp" };

const colour = (value: string): Attribute => ({ code: "colour", type: "text", value });
const wool: Attribute = { code: "material", type: "text", value: "Brass" };

function errorsOf(own: readonly object[], ofVariants: readonly Attribute[][] = [[colour("red")]]) {
  const variants = ofVariants.map((of) => ({ ...someProduct({}).variants[0], attributes: of }));
  const content = { attributes: own, variants } as Parameters<typeof typeErrors>[0];
  return typeErrors(content, lamp).map(({ path, message }) => `${path} ${message}`);
}

test("a value that its definition does not allow is told of at its attribute", () => {
  const cases: [Attribute, string][] = [
    [{ code: "material", type: "text", value: "x".repeat(11) }, "must have at most 10 characters"],
    [{ code: "material", type: "number", value: 1 }, "must be a text"],
    [{ code: "power", type: "number", value: 1.5 }, "must be a whole number"],
    [{ code: "power", type: "number", value: 0 }, "must be 1 or more"],
    [{ code: "power", type: "number", value: 2_001 }, "must be 2000 or less"],
    [{ code: "power", type: "text", value: "40" }, "must be a number"],
    [{ code: "dimmable", type: "text", value: "yes" }, "must be true or false"],
    [{ code: "rooms", type: "text", value: "hall" }, "must be a list of choices"],
    [{ code: "rooms", type: "list", value: ["hall", "moon"] }, "moon is none of the choices"],
    [{ code: "rooms", type: "list", value: ["hall", "hall"] }, "a choice stands here twice"],
    [{ code: "rooms", type: "list", value: ["hall", "bath", "attic"] }, "must have at most 2 choices"],
    [{ code: "since", type: "date", value: "1999-12-31" }, "must be 2000-01-01 or more"],
    [
      { code: "bulb", type: "reference", value: "cat_01k00000000000000000000000" as never },
      "must be the id of a product",
    ],
    [{ code: "colour", type: "text", value: "red" }, "belongs to the variant"],
    [{ code: "wattage", type: "number", value: 3 }, "the type lamp has no such attribute"],
  ];
  for (const [attribute, message] of cases) {
    const rest = attribute.code === "material" ? [] : [wool];
    expect(errorsOf([...rest, attribute])).toEqual([`attributes.${attribute.code} ${message}`]);
  }
});

test("what is required is missed at the product and at each variant by itself", () => {
  expect(errorsOf([], [[colour("red")], []])).toEqual([
    "attributes.material is required",
    "variants.1.attributes.colour is required",
  ]);
  expect(errorsOf([wool], [[colour("green")]])).toEqual(["variants.0.attributes.colour green is none of the choices"]);
});

test("a file's value becomes what its definition wants only where nothing is lost", () => {
  const definition = (code: string) => {
    const found = lamp.attributes.find((one) => one.code === code);
    if (!found) throw new Error(`there is no ${code}`);
    return found;
  };
  const text = (code: string, value: string): Attribute => ({ code, type: "text", value });
  const number = (code: string, value: number): Attribute => ({ code, type: "number", value });
  expect(conformed(number("material", 7), definition("material"), "007").value).toBe("007");
  expect(conformed(text("power", "040"), definition("power")).value).toBe(40);
  expect(conformed(text("power", "much"), definition("power"))).toEqual(text("power", "much"));
  expect(conformed(text("rooms", "hall"), definition("rooms"), "hall").value).toEqual(["hall"]);
  expect(conformed(text("since", "2020-02-30"), definition("since")).type).toBe("text");
  expect(conformed(text("since", "2020-02-29"), definition("since")).type).toBe("date");
});

async function lampShop(shop: TestCatalog) {
  const { after } = await saveProductType(shop.context(), saveProductTypeSchema.parse(lampInput));
  const one = (sku: string, own: readonly object[] = [wool]) => {
    const base = someProduct({ skus: [sku] });
    const variants = base.variants.map((variant) => ({ ...variant, attributes: [colour("red")] }));
    return someProduct({ skus: [sku], content: { typeCode: "lamp", attributes: own, variants } });
  };
  return { type: after, one };
}

test("every write of staff is held to the product's type; a product without one keeps free attributes", async () => {
  await using shop = await testCatalog();
  const { one } = await lampShop(shop);
  const bad = await refusal(createProduct(shop.context(), one("A", [])));
  expect(bad.members.errors).toEqual([{ path: "attributes.material", message: "is required" }]);
  const { _id: id } = await createProduct(shop.context(), one("A"));
  const strange: Attribute = { code: "anything", type: "text", value: "goes" };
  const patch = { attributes: [wool, strange] };
  expect((await refusal(updateProduct(shop.context(), { id, version: 1, patch }))).members.errors).toEqual([
    { path: "attributes.anything", message: "the type lamp has no such attribute" },
  ]);
  const free = await createProduct(shop.context(), someProduct({ content: { attributes: [strange] } }));
  const typed = updateProduct(shop.context(), { id: free._id, version: 1, patch: { typeCode: "lamp" } });
  expect((await refusal(typed)).members.errors?.map(({ path }) => path)).toEqual([
    "attributes.anything",
    "attributes.material",
    "variants.0.attributes.colour",
  ]);
  const unknown = updateProduct(shop.context(), { id: free._id, version: 1, patch: { typeCode: "boat" } });
  expect((await refusal(unknown)).members.errors).toEqual([{ path: "typeCode", message: "unknown product type" }]);
});

test("an attribute that leads to a product leads to one there is", async () => {
  await using shop = await testCatalog();
  const { one } = await lampShop(shop);
  const bulb = await createProduct(shop.context(), someProduct({ title: "Bulb" }));
  const leading = (value: string) => [wool, { code: "bulb", type: "reference", value }];
  await createProduct(shop.context(), one("A", leading(bulb._id)));
  const nowhere = await refusal(createProduct(shop.context(), one("B", leading("prod_01k00000000000000000000000"))));
  expect(nowhere.members.errors).toEqual([
    { path: "attributes.bulb", message: "leads nowhere", code: "reference_not_found" },
  ]);
});

test("a change by which products would break is listed first, refused, and taken only when that is accepted", async () => {
  await using shop = await testCatalog();
  const { one } = await lampShop(shop);
  const { _id: id } = await createProduct(shop.context(), one("A"));
  await createProduct(shop.context(), one("B", [wool, { code: "power", type: "number", value: 60 }]));
  const narrower = saveProductTypeSchema.parse({
    ...lampInput,
    version: 1,
    attributes: attributes.map((one) => (one.code === "power" ? { ...one, isRequired: true } : one)),
  });
  const listed = await previewProductType(shop.catalog, narrower);
  const errors = [{ path: "attributes.power", message: "is required" }];
  expect(listed).toEqual({ total: 1, items: [{ id, slug: "walking-shoe", errors }] });
  const refused = await refusal(saveProductType(shop.context(), narrower));
  expect(refused).toMatchObject({ code: "state_conflict", members: { breaches: { total: 1 } } });
  expect((await shop.catalog.productTypes.findOne({ _id: "lamp" }))?.revision).toBe(1);
  const { after } = await saveProductType(shop.context(), { ...narrower, acceptBreaches: true });
  expect(after.revision).toBe(2);
  expect((await findBreaches(shop.catalog, after)).total).toBe(1);
  const late = await refusal(updateProduct(shop.context(), { id, version: 2, patch: { brand: "Lumen" } }));
  expect(late.members.errors).toEqual(errors);
  expect((await refusal(saveProductType(shop.context(), narrower))).code).toBe("version_conflict");
});

test("a type that products have is not deleted, nor is a code given twice", async () => {
  await using shop = await testCatalog();
  const { one } = await lampShop(shop);
  await createProduct(shop.context(), one("A"));
  const held = await refusal(deleteProductType(shop.context(), { code: "lamp", version: 1 }));
  expect(held).toMatchObject({ code: "state_conflict", members: { products: 1 } });
  const twice = await refusal(saveProductType(shop.context(), saveProductTypeSchema.parse(lampInput)));
  expect(twice.members.errors).toEqual([{ path: "code", message: "is taken" }]);
});

test("a working draft that its type no longer allows at its hour is held back", async () => {
  await using shop = await testCatalog();
  const { one } = await lampShop(shop);
  const { _id: id } = await createProduct(shop.context(), one("A"));
  await publishProduct(shop.context(), { id, version: 1 });
  const patch = { attributes: [wool, { code: "dimmable", type: "boolean" as const, value: true }] };
  await saveWorkingDraft(shop.context(), { id, version: 2, patch });
  const publishAt = (shop.clock.now() + 1_000) as ReturnType<typeof shop.clock.now>;
  await scheduleProduct(shop.context(), { id, version: 3, publishAt });
  const without = attributes.filter(({ code }) => code !== "dimmable");
  await saveProductType(shop.context(), saveProductTypeSchema.parse({ ...lampInput, version: 1, attributes: without }));
  shop.clock.advance(1_000);
  expect((await touchDueProducts(shop.context())).heldBack).toEqual([id]);
  const stored = await shop.catalog.products.findOne({ _id: id });
  expect(stored?.working?.problem).toBe("attributes.dimmable: the type lamp has no such attribute");
});

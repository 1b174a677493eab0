import { expect, test } from "bun:test";
import { codeOf } from "../../testing/index.ts";
import { createProduct } from "./create-product.ts";
import { expandedVariants, expandVariants, expandVariantsSchema } from "./expand-variants.ts";
import { someProduct, testCatalog } from "./testing/catalog.ts";
import { updateProduct } from "./update-product.ts";

const size = { name: "size", values: ["S", "M", "L"] };
const colour = { name: "colour", values: ["Red", "Deep blue"] };

test("options expand to a variant for each combination, each with a SKU of its own", async () => {
  await using shop = await testCatalog();
  const { _id: id } = await createProduct(shop.context(), someProduct({ skus: ["TEE"] }));
  const { after } = await expandVariants(shop.context(), { id, version: 1, options: [size, colour] });
  expect(after.variants.map(({ sku, options }) => [sku, options.size, options.colour])).toEqual([
    ["TEE", "S", "Red"],
    ["TEE-S-DEEP-BLUE", "S", "Deep blue"],
    ["TEE-M-RED", "M", "Red"],
    ["TEE-M-DEEP-BLUE", "M", "Deep blue"],
    ["TEE-L-RED", "L", "Red"],
    ["TEE-L-DEEP-BLUE", "L", "Deep blue"],
  ]);
  expect(after.variants.at(-1)?.prices).toEqual([{ currency: "USD", amount: 1_000 }]);
  const more = { ...size, values: [...size.values, "XL"] };
  const grown = (await expandVariants(shop.context(), { id, version: 2, options: [more, colour] })).after;
  expect(grown.variants.slice(0, 6)).toEqual(after.variants);
  expect(grown.variants.slice(6).map(({ sku }) => sku)).toEqual(["TEE-XL-RED", "TEE-XL-DEEP-BLUE"]);
});

test("values that look alike in a SKU still get SKUs of their own", () => {
  const options = [{ name: "size", values: ["½", "¼", "1/2", "1 2"] }];
  const skus = expandedVariants([], { options, skuPrefix: "PIPE" }).map(({ sku }) => sku);
  expect(new Set(skus).size).toBe(4);
});

test("too many combinations, or a variant whose value is gone, are refused and change nothing", async () => {
  await using shop = await testCatalog();
  const { _id: id } = await createProduct(shop.context(), someProduct({ skus: ["S", "M"] }));
  const many = Array.from({ length: 16 }, (_, index) => `v${index}`);
  const tooMany = [
    { name: "a", values: many },
    { name: "b", values: many },
  ];
  expect(await codeOf(expandVariants(shop.context(), { id, version: 1, options: tooMany }))).toBe("validation_failed");
  const without = [{ name: "size", values: ["S"] }];
  expect(await codeOf(expandVariants(shop.context(), { id, version: 1, options: without }))).toBe("validation_failed");
  expect((await shop.catalog.products.findOne({ _id: id }))?.revision).toBe(1);
});

test("of many products that take one SKU at once, by whatever way, exactly one gets it", async () => {
  await using shop = await testCatalog();
  const products = await Promise.all(
    [1, 2, 3, 4].map((number) =>
      createProduct(shop.context(), someProduct({ title: `P ${number}`, skus: [`P-${number}`] })),
    ),
  );
  const { variants } = someProduct({ skus: ["WANTED"] });
  const outcomes = await Promise.allSettled([
    ...products.map(({ _id: id }) => updateProduct(shop.context(), { id, version: 1, patch: { variants } })),
    ...[1, 2, 3, 4].map(() => createProduct(shop.context(), someProduct({ skus: ["WANTED"] }))),
  ]);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await shop.catalog.products.countDocuments({ "variants.sku": "WANTED" })).toBe(1);
});

test("an option may be called as something that every object has; more prices than a variant may have are refused at the door", async () => {
  await using shop = await testCatalog();
  const { _id: id } = await createProduct(shop.context(), someProduct({ skus: ["A"] }));
  const options = [{ name: "constructor", values: ["Ann", "Bob"] }];
  const { after } = await expandVariants(shop.context(), { id, version: 1, options });
  expect(after.variants.map((variant) => Object.entries(variant.options))).toEqual([
    [["constructor", "Ann"]],
    [["constructor", "Bob"]],
  ]);
  const prices = Array.from({ length: 101 }, (_, index) => ({ currency: "USD", amount: 1, minQuantity: index + 2 }));
  expect(expandVariantsSchema.safeParse({ id, version: 2, options, prices }).success).toBe(false);
  const unkept = [{ name: "__proto__", values: ["Ann"] }];
  expect(expandVariantsSchema.safeParse({ id, version: 2, options: unkept }).success).toBe(false);
});

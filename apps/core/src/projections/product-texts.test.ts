import { expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import {
  saveCategory,
  saveProductType,
  saveProductTypeSchema,
  unpublishProduct,
  updateProduct,
} from "../services/catalog/index.ts";
import { catalogContext, testShop, untold } from "./testing/shop.ts";

test("a product is told in each language of the shop by what differs there, and what no longer differs goes", async () => {
  await using shop = await testShop();
  const context = () => catalogContext(shop, untold);
  shop.settings.locales = [
    { code: "de", fallbacks: [] },
    { code: "de-AT", fallbacks: ["de"] },
    { code: "fr", fallbacks: [] },
  ];
  shop.settings.productUrl = "https://shop.example/{locale}/p/{slug}";
  const name = { "en-US": "Light", de: "Licht" };
  const { after: light } = await saveCategory(context(), { parentId: null, slug: "light", name, position: 0 });
  const type = {
    code: "lamp",
    name: { "en-US": "Lamp" },
    attributes: [{ code: "material", kind: "text", label: { "en-US": "Material", de: "Werkstoff" } }],
  };
  await saveProductType(context(), saveProductTypeSchema.parse(type));
  const id = await shop.publish({
    content: {
      title: { "en-US": "Lamp", de: "Lampe", "de-AT": "Lampn" },
      description: { "en-US": `Gives light. ${"Very bright. ".repeat(20)}`, de: "Leuchtet." },
      categoryIds: [light._id],
      typeCode: "lamp",
      attributes: [{ code: "material", type: "text", value: "Brass", texts: { de: "Messing" } }],
      seo: { title: { "en-US": "Buy a lamp" }, description: "", robots: "noindex" },
    },
  });
  await shop.projections.sweep();
  const told = async (locale: string) => {
    const [envelope] = await shop.store.envelopes([keys.texts(locale, id)]);
    return envelope ? JSON.parse(envelope.body) : null;
  };
  const page = (locale: string) => `https://shop.example/${locale}/p/lamp`;
  const own = await shop.product("lamp");
  expect(own?.seo).toMatchObject({ title: "Buy a lamp", canonicalUrl: page("en-US"), robots: "noindex" });
  expect(own?.seo?.description).toMatch(/^Gives light\. .*bright\.…$/);
  expect(own?.attributeLabels).toEqual({ material: { label: "Material" } });
  const german = {
    title: "Lampe",
    description: "Leuchtet.",
    categories: [{ slug: "light", name: "Licht" }],
    attributes: { material: "Messing" },
    attributeLabels: { material: { label: "Werkstoff" } },
    seo: { title: "Lampe", description: "Leuchtet.", canonicalUrl: page("de"), robots: "noindex" },
  };
  expect(await told("de")).toEqual(german);
  const austrian = { title: "Lampn", seo: { ...german.seo, title: "Lampn", canonicalUrl: page("de-AT") } };
  expect(await told("de-AT")).toEqual({ ...german, ...austrian });
  expect(await told("fr")).toEqual({ seo: { ...own?.seo, canonicalUrl: page("fr") } });
  const [tree] = await shop.store.envelopes([keys.categoriesIn("de")]);
  expect(JSON.parse(tree?.body ?? "{}").items).toMatchObject([{ name: "Licht", productCount: 1 }]);
  shop.settings.locales = [{ code: "de", fallbacks: [] }];
  shop.clock.advance(10_000);
  await updateProduct(context(), { id, version: 2, patch: { brand: "Lumen" } });
  await shop.projections.sweep();
  expect([await told("de-AT"), await told("fr"), (await told("de")).title]).toEqual([null, null, "Lampe"]);
  await unpublishProduct(context(), { id, version: 3 });
  await shop.projections.sweep();
  expect(await told("de")).toBeNull();
});

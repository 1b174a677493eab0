import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { signUp } from "./people.ts";
import type { Answered } from "./recorder.ts";
import { itemsOf, type Shopping, type Start } from "./shopping.ts";

const label = (text: string) => ({ en: text });
const byShopper = { visibility: "shoppers", isShopperEditable: true, kind: "text" };

/** A field that was defined a moment ago has products written anew behind it, so a version that was just read may be of before. */
async function fill(shop: Shopping, id: string, customFields: object): Promise<void> {
  for (;;) {
    const { version } = await shop.read<{ version: number }>("catalog.products.get", { id });
    try {
      await shop.owner("catalog.products.change", { id, version, patch: { customFields } });
      return;
    } catch (error) {
      if (!String(error).includes("version_conflict")) throw error;
    }
  }
}

/** What the shop's own fields say, from the staff who define them to the shopper who fills them in and reads them. */
export function describeCustomFields(start: Start): void {
  test("the shop's own fields are told, filled in, refused by their path, and kept", async () => {
    const shop = start();
    const define = (definition: object) => shop.owner("customFields.save", { definition });
    await define({ entity: "order", key: "gift_message", label: label("Message"), ...byShopper, lengthMax: 30 });
    await define({ entity: "order", key: "batch", label: label("Batch"), kind: "text" });
    await define({ entity: "customer", key: "vat", label: label("VAT"), ...byShopper, pattern: "[A-Z]{2}[0-9]+" });
    const material = { entity: "product", key: "material", label: label("Material"), kind: "text", isFilterable: true };
    await define({ ...material, visibility: "shoppers" });
    await define({ entity: "product", key: "margin", label: label("Margin"), kind: "decimal" });

    const told = async (entity: string) =>
      itemsOf(await shop.expect(200, "customFields.list", `/v1/custom-fields?entity=${entity}`)).map(({ key }) => key);
    await shop.until(async () => (await told("product")).includes("material"));
    expect([await told("order"), await told("customer"), await told("product")]).toEqual([
      ["gift_message"],
      ["vat"],
      ["material"],
    ]);

    const { id, slug } = await shop.scarceProduct(1);
    await fill(shop, id, { material: "Ramie", margin: 0.4 });
    const page = async () => (await shop.expect(200, "products.get", `/v1/products/${slug}`)).body?.customFields;
    await shop.until(async () => JSON.stringify(await page()) === '{"material":"Ramie"}');
    const list = "/v1/products?attr.custom.material=Ramie";
    await shop.until(async () => itemsOf(await shop.expect(200, "products.list", list)).length === 1);

    const related = { entity: "product", key: "related", label: label("Related"), kind: "reference", to: "product" };
    await define({ ...related, visibility: "shoppers" });
    const lead = (to: string) => fill(shop, id, { material: "Ramie", related: to });
    const refusal = await lead(newId("prod")).catch((error: unknown) => String(error));
    expect(refusal).toContain('"path":"customFields.related","message":"leads nowhere","code":"reference_not_found"');
    const other = await shop.scarceProduct(1);
    await lead(other.id);
    await shop.until(async () => JSON.stringify(await page()) === `{"material":"Ramie","related":"${other.slug}"}`);

    const cart = await shop.cart();
    const refused = await shop.expect("validation_failed", "carts.update", cart, {
      body: { customFields: { gift_message: "x".repeat(31), batch: "B1", margin: 1 } },
    });
    expect(((refused.body?.errors ?? []) as readonly { path: string }[]).map(({ path }) => path)).toEqual([
      "customFields.gift_message",
      "customFields.batch",
      "customFields.margin",
    ]);
    const said = { gift_message: "For Ada" };
    const changed = await shop.expect(200, "carts.update", cart, { body: { customFields: said } });
    expect(changed.body?.customFields).toEqual(said);
    const { body: order } = await shop.checkout(201, cart, await shop.terms(cart));
    expect(order?.customFields).toEqual(said);

    await describeLines(shop, define);

    const { bearer: headers } = await signUp(shop.shop);
    await shop.expect("validation_failed", "me.update", "/v1/me", { headers, body: { customFields: { vat: "12" } } });
    const customFields = { vat: "DE12" };
    await shop.expect(200, "me.update", "/v1/me", { headers, body: { customFields } });
    expect((await shop.expect(200, "me.get", "/v1/me", { headers })).body?.customFields).toEqual(customFields);
  });
}

const pathsOf = ({ body }: Answered) => ((body?.errors ?? []) as readonly { path: string }[]).map(({ path }) => path);
const saidIn = ({ body }: Answered) =>
  ((body?.items ?? []) as readonly { readonly customFields?: object }[]).map(({ customFields }) => customFields);

/** What is said of one thing in the cart, and of what is sent back. */
async function describeLines(shop: Shopping, define: (definition: object) => Promise<unknown>): Promise<void> {
  await define({ entity: "order_line", key: "engraving", label: label("Engraving"), ...byShopper, lengthMax: 10 });
  await define({ entity: "order_line", key: "bench", label: label("Bench"), kind: "text" });
  await define({ entity: "return", key: "bag", label: label("Bag"), ...byShopper });
  const told = async (entity: string) =>
    itemsOf(await shop.expect(200, "customFields.list", `/v1/custom-fields?entity=${entity}`)).map(({ key }) => key);
  await shop.until(async () => (await told("return")).includes("bag"));
  expect(await told("order_line")).toEqual(["engraving"]);

  const { sku } = await shop.scarceProduct(9);
  const line = (engraving: string) => ({ sku, quantity: 1, customFields: { engraving } });
  const wrong = await shop.expect("validation_failed", "carts.create", "/v1/carts", {
    body: { items: [line("far too long")] },
  });
  expect(pathsOf(wrong)).toEqual(["items.0.customFields.engraving"]);
  const cart = await shop.cart([line("Ada")]);
  const items = `${cart}/items`;
  const more = await shop.expect(200, "carts.items.add", items, { body: line("Bea") });
  expect(saidIn(more)).toEqual([{ engraving: "Bea" }]);
  const strange = { quantity: 1, customFields: { bench: "B1", nope: 1 } };
  const refused = await shop.expect("validation_failed", "carts.items.set", `${items}/${sku}`, { body: strange });
  expect(pathsOf(refused)).toEqual(["customFields.bench", "customFields.nope"]);
  const set = { quantity: 2, customFields: { engraving: "Cleo" } };
  expect(saidIn(await shop.expect(200, "carts.items.set", `${items}/${sku}`, { body: set }))).toEqual([
    { engraving: "Cleo" },
  ]);
  const placed = await shop.checkout(201, cart, await shop.terms(cart));
  expect(saidIn(placed)).toEqual([{ engraving: "Cleo" }]);

  const { order, path, headers } = await shop.order();
  await shop.ship(order.id);
  const body = { items: [{ sku: shop.shop.sampleSku, quantity: 1, reason: "too small" }] };
  const asked = (customFields: object) => ({ headers, body: { ...body, customFields } });
  const no = await shop.expect("validation_failed", "orders.returns.create", `${path}/returns`, asked({ lane: "B" }));
  expect(pathsOf(no)).toEqual(["customFields.lane"]);
  const said = { bag: "blue" };
  const made = await shop.expect(201, "orders.returns.create", `${path}/returns`, asked(said));
  expect(made.body?.customFields).toEqual(said);
  const seen = await shop.expect(200, "orders.returns.get", `${path}/returns/${made.body?.id}`, { headers });
  expect(seen.body?.customFields).toEqual(said);
}

import { expect, test } from "bun:test";
import { itemsOf, type Start } from "./shopping.ts";

/** What the catalog answers, and what it does not have. */
export function describeCatalog(start: Start): void {
  test("every list and page of the catalog, and nothing in a currency that the shop does not sell in", async () => {
    const shop = start();
    await shop.expect(200, "channel.get", "/v1/channel");
    await shop.expect(200, "categories.list", "/v1/categories");
    const [product] = itemsOf(await shop.expect(200, "products.list", "/v1/products?limit=5&sort=price"));
    const page = `/v1/products/${product?.slug}`;
    await shop.expect(200, "products.get", page);
    await shop.expect(200, "products.recommendations", `${page}/recommendations?kind=similar`);
    await shop.expect(200, "search.products", "/v1/search?q=lamp");
    await shop.expect(200, "search.suggest", "/v1/search/suggest?q=la");
    await shop.expect(200, "customFields.list", "/v1/custom-fields?entity=order");
    await shop.expect(200, "stock.list", `/v1/stock?sku=${shop.shop.sampleSku}`);
    await shop.until(async () => (await shop.ask("sitemap.page", "/sitemap-1.xml")).status === 200);
    await shop.expect(200, "sitemap.index", "/sitemap.xml");
    await shop.expect("not_found", "sitemap.page", "/sitemap-9999.xml");
    await shop.expect("currency_mismatch", "products.list", "/v1/products?currency=JPY");
    await shop.expect("currency_mismatch", "products.get", `${page}?currency=JPY`);
    await shop.expect("currency_mismatch", "products.recommendations", `${page}/recommendations?currency=JPY`);
    await shop.expect("currency_mismatch", "search.products", "/v1/search?q=lamp&currency=JPY");
    await shop.expect("not_found", "products.get", "/v1/products/there-is-no-such-thing");
    await shop.expect("not_found", "products.recommendations", "/v1/products/there-is-no-such-thing/recommendations");
  });

  test("a product is shown, found and sold in the channels that it is published in, and nowhere else", async () => {
    const shop = start();
    const { code, members: channel, headers } = await shop.channel();
    const { id, slug, sku, version: made } = await shop.scarceProduct(5);
    const page = `/v1/products/${slug}`;
    const inChannel = (wanted: number) =>
      shop.until(async () => (await shop.ask("products.get", page, { headers })).status === wanted);
    await inChannel(404);
    await shop.expect(200, "products.get", page);
    expect((await shop.expect(200, "channel.get", "/v1/channel", { headers })).body).toMatchObject({
      code,
      ...{ currencies: ["USD"] },
    });
    const line = { items: [{ sku, quantity: 1 }] };
    await shop.expect("sku_unknown", "carts.create", "/v1/carts", { body: line, headers });
    await shop.expect("currency_mismatch", "products.list", "/v1/products?currency=EUR", { headers });

    const published = await shop.owner("catalog.products.publish", { id, version: made, channel: code });
    await inChannel(200);
    const listed = await shop.expect(200, "products.list", "/v1/products", { headers });
    await shop.until(async () => itemsOf(await shop.ask("products.list", "/v1/products", { headers })).length === 1);
    expect(itemsOf(listed).every((item) => item.slug === slug)).toBe(true);
    await shop.until(async () => (await shop.ask("categories.list", "/v1/categories", { headers })).status === 200);
    const cart = await shop.cart(line.items, {}, headers);
    const placed = await shop.checkout(201, cart, await shop.terms(cart));
    expect(placed.body?.channel).toBe(code);

    const left = await shop.cart(line.items, {}, headers);
    await shop.owner("catalog.products.unpublish", { id, version: published.version, channel: code });
    await inChannel(404);
    await shop.expect(200, "products.get", page);
    await shop.checkout("out_of_stock", left, await shop.terms(cart));
    await shop.owner("catalog.channels.change", { ...channel, isActive: false });
    await shop.until(async () => (await shop.ask("products.list", "/v1/products", { headers })).status === 401);
    await shop.expect("unauthenticated", "carts.create", "/v1/carts", { body: line, headers });
  });

  test("a product goes out and off one channel at its hours, and is a draft in the other all the time", async () => {
    const shop = start();
    const { code, headers } = await shop.channel();
    const { id, slug, sku, version: made } = await shop.scarceProduct(5);
    const page = `/v1/products/${slug}`;
    const { version } = await shop.owner<{ version: number }>("catalog.products.unpublish", {
      ...{ id, version: made },
    });
    const at = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
    const hour = { id, version, channel: code, publishAt: at(1_500) };
    const put = await shop.owner<{ version: number }>("catalog.products.schedule", hour);
    await shop.until(async () => (await shop.ask("products.get", page)).status === 404);
    await shop.until(async () => (await shop.ask("products.get", page, { headers })).status === 200);
    await shop.expect("not_found", "products.get", page);
    const line = { items: [{ sku, quantity: 1 }] };
    await shop.expect("sku_unknown", "carts.create", "/v1/carts", { body: line });
    const cart = await shop.cart(line.items, {}, headers);

    const shown = await shop.read<{ version: number }>("catalog.products.get", { id });
    expect(shown.version).toBeGreaterThan(put.version);
    const end = { id, version: shown.version, channel: code, unpublishAt: at(1_500) };
    await shop.owner("catalog.products.schedule", end);
    await shop.until(async () => (await shop.ask("products.get", page, { headers })).status === 404);
    await shop.checkout("out_of_stock", cart, await shop.terms(await shop.cart()));
  });

  test("former slugs of products and categories lead to the present ones", async () => {
    const shop = start();
    const { id, slug, version } = await shop.scarceProduct(1);
    const present = `${slug}-now`;
    await shop.owner("catalog.products.changeSlug", { id, version, slug: present });
    await shop.until(async () => (await shop.ask("products.get", `/v1/products/${slug}`)).status === 301);
    const moved = await shop.expect(301, "products.get", `/v1/products/${slug}`);
    expect(moved.headers.get("location")).toBe(`/v1/products/${present}`);

    const name = { "en-US": "Moved" };
    const category = { parentId: null, slug: `c-${slug}`, name, position: 90 };
    const saved = await shop.owner<{ id: string; version: number }>("catalog.categories.save", category);
    const renamed = { ...category, slug: `c-${present}`, id: saved.id, version: saved.version };
    await shop.owner("catalog.categories.save", renamed);
    const list = `/v1/products?category=c-${slug}`;
    await shop.until(async () => (await shop.ask("products.list", list)).status === 301);
    await shop.expect(301, "products.list", list);
    await shop.expect(301, "search.products", `/v1/search?q=lamp&category=c-${slug}`);
  });

  test("the shop says that it lives, that it is ready, and what it can do", async () => {
    const shop = start();
    await shop.expect(200, "system.healthz", "/healthz");
    await shop.until(async () => (await shop.ask("system.readyz", "/readyz")).status === 200);
    await shop.recorder.ask(shop.shop.lonelyUrl, "system.readyz", { path: "/readyz" });
    await shop.expect(200, "system.openapi", "/openapi.json");
    await shop.expect(200, "system.docs", "/docs");
  });
}

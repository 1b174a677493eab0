import { test } from "bun:test";
import type { EndpointId } from "@stoa/contract";
import { newId } from "@stoa/kernel";
import { signUp } from "./people.ts";
import { address, type Start, usd } from "./shopping.ts";

/** What may be done with a cart, and with one that is none or is an order already. */
export function describeCarts(start: Start): void {
  test("a cart is filled, changed, discounted and emptied", async () => {
    const shop = start();
    const { sampleSku } = shop.shop;
    const cart = await shop.cart([]);
    await shop.expect(200, "carts.get", `${cart}?explain=1`);
    await shop.expect(200, "carts.items.add", `${cart}/items`, { body: { sku: sampleSku, quantity: 2 } });
    await shop.expect(200, "carts.items.set", `${cart}/items/${sampleSku}`, { body: { quantity: 1 } });
    await shop.expect(200, "carts.update", cart, { body: { email: "ann@example.com", shippingAddress: address } });
    const { code } = await shop.promotion();
    await shop.expect(200, "carts.promotions.apply", `${cart}/promotions`, { body: { code } });
    await shop.expect(200, "carts.promotions.remove", `${cart}/promotions/${code}`);
    const card = await shop.giftCard(500);
    await shop.expect(200, "carts.giftCards.apply", `${cart}/gift-cards`, { body: { code: card.code } });
    // What the card pays is among the reasons, as the contract tells them.
    await shop.expect(200, "carts.get", `${cart}?explain=1`);
    await shop.expect(200, "giftCards.balance", "/v1/gift-cards/balance", { body: { code: card.code } });
    await shop.expect(200, "carts.giftCards.remove", `${cart}/gift-cards/${card.id}`);
    await shop.expect(200, "carts.items.remove", `${cart}/items/${sampleSku}`);
  });

  test("what a cart refuses", async () => {
    const shop = start();
    const cart = await shop.cart();
    const eur = await shop.cart([], { currency: "EUR" });
    const { sku: onlyUsd } = await shop.scarceProduct(5);
    const unknown = { sku: "NO-SUCH-THING", quantity: 1 };
    await shop.expect("sku_unknown", "carts.create", "/v1/carts", { body: { items: [unknown] } });
    await shop.expect("currency_mismatch", "carts.create", "/v1/carts", { body: { currency: "JPY" } });
    await shop.expect("sku_unknown", "carts.items.add", `${cart}/items`, { body: unknown });
    await shop.expect("currency_mismatch", "carts.items.add", `${eur}/items`, { body: { sku: onlyUsd, quantity: 1 } });
    await shop.expect("sku_unknown", "carts.items.set", `${cart}/items/NO-SUCH-THING`, { body: { quantity: 1 } });
    await shop.expect(200, "carts.items.remove", `${cart}/items/NO-SUCH-THING`);
    await shop.expect("promotion_not_applicable", "carts.promotions.apply", `${cart}/promotions`, {
      body: { code: "NONE" },
    });
    const noCard = { body: { code: "AAAAA-BBBBB-CCCCC-DDDDD" } };
    await shop.expect("gift_card_not_applicable", "carts.giftCards.apply", `${cart}/gift-cards`, noCard);
    await shop.expect("not_found", "giftCards.balance", "/v1/gift-cards/balance", noCard);
    const card = await shop.giftCard(500);
    await shop.expect("currency_mismatch", "carts.giftCards.apply", `${eur}/gift-cards`, { body: { code: card.code } });
  });

  test("a customer's cart: store credit, a guest's cart joined with it, and had back", async () => {
    const shop = start();
    const customer = await signUp(shop.shop);
    const headers = customer.bearer;
    const own = await shop.cart(undefined, {}, headers);
    await shop.expect("gift_card_not_applicable", "carts.storeCredit.use", `${own}/store-credit`, {
      body: {},
      headers,
    });
    await shop.storeCredit(customer.customerId, 700);
    await shop.expect(200, "carts.storeCredit.use", `${own}/store-credit`, { body: { amount: usd(100) }, headers });
    const inEuros = { amount: { amount: 100, currency: "EUR" } };
    await shop.expect("currency_mismatch", "carts.storeCredit.use", `${own}/store-credit`, { body: inEuros, headers });
    const guest = await shop.cart();
    await shop.expect(200, "carts.claim", `${guest}/claim`, { headers });
    await shop.expect(200, "carts.restore", `${guest}/restore`, { headers });
  });

  test("a cart that is none, and one that is an order already", async () => {
    const shop = start();
    const customer = await signUp(shop.shop);
    const none = `/v1/carts/${newId("cart")}`;
    const { code } = await shop.promotion();
    await shop.storeCredit(customer.customerId, 700);
    const done = await shop.cart(undefined, {}, customer.bearer);
    await shop.checkout(201, done, await shop.terms(done, undefined, customer.bearer), customer.bearer);
    const calls: readonly (readonly [EndpointId, string, unknown?])[] = [
      ["carts.update", "", { email: "ann@example.com" }],
      ["carts.items.add", "/items", { sku: shop.shop.sampleSku, quantity: 1 }],
      ["carts.items.set", `/items/${shop.shop.sampleSku}`, { quantity: 1 }],
      ["carts.items.remove", `/items/${shop.shop.sampleSku}`],
      ["carts.promotions.apply", "/promotions", { code }],
      ["carts.promotions.remove", `/promotions/${code}`],
      ["carts.giftCards.apply", "/gift-cards", { code: (await shop.giftCard(100)).code }],
      ["carts.giftCards.remove", `/gift-cards/${newId("gft")}`],
      ["carts.storeCredit.use", "/store-credit", {}],
      ["carts.claim", "/claim"],
    ];
    for (const [id, path, body] of calls) {
      const asked = { headers: customer.bearer, ...(body === undefined ? {} : { body }) };
      await shop.expect("not_found", id, none + path, asked);
      await shop.expect("cart_completed", id, done + path, asked);
    }
    await shop.expect("not_found", "carts.get", none);
    await shop.expect("not_found", "carts.shippingMethods", `${none}/shipping-methods`);
    await shop.expect("not_found", "carts.restore", `${none}/restore`, { headers: customer.bearer });
  });
}

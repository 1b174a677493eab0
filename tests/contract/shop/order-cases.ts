import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { signUp } from "./people.ts";
import { address, itemsOf, type Shopping, type Start, usd } from "./shopping.ts";

const DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds";
const THREE_D_SECURE = "pm_card_threeDSecure2Required";

/** How a cart becomes an order, or does not. */
export function describeCheckout(start: Start): void {
  test("a checkout is confirmed, or waits for the shopper's bank", async () => {
    const shop = start();
    const cart = await shop.cart();
    await shop.checkout(201, cart, await shop.terms(cart));
    const slow = await shop.cart();
    await shop.checkout(202, slow, await shop.terms(slow, THREE_D_SECURE));
  });

  test("what a checkout lacks", async () => {
    const shop = start();
    const cart = await shop.cart();
    const { email, shippingAddress, shippingMethod, payment } = (await shop.terms(cart)) as Record<string, unknown>;
    await shop.checkout("cart_empty", await shop.cart([]), { email, shippingAddress, shippingMethod, payment });
    await shop.checkout("email_required", cart, { shippingAddress, shippingMethod, payment });
    await shop.checkout("shipping_address_required", cart, { email, shippingMethod, payment });
    await shop.checkout("shipping_method_required", cart, { email, shippingAddress, payment });
    await shop.checkout("not_found", `/v1/carts/${newId("cart")}`, { payment });
    const expectedTotal = usd(1);
    await shop.checkout("price_changed", cart, { email, shippingAddress, shippingMethod, payment, expectedTotal });
    const inEuros = { amount: 1, currency: "EUR" };
    const terms = { email, shippingAddress, shippingMethod, payment };
    await shop.checkout("currency_mismatch", cart, { ...terms, expectedTotal: inEuros });
    await shop.checkout("payment_declined", cart, {
      ...terms,
      payment: { provider: "stripe", paymentMethod: DECLINED },
    });
    await shop.checkout(201, cart, terms);
    await shop.checkout("cart_completed", cart, terms);
  });

  test("what was there when it was put into the cart, and is gone at checkout", async () => {
    const shop = start();
    const { sku } = await shop.scarceProduct(1);
    const [first, second] = [await shop.cart([{ sku, quantity: 1 }]), await shop.cart([{ sku, quantity: 1 }])];
    const secondTerms = await shop.terms(second);
    await shop.checkout(201, first, await shop.terms(first));
    await shop.checkout("out_of_stock", second, secondTerms);

    const promotion = await shop.promotion();
    const { code } = promotion;
    const discounted = await shop.cart();
    await shop.expect(200, "carts.promotions.apply", `${discounted}/promotions`, { body: { code } });
    await shop.owner("carts.promotions.setActive", { id: promotion.id, isActive: false });
    await shop.checkout("promotion_not_applicable", discounted, await shop.terms(discounted));

    const card = await shop.giftCard(300);
    const paidByCard = await shop.cart();
    await shop.expect(200, "carts.giftCards.apply", `${paidByCard}/gift-cards`, { body: { code: card.code } });
    await shop.owner("payments.giftCards.disable", { id: card.id, reason: "contract" });
    await shop.checkout("gift_card_not_applicable", paidByCard, await shop.terms(paidByCard));
  });

  test("a payment link is looked at and paid once", async () => {
    const shop = start();
    const link = await paymentLink(shop);
    await shop.expect(200, "paymentLinks.get", link);
    const pay = (path: string, paymentMethod: string) => ({
      body: { payment: { provider: "stripe", paymentMethod } },
      headers: { "idempotency-key": crypto.randomUUID() },
      path: `${path}/pay`,
    });
    const expectPaid = async (wanted: Parameters<Shopping["expect"]>[0], path: string, card: string) => {
      const { path: at, ...asked } = pay(path, card);
      await shop.expect(wanted, "paymentLinks.pay", at, asked);
    };
    await expectPaid("payment_declined", link, DECLINED);
    await expectPaid(201, link, "pm_card_visa");
    await expectPaid("state_conflict", link, "pm_card_visa");
    await expectPaid(202, await paymentLink(shop), THREE_D_SECURE);
    const none = `/v1/payment-links/${"t".repeat(43)}`;
    await expectPaid("not_found", none, "pm_card_visa");
    await shop.expect("not_found", "paymentLinks.get", none);
    const { code } = await shop.promotion(1);
    const links = [
      await paymentLink(shop, { promotionCodes: [code] }),
      await paymentLink(shop, { promotionCodes: [code] }),
    ];
    await expectPaid(201, links[0] ?? "", "pm_card_visa");
    await expectPaid("promotion_not_applicable", links[1] ?? "", "pm_card_visa");
    const { sku } = await shop.scarceProduct(1);
    const scarce = await paymentLink(shop, { sku });
    await shop.setStock(sku, -1);
    await expectPaid("out_of_stock", scarce, "pm_card_visa");
  });
}

async function paymentLink(
  shop: Shopping,
  {
    sku = shop.shop.sampleSku,
    promotionCodes = [],
  }: { readonly sku?: string; readonly promotionCodes?: string[] } = {},
): Promise<string> {
  const content = {
    promotionCodes,
    email: "ann@example.com",
    shippingAddress: address,
    lines: [{ sku, quantity: 1 }],
    shipping: { name: "By hand", price: 0, reason: "contract" },
  };
  const draft = await shop.owner<{ id: string; version: number }>("orders.drafts.create", { currency: "USD", content });
  const sent = await shop.owner<{ token: string }>("orders.drafts.send", { id: draft.id, version: draft.version });
  return `/v1/payment-links/${sent.token}`;
}

/** What may be done with an order. */
export function describeOrders(start: Start): void {
  test("an order is looked at, watched and cancelled; a stranger finds none", async () => {
    const shop = start();
    const { order, path, headers, email } = await shop.order();
    await shop.expect(200, "orders.events", `${path}/events`, { headers });
    const known = { number: order.number, email };
    await shop.expect(200, "orders.lookup", "/v1/orders/lookup", { body: known });
    await shop.expect("not_found", "orders.lookup", "/v1/orders/lookup", {
      body: { ...known, email: "eve@example.com" },
    });
    await shop.until(async () => (await shop.ask("orders.invoice", `${path}/invoice`, { headers })).status === 200);
    await shop.expect(200, "orders.creditNotes", `${path}/credit-notes`, { headers });
    const [invoice] = itemsOf(await shop.expect(200, "orders.documents", `${path}/documents`, { headers }));
    await shop.expect(200, "orders.document", `${path}/documents/${invoice?.id}`, { headers });
    await shop.expect(200, "orders.returns.list", `${path}/returns`, { headers });
    const body = { items: [{ sku: shop.shop.sampleSku, quantity: 1, reason: "too small" }] };
    await shop.expect("state_conflict", "orders.returns.create", `${path}/returns`, { body, headers });
    for (const [id, tail, sent] of [
      ["orders.get", ""],
      ["orders.events", "/events"],
      ["orders.cancel", "/cancel"],
      ["orders.invoice", "/invoice"],
      ["orders.documents", "/documents"],
      ["orders.document", `/documents/${newId("inv")}`],
      ["orders.creditNotes", "/credit-notes"],
      ["orders.creditNote", `/credit-notes/${newId("inv")}`],
      ["orders.returns.create", "/returns", body],
      ["orders.returns.list", "/returns"],
      ["orders.returns.get", `/returns/${newId("ret")}`],
      ["orders.returns.cancel", `/returns/${newId("ret")}/cancel`],
    ] as const) {
      await shop.expect("not_found", id, path + tail, sent ? { body: sent } : {});
    }
    await shop.expect(200, "orders.cancel", `${path}/cancel`, { headers });
  });

  test("what has been sent comes back, and its money with a credit note", async () => {
    const shop = start();
    const { order, path, headers } = await shop.order(2);
    await shop.until(async () => (await shop.ask("orders.invoice", `${path}/invoice`, { headers })).status === 200);
    await shop.ship(order.id);
    const { sampleSku: sku } = shop.shop;
    await shop.until(async () => {
      const answer = await shop.ask("orders.cancel", `${path}/cancel`, { headers });
      return answer.body?.code === "order_not_cancellable";
    });
    const unknown = { items: [{ sku: "NO-SUCH-THING", quantity: 1, reason: "too small" }] };
    await shop.expect("sku_unknown", "orders.returns.create", `${path}/returns`, { body: unknown, headers });
    const body = { items: [{ sku, quantity: 1, reason: "too small" }] };
    const request = () => shop.expect(201, "orders.returns.create", `${path}/returns`, { body, headers });
    const taken = (await request()).body?.id;
    await shop.expect(200, "orders.returns.cancel", `${path}/returns/${taken}/cancel`, { headers });
    const returnId = (await request()).body?.id;
    await shop.expect(200, "orders.returns.get", `${path}/returns/${returnId}`, { headers });
    await shop.owner("orders.returns.staff.approve", { id: returnId });
    await shop.owner("orders.returns.staff.receive", { id: returnId, items: [{ sku, restock: 1 }] });
    await shop.expect("state_conflict", "orders.returns.cancel", `${path}/returns/${returnId}/cancel`, { headers });
    await shop.owner("orders.returns.staff.refund", { id: returnId });
    let notes: ReturnType<typeof itemsOf> = [];
    await shop.until(async () => {
      notes = itemsOf(await shop.expect(200, "orders.creditNotes", `${path}/credit-notes`, { headers }));
      return notes.length > 0;
    });
    const paper = await shop.expect(200, "orders.creditNote", `${path}/credit-notes/${notes[0]?.id}`, { headers });
    expect(paper.text.startsWith("%PDF")).toBe(true);
  });
}

/** What a customer sees and changes of their own. */
export function describeAccount(start: Start): void {
  test("the profile, addresses, cards and orders of a customer; and all of it gone", async () => {
    const shop = start();
    const { bearer: headers } = await signUp(shop.shop);
    await shop.expect(200, "me.get", "/v1/me", { headers });
    await shop.expect(200, "me.update", "/v1/me", { body: { name: "Ann" }, headers });
    const { body: saved } = await shop.expect(201, "me.addresses.create", "/v1/me/addresses", {
      body: address,
      headers,
    });
    const one = `/v1/me/addresses/${saved?.id}`;
    await shop.expect(200, "me.addresses.list", "/v1/me/addresses", { headers });
    await shop.expect(200, "me.addresses.update", one, { body: { city: "Shelbyville" }, headers });
    await shop.expect(204, "me.addresses.delete", one, { headers });
    await shop.expect("not_found", "me.addresses.delete", one, { headers });
    await shop.expect("not_found", "me.addresses.update", one, { body: { city: "Shelbyville" }, headers });
    for (let count = 0; count < 50; count += 1) {
      await shop.expect(201, "me.addresses.create", "/v1/me/addresses", { body: address, headers });
    }
    await shop.expect("state_conflict", "me.addresses.create", "/v1/me/addresses", { body: address, headers });
    const payment = { provider: "stripe", paymentMethod: "pm_card_visa", savePaymentMethod: true };
    await shop.order(1, { payment }, headers);
    let methods: ReturnType<typeof itemsOf> = [];
    await shop.until(async () => {
      methods = itemsOf(await shop.expect(200, "me.paymentMethods.list", "/v1/me/payment-methods", { headers }));
      return methods.length > 0;
    });
    await shop.expect(204, "me.paymentMethods.delete", `/v1/me/payment-methods/${methods[0]?.id}`, { headers });
    await shop.expect("not_found", "me.paymentMethods.delete", `/v1/me/payment-methods/${newId("spm")}`, { headers });
    await shop.expect(200, "me.storeCredit", "/v1/me/store-credit", { headers });
    await shop.expect(200, "me.orders", "/v1/me/orders?limit=5", { headers });
    await shop.expect(200, "me.export", "/v1/me/export", { headers });
    // The token would live on for its minutes; whom it names does not, and it speaks for nobody.
    const token = await fetch(`${shop.shop.edgeUrl}/v1/auth/token`, { headers });
    const late = { authorization: `Bearer ${((await token.json()) as { token: string }).token}` };
    await shop.expect(204, "me.delete", "/v1/me", { headers });
    await shop.expect("unauthenticated", "me.get", "/v1/me", { headers: late });
    await shop.expect("unauthenticated", "me.update", "/v1/me", { body: { name: "Ann" }, headers: late });
    await shop.expect("unauthenticated", "me.export", "/v1/me/export", { headers: late });
    await shop.expect("unauthenticated", "me.delete", "/v1/me", { headers: late });
  });

  test("an account is not erased while an order of it is being placed", async () => {
    const shop = start();
    const { bearer: headers } = await signUp(shop.shop);
    const cart = await shop.cart(undefined, {}, headers);
    await shop.checkout(202, cart, await shop.terms(cart, THREE_D_SECURE, headers), headers);
    await shop.expect("state_conflict", "me.delete", "/v1/me", { headers });
  });
}

import { expect, test } from "@playwright/test";
import { checkOut, started } from "./shopper.ts";

test("a shopper finds a product, buys it, and the order is confirmed", async ({ request }) => {
  const found = await (await request.get(`${started.edgeUrl}/v1/products?inStock=true&limit=5`)).json();
  expect(found.items.length).toBe(5);
  const product = await (await request.get(`${started.edgeUrl}/v1/products/${found.items[0].slug}`)).json();
  expect(product.variants.length).toBeGreaterThan(0);
  const response = await checkOut(request, { paymentMethod: "pm_card_visa" });
  expect(response.status()).toBe(201);
  const order = await response.json();
  expect(order.state).toBe("confirmed");
  const again = await request.get(`${started.edgeUrl}/v1/orders/${order.id}`, {
    headers: { "x-order-token": order.accessToken },
  });
  expect((await again.json()).number).toBe(order.number);
  expect((await request.get(`${started.edgeUrl}/v1/orders/${order.id}`)).status()).toBe(404);
});

test("a declined card is answered with its code, and the stock is as it was", async ({ request }) => {
  const stock = async () => {
    const answer = await request.get(`${started.edgeUrl}/v1/stock?sku=${encodeURIComponent(started.sampleSku)}`);
    return (await answer.json()).items[0].available;
  };
  const before = await stock();
  const response = await checkOut(request, { paymentMethod: "pm_card_visa_chargeDeclinedInsufficientFunds" });
  expect(response.status()).toBe(402);
  expect(await response.json()).toMatchObject({ code: "payment_declined", declineCode: "insufficient_funds" });
  await expect.poll(stock).toBe(before);
});

test("3-D Secure sends the shopper to the bank's page, and paying there confirms the order", async ({
  page,
  request,
}) => {
  const returnUrl = `${started.edgeUrl}/docs`;
  const response = await checkOut(request, { paymentMethod: "pm_card_authenticationRequired", returnUrl });
  expect(response.status()).toBe(202);
  const order = await response.json();
  expect(order.payment.nextAction.type).toBe("redirect");
  await page.goto(order.payment.nextAction.url);
  await page.getByRole("button", { name: /pay/i }).click();
  await page.waitForURL(`${returnUrl}**`);
  const state = async () => {
    const headers = { "x-order-token": order.accessToken };
    return (await (await request.get(`${started.edgeUrl}/v1/orders/${order.id}`, { headers })).json()).state;
  };
  await expect.poll(state, { timeout: 30_000 }).toBe("confirmed");
});

test("3-D Secure that the shopper declines refuses the order", async ({ page, request }) => {
  const returnUrl = `${started.edgeUrl}/docs`;
  const response = await checkOut(request, { paymentMethod: "pm_card_authenticationRequired", returnUrl });
  const order = await response.json();
  await page.goto(order.payment.nextAction.url);
  await page.getByRole("button", { name: /decline/i }).click();
  await page.waitForURL(`${returnUrl}**`);
  const refusal = async () => {
    const headers = { "x-order-token": order.accessToken };
    return (await (await request.get(`${started.edgeUrl}/v1/orders/${order.id}`, { headers })).json()).refusal?.code;
  };
  await expect.poll(refusal, { timeout: 30_000 }).toBe("payment_declined");
});

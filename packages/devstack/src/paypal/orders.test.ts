import { expect, test } from "bun:test";
import { CheckoutPaymentIntent, PatchOp } from "@paypal/paypal-server-sdk";
import {
  approvalUrl,
  approvedOrder,
  CANCEL_URL,
  clientOf,
  createOrder,
  decide,
  orderRequest,
  refusalOf,
  startTestPaypal,
} from "./test-support.ts";

const { Authorize, Capture } = CheckoutPaymentIntent;

test("an approved order is authorised once, and shows its authorisation", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const created = await createOrder(shop, orderRequest(Authorize));
  expect(created).toMatchObject({ intent: "AUTHORIZE", status: "PAYER_ACTION_REQUIRED" });
  const early = await refusalOf(shop.orders.authorizeOrder({ id: String(created.id) }));
  expect(early).toMatchObject({ status: 422, name: "UNPROCESSABLE_ENTITY", issue: "ORDER_NOT_APPROVED" });
  await decide(approvalUrl(created), "pay");
  expect(String((await shop.orders.getOrder({ id: String(created.id) })).result.status)).toBe("APPROVED");
  const { statusCode, result } = await shop.orders.authorizeOrder({ id: String(created.id) });
  expect(statusCode).toBe(201);
  const authorization = result.purchaseUnits?.[0]?.payments?.authorizations?.[0];
  expect(authorization).toMatchObject({ status: "CREATED", amount: { currencyCode: "EUR", value: "59.90" } });
  const again = await refusalOf(shop.orders.authorizeOrder({ id: String(created.id) }));
  expect(again.issue).toBe("ORDER_ALREADY_AUTHORIZED");
  const wrong = await refusalOf(shop.orders.captureOrder({ id: String(created.id) }));
  expect(wrong.issue).toBe("ACTION_DOES_NOT_MATCH_INTENT");
  const { result: shown } = await shop.orders.getOrder({ id: String(created.id) });
  expect(String(shown.status)).toBe("COMPLETED");
  expect(shown.purchaseUnits?.[0]?.payments?.authorizations?.[0]?.id).toBe(String(authorization?.id));
});

test("an order to capture takes the money at once", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const id = await approvedOrder(shop, orderRequest(Capture));
  const { result } = await shop.orders.captureOrder({ id });
  const capture = result.purchaseUnits?.[0]?.payments?.captures?.[0];
  expect(capture).toMatchObject({ status: "COMPLETED", finalCapture: true, customId: "order-7" });
  expect((await refusalOf(shop.orders.captureOrder({ id }))).issue).toBe("ORDER_ALREADY_CAPTURED");
});

test("an answer is short unless the whole representation is preferred", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const { statusCode, result } = await shop.orders.createOrder({ body: orderRequest(Capture) });
  expect(statusCode).toBe(200);
  expect(Object.keys(result).toSorted()).toEqual(["id", "links", "paymentSource", "status"]);
  const { paymentSource: _, ...plain } = orderRequest(Capture);
  const bare = await shop.orders.createOrder({ body: plain });
  expect(bare.statusCode).toBe(201);
  expect(bare.result).toMatchObject({ status: "CREATED" });
  expect(bare.result.links?.map(({ rel }) => rel)).toEqual(["self", "approve", "update", "capture"]);
});

test("paying leads back with token and payer, cancelling leads to the cart and changes nothing", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const order = await createOrder(shop, orderRequest(Authorize));
  const url = approvalUrl(order);
  const cancelled = await decide(url, "cancel");
  expect(cancelled.status).toBe(303);
  expect(cancelled.headers.get("location")).toBe(`${CANCEL_URL}?token=${order.id}`);
  expect(String((await shop.orders.getOrder({ id: String(order.id) })).result.status)).toBe("PAYER_ACTION_REQUIRED");
  const paid = await decide(url, "pay");
  const back = new URL(String(paid.headers.get("location")));
  expect(back.origin + back.pathname).toBe("https://shop.example/back");
  expect(Object.fromEntries(back.searchParams)).toEqual({
    lang: "en",
    token: String(order.id),
    PayerID: expect.stringMatching(/^[A-Z0-9]{13}$/),
  });
  expect((await decide(url, "pay")).headers.get("location")).toBe(back.href);
  expect((await fetch(url)).status).toBe(409);
});

test("the approval page shows merchant, amount and order escaped, under a policy that runs no script", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const body = orderRequest(Authorize, "1234.50", `<i>INV "9"</i>`);
  const order = await createOrder(shop, {
    ...body,
    paymentSource: { paypal: { experienceContext: { brandName: "Ada & Co", returnUrl: "shop-app://back" } } },
  });
  const page = await fetch(approvalUrl(order));
  expect(page.headers.get("content-security-policy")).toContain("form-action 'self' shop-app:;");
  const html = await page.text();
  expect(html).toContain("&lt;i&gt;INV &quot;9&quot;&lt;/i&gt;");
  expect(html).toContain("Ada &amp; Co");
  expect(html).toContain("1234.50 EUR");
  expect(html).toContain("test page");
  expect((await decide(approvalUrl(order), "nonsense")).status).toBe(422);
  expect((await fetch(`${server.url}/checkoutnow?token=NONE`)).status).toBe(404);
});

test("a payer who chose a declined card is refused, and may choose another way on the same page", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const order = await createOrder(shop, orderRequest(Authorize));
  const id = String(order.id);
  await decide(approvalUrl(order), "decline");
  const refusal = await refusalOf(shop.orders.authorizeOrder({ id }));
  expect(refusal).toMatchObject({ status: 422, issue: "INSTRUMENT_DECLINED" });
  const again = refusal.links.find(({ rel }) => rel === "redirect");
  await decide(String(again?.href), "pay");
  expect(String((await shop.orders.authorizeOrder({ id })).result.status)).toBe("COMPLETED");
});

test("the mock response header refuses a call and leaves the order as it was", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const id = await approvedOrder(shop, orderRequest(Capture));
  const paypalMockResponse = JSON.stringify({ mock_application_codes: "INSTRUMENT_DECLINED" });
  expect((await refusalOf(shop.orders.captureOrder({ id, paypalMockResponse }))).issue).toBe("INSTRUMENT_DECLINED");
  expect(String((await shop.orders.captureOrder({ id })).result.status)).toBe("COMPLETED");
});

test("amount and references can be patched before the order is completed, nothing else", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const id = await approvedOrder(shop, orderRequest(Capture));
  const unit = "/purchase_units/@reference_id=='default'";
  const amount = { currency_code: "EUR", value: "12.00" };
  const body = [
    { op: PatchOp.Replace, path: `${unit}/amount`, value: amount },
    { op: PatchOp.Add, path: `${unit}/invoice_id`, value: "INV-1" },
  ];
  expect((await shop.orders.patchOrder({ id, body })).statusCode).toBe(204);
  const { result } = await shop.orders.getOrder({ id });
  expect(result.purchaseUnits?.[0]).toMatchObject({ amount: { value: "12.00" }, invoiceId: "INV-1" });
  const patch = (path: string) => shop.orders.patchOrder({ id, body: [{ op: PatchOp.Replace, path, value: "x" }] });
  expect((await refusalOf(patch(`${unit}/items`))).issue).toBe("NOT_PATCHABLE");
  expect((await refusalOf(patch("/purchase_units/@reference_id=='b'/custom_id"))).issue).toBe("REFERENCE_ID_NOT_FOUND");
  await shop.orders.captureOrder({ id });
  expect((await refusalOf(patch(`${unit}/custom_id`))).issue).toBe("ORDER_ALREADY_COMPLETED");
});

test.each([
  [{ value: "59.901" }, 422, "DECIMAL_PRECISION"],
  [{ value: "0.00" }, 422, "CANNOT_BE_ZERO_OR_NEGATIVE"],
  [{ value: "-5.00" }, 422, "CANNOT_BE_ZERO_OR_NEGATIVE"],
  [{ value: "5,00" }, 400, "INVALID_PARAMETER_VALUE"],
  [{ currencyCode: "XXX" }, 422, "INVALID_CURRENCY_CODE"],
  [{ currencyCode: "HUF" }, 422, "DECIMALS_NOT_SUPPORTED"],
  [{ breakdown: { itemTotal: { currencyCode: "EUR", value: "50.00" } } }, 422, "AMOUNT_MISMATCH"],
])("an order over %o is refused with %i %s", async (amount, status, issue) => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const body = { intent: Capture, purchaseUnits: [{ amount: { currencyCode: "EUR", value: "59.90", ...amount } }] };
  expect(await refusalOf(shop.orders.createOrder({ body }))).toMatchObject({ status, issue });
});

test("an order without units and one that does not exist are refused in PayPal's shapes", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const empty = await refusalOf(shop.orders.createOrder({ body: { intent: Capture, purchaseUnits: [] } }));
  expect(empty).toMatchObject({ status: 400, name: "INVALID_REQUEST" });
  const missing = await refusalOf(shop.orders.getOrder({ id: "NOPE" }));
  expect(missing).toMatchObject({ status: 404, name: "RESOURCE_NOT_FOUND", issue: "INVALID_RESOURCE_ID" });
});

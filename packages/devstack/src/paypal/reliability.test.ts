import { expect, test } from "bun:test";
import { CheckoutPaymentIntent } from "@paypal/paypal-server-sdk";
import { fixedClock } from "@stoa/kernel";
import { approvedOrder, authorizedOrder, clientOf, orderRequest, refusalOf, startTestPaypal } from "./test-support.ts";

const { Authorize, Capture } = CheckoutPaymentIntent;

test("the same request id gives the same answer and one effect", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const create = () => shop.orders.createOrder({ body: orderRequest(Authorize), paypalRequestId: "saga/create" });
  expect((await create()).result.id).toBe(String((await create()).result.id));
  const authorizationId = await authorizedOrder(shop, orderRequest(Authorize));
  const capture = () => shop.payments.captureAuthorizedPayment({ authorizationId, paypalRequestId: "saga/capture" });
  const first = await capture();
  expect((await capture()).result.id).toBe(String(first.result.id));
  const refund = () =>
    shop.payments.refundCapturedPayment({ captureId: String(first.result.id), paypalRequestId: "saga/refund" });
  expect((await refund()).result.id).toBe(String((await refund()).result.id));
});

test("request ids are forgotten after six hours for orders and after 45 days for payments", async () => {
  const clock = fixedClock("2026-11-01T00:00:00Z");
  await using server = await startTestPaypal({ clock });
  const shop = clientOf(server);
  const create = () => shop.orders.createOrder({ body: orderRequest(Authorize), paypalRequestId: "k" });
  const first = await create();
  const id = await approvedOrder(shop, orderRequest(Capture));
  const captureId = String(
    (await shop.orders.captureOrder({ id })).result.purchaseUnits?.[0]?.payments?.captures?.[0]?.id,
  );
  const body = { amount: { currencyCode: "EUR", value: "1.00" } };
  const refund = () => shop.payments.refundCapturedPayment({ captureId, body, paypalRequestId: "k" });
  const refunded = await refund();
  clock.advance(6 * 3_600_000 - 1);
  expect((await create()).result.id).toBe(String(first.result.id));
  clock.advance(1);
  expect((await create()).result.id).not.toBe(String(first.result.id));
  clock.advance(44 * 86_400_000);
  expect((await refund()).result.id).toBe(String(refunded.result.id));
  clock.advance(86_400_000);
  expect((await refund()).result.id).not.toBe(String(refunded.result.id));
});

test("a refused request does not use up its id", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const { result } = await shop.orders.createOrder({ body: orderRequest(Authorize) });
  const authorize = () => shop.orders.authorizeOrder({ id: String(result.id), paypalRequestId: "k" });
  expect((await refusalOf(authorize())).issue).toBe("ORDER_NOT_APPROVED");
  const page = result.links?.find(({ rel }) => rel === "payer-action")?.href;
  await fetch(String(page), { method: "POST", body: new URLSearchParams({ decision: "pay" }), redirect: "manual" });
  expect(String((await authorize()).result.status)).toBe("COMPLETED");
});

test("a second request with an id still in use is a conflict", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  server.faults?.arm({ operation: "orders.create", action: { kind: "delay", delayMs: 1_500 }, times: 1 });
  const create = () => shop.orders.createOrder({ body: orderRequest(Authorize), paypalRequestId: "k" });
  // The first call fetches a token too, so both share one already.
  await shop.orders.getOrder({ id: "NOPE" }).catch(() => undefined);
  const outcomes = await Promise.allSettled([create(), create()]);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const [refused] = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(await refusalOf(Promise.reject(refused?.reason))).toMatchObject({
    status: 409,
    issue: "PREVIOUS_REQUEST_IN_PROGRESS",
  });
});

test("an answer lost on the way is found again with the request id: one capture", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const authorizationId = await authorizedOrder(shop, orderRequest(Authorize));
  server.faults?.arm({ operation: "authorizations.capture", action: { kind: "loseAnswer" }, times: 1 });
  const capture = () => shop.payments.captureAuthorizedPayment({ authorizationId, paypalRequestId: "saga/capture" });
  expect(
    await capture().then(
      () => "answered",
      () => "lost",
    ),
  ).toBe("lost");
  const { result } = await capture();
  const books = JSON.parse(await (await fetch(`${server.url}/_stoa/books`)).text());
  expect(books.captures).toMatchObject([{ id: result.id, amount: 5_990 }]);
});

test("a dropped or failed call has no effect", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const id = await approvedOrder(shop, orderRequest(Capture));
  server.faults?.arm({ operation: "orders.capture", action: { kind: "drop" }, times: 1 });
  server.faults?.arm({ operation: "orders.capture", action: { kind: "fail", status: 429 }, times: 1 });
  const capture = () => shop.orders.captureOrder({ id, paypalRequestId: "k" });
  expect(
    await capture().then(
      () => "answered",
      () => "lost",
    ),
  ).toBe("lost");
  expect(await refusalOf(capture())).toMatchObject({ status: 429, name: "RATE_LIMIT_REACHED" });
  expect(String((await shop.orders.getOrder({ id })).result.status)).toBe("APPROVED");
  expect(String((await capture()).result.status)).toBe("COMPLETED");
});

test("wrong credentials get no token, and no token gets no answer", async () => {
  await using server = await startTestPaypal();
  const token = (credentials: string, body: string) =>
    fetch(`${server.url}/v1/oauth2/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(credentials)}` },
      body,
    });
  expect((await token("stoa:wrong", "grant_type=client_credentials")).status).toBe(401);
  expect((await token("stoa:stoa-secret", "grant_type=password")).status).toBe(400);
  const answer = await fetch(`${server.url}/v2/checkout/orders/X`, { headers: { authorization: "Bearer A21AA9.0" } });
  expect(answer.status).toBe(401);
});

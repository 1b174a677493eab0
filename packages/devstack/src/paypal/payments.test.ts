import { expect, test } from "bun:test";
import { CheckoutPaymentIntent } from "@paypal/paypal-server-sdk";
import {
  advance,
  approvedOrder,
  authorizedOrder,
  clientOf,
  orderRequest,
  refusalOf,
  startTestPaypal,
} from "./test-support.ts";

const { Authorize, Capture } = CheckoutPaymentIntent;
const DAY_SECONDS = 86_400;
const eur = (value: string) => ({ currencyCode: "EUR", value });

test("a hold is captured in parts up to 115 per cent, and no more", async () => {
  await using server = await startTestPaypal();
  const { payments, ...shop } = { ...clientOf(server) };
  const authorizationId = await authorizedOrder({ payments, ...shop }, orderRequest(Authorize, "100.00"));
  const capture = (value: string) =>
    payments.captureAuthorizedPayment({ authorizationId, body: { amount: eur(value) } });
  const part = await capture("40.00");
  expect(part).toMatchObject({ statusCode: 201, result: { status: "COMPLETED" } });
  const status = async () => (await payments.getAuthorizedPayment({ authorizationId })).result.status;
  expect(String(await status())).toBe("PARTIALLY_CAPTURED");
  expect((await refusalOf(capture("75.01"))).issue).toBe("MAX_CAPTURE_AMOUNT_EXCEEDED");
  await capture("75.00");
  expect(String(await status())).toBe("CAPTURED");
  expect((await refusalOf(capture("1.00"))).issue).toBe("AUTHORIZATION_ALREADY_CAPTURED");
  expect((await refusalOf(payments.voidPayment({ authorizationId }))).issue).toBe("PREVIOUSLY_CAPTURED");
});

test("a final capture releases the rest, and a void releases what is not captured", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const held = async () => (await books(server)).authorizations.map(({ held: minor }) => minor);
  const first = await authorizedOrder(shop, orderRequest(Authorize));
  await shop.payments.captureAuthorizedPayment({
    authorizationId: first,
    body: { amount: eur("20.00"), finalCapture: true },
  });
  expect(await held()).toEqual([0]);
  const second = await authorizedOrder(shop, orderRequest(Authorize));
  await shop.payments.captureAuthorizedPayment({ authorizationId: second, body: { amount: eur("20.00") } });
  expect(await held()).toEqual([3_990, 0]);
  const voided = await shop.payments.voidPayment({ authorizationId: second });
  expect(voided.statusCode).toBe(204);
  expect(await held()).toEqual([0, 0]);
  expect((await refusalOf(shop.payments.voidPayment({ authorizationId: second }))).issue).toBe("PREVIOUSLY_VOIDED");
  const late = shop.payments.captureAuthorizedPayment({ authorizationId: second });
  expect((await refusalOf(late)).issue).toBe("AUTHORIZATION_VOIDED");
});

test("a hold can be renewed once, from day 4, and the new one takes its place", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const authorizationId = await authorizedOrder(shop, orderRequest(Authorize));
  const renew = (id: string) =>
    shop.payments.reauthorizePayment({ authorizationId: id, prefer: "return=representation" });
  expect((await refusalOf(renew(authorizationId))).issue).toBe("REAUTHORIZATION_TOO_SOON");
  const { result: before } = await shop.payments.getAuthorizedPayment({ authorizationId });
  await advance(server, 3 * DAY_SECONDS);
  const { result: renewed } = await renew(authorizationId);
  expect(renewed).toMatchObject({ status: "CREATED", expirationTime: String(before.expirationTime) });
  const old = shop.payments.captureAuthorizedPayment({ authorizationId });
  expect((await refusalOf(old)).issue).toBe("AUTHORIZATION_VOIDED");
  expect((await refusalOf(renew(String(renewed.id)))).issue).toBe("REAUTHORIZATION_NOT_SUPPORTED");
  expect((await books(server)).authorizations.map(({ held }) => held)).toEqual([5_990, 0]);
});

test("a hold that nobody captures ends after 29 days", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const authorizationId = await authorizedOrder(shop, orderRequest(Authorize));
  await advance(server, 29 * DAY_SECONDS - 60);
  expect(String((await shop.payments.getAuthorizedPayment({ authorizationId })).result.status)).toBe("CREATED");
  await advance(server, 61);
  expect(String((await shop.payments.getAuthorizedPayment({ authorizationId })).result.status)).toBe("VOIDED");
  const late = shop.payments.captureAuthorizedPayment({ authorizationId });
  expect((await refusalOf(late)).issue).toBe("AUTHORIZATION_EXPIRED");
});

test("captured money is given back in parts, never more than was captured", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const captureId = await captured(shop);
  const refund = (value?: string) =>
    shop.payments.refundCapturedPayment({
      captureId,
      prefer: "return=representation",
      ...(value === undefined ? {} : { body: { amount: eur(value) } }),
    });
  const part = await refund("9.90");
  expect(part).toMatchObject({ statusCode: 201, result: { status: "COMPLETED", amount: eur("9.90") } });
  expect(part.result.links?.find(({ rel }) => rel === "up")?.href).toEndWith(`/v2/payments/captures/${captureId}`);
  expect((await refusalOf(refund("50.01"))).issue).toBe("REFUND_AMOUNT_EXCEEDED");
  expect(String((await shop.payments.getCapturedPayment({ captureId })).result.status)).toBe("PARTIALLY_REFUNDED");
  expect((await refund()).result.amount).toEqual(eur("50.00"));
  expect((await refusalOf(refund())).issue).toBe("CAPTURE_FULLY_REFUNDED");
  expect(String((await shop.payments.getCapturedPayment({ captureId })).result.status)).toBe("REFUNDED");
  const shown = await shop.payments.getRefund({ refundId: String(part.result.id) });
  expect(shown.result).toMatchObject({ status: "COMPLETED", customId: "order-7" });
});

test("an invoice number is captured for one order only", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  await captured(shop, "INV-1");
  const second = await approvedOrder(shop, orderRequest(Capture, "59.90", "INV-1"));
  const refusal = await refusalOf(shop.orders.captureOrder({ id: second }));
  expect(refusal.issue).toBe("DUPLICATE_INVOICE_ID");
  expect(String((await shop.orders.getOrder({ id: second })).result.status)).toBe("APPROVED");
});

test.each([
  ["delay", { kind: "delay", delayMs: 60_000 }, "COMPLETED"],
  ["fail", { kind: "fail" }, "DECLINED"],
  ["drop", { kind: "drop" }, "PENDING"],
] as const)("a capture whose settlement is struck by %s is pending first", async (_name, action, end) => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  server.faults?.arm({ operation: "capture.settlement", action, times: 1 });
  const captureId = await captured(shop);
  const shown = async () => (await shop.payments.getCapturedPayment({ captureId })).result;
  expect(await shown()).toMatchObject({ status: "PENDING", statusDetails: { reason: "PENDING_REVIEW" } });
  const refund = shop.payments.refundCapturedPayment({ captureId });
  expect((await refusalOf(refund)).status).toBe(422);
  await advance(server, 61);
  expect(String((await shown()).status)).toBe(end);
});

test("a refund that fails while pending is owed again", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const captureId = await captured(shop);
  server.faults?.arm({ operation: "refund.settlement", action: { kind: "fail" }, times: 1 });
  const { result } = await shop.payments.refundCapturedPayment({ captureId });
  expect(String(result.status)).toBe("PENDING");
  await advance(server, 5);
  expect(String((await shop.payments.getRefund({ refundId: String(result.id) })).result.status)).toBe("FAILED");
  expect((await books(server)).captures).toMatchObject([{ status: "COMPLETED", amount: 5_990, refunded: 0 }]);
});

async function captured(shop: ReturnType<typeof clientOf>, invoiceId?: string): Promise<string> {
  const id = await approvedOrder(shop, orderRequest(Capture, "59.90", invoiceId));
  const { result } = await shop.orders.captureOrder({ id });
  return String(result.purchaseUnits?.[0]?.payments?.captures?.[0]?.id);
}

interface Books {
  readonly authorizations: readonly { readonly held: number }[];
  readonly captures: readonly { readonly status: string; readonly amount: number; readonly refunded: number }[];
}

async function books(server: { readonly url: string }): Promise<Books> {
  return JSON.parse(await (await fetch(`${server.url}/_stoa/books`)).text());
}

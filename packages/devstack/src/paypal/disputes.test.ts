import { expect, test } from "bun:test";
import { CheckoutPaymentIntent } from "@paypal/paypal-server-sdk";
import {
  approvedOrder,
  clientOf,
  eventually,
  orderRequest,
  startReceiver,
  startTestPaypal,
  tokenOf,
} from "./test-support.ts";

type Server = { readonly url: string };

async function captureOf(server: Server): Promise<string> {
  const shop = clientOf(server);
  const id = await approvedOrder(shop, orderRequest(CheckoutPaymentIntent.Capture));
  const { result } = await shop.orders.captureOrder({ id });
  return String(result.purchaseUnits?.[0]?.payments?.captures?.[0]?.id);
}

async function open(server: Server, capture: string): Promise<string> {
  const body = JSON.stringify({ capture, reason: "UNAUTHORISED" });
  const answer = await fetch(`${server.url}/_stoa/disputes`, { method: "POST", body });
  return JSON.parse(await answer.text()).dispute_id;
}

async function ask(server: Server, method: "GET" | "POST", path: string, body?: FormData | string) {
  const headers = { authorization: `Bearer ${await tokenOf(server)}` };
  const answer = await fetch(`${server.url}/v1/customer/disputes${path}`, {
    method,
    headers: typeof body === "string" ? { ...headers, "content-type": "application/json" } : headers,
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

/** As evidence travels: JSON in a part of a form, which could carry files beside it. */
function evidence(notes: string): FormData {
  const form = new FormData();
  const input = JSON.stringify({ evidences: [{ evidence_type: "OTHER", notes }] });
  form.append("input", new Blob([input], { type: "application/json" }));
  return form;
}

test("a buyer's dispute takes evidence once, is decided, and is told of at each step", async () => {
  await using receiver = startReceiver();
  await using server = await startTestPaypal({ webhookUrl: receiver.url });
  const capture = await captureOf(server);
  const id = await open(server, capture);
  const opened = await ask(server, "GET", `/${id}`);
  expect(opened.body).toMatchObject({
    ...{ dispute_id: id, status: "WAITING_FOR_SELLER_RESPONSE", reason: "UNAUTHORISED" },
    dispute_amount: { currency_code: "EUR", value: "59.90" },
    disputed_transactions: [{ seller_transaction_id: capture }],
  });
  expect(opened.body.links.map(({ rel }: { rel: string }) => rel)).toContain("provide_evidence");
  expect((await ask(server, "POST", `/${id}/provide-evidence`, evidence("Signed for on Monday."))).status).toBe(200);
  const heard = await ask(server, "GET", `/${id}`);
  expect(heard.body).toMatchObject({ status: "UNDER_REVIEW", evidences: [{ notes: "Signed for on Monday." }] });
  expect((await ask(server, "POST", `/${id}/provide-evidence`, evidence("And again."))).status).toBe(422);
  await ask(server, "POST", `/${id}/adjudicate`, JSON.stringify({ adjudication_outcome: "SELLER_FAVOR" }));
  const { body } = await ask(server, "GET", `?disputed_transaction_id=${capture}`);
  expect(body.items).toMatchObject([
    { dispute_id: id, status: "RESOLVED", dispute_outcome: { outcome_code: "RESOLVED_SELLER_FAVOUR" } },
  ]);
  const types = ["CREATED", "UPDATED", "RESOLVED"].map((name) => `CUSTOMER.DISPUTE.${name}`);
  await eventually(() => expect(receiver.hooks.map(({ type }) => type).slice(-3)).toEqual(types));
});

test("evidence that is no evidence, or too long, is refused; a claim may be accepted instead", async () => {
  await using server = await startTestPaypal();
  const id = await open(server, await captureOf(server));
  expect((await ask(server, "POST", `/${id}/provide-evidence`, "{}")).status).toBe(400);
  expect((await ask(server, "POST", `/${id}/provide-evidence`, evidence("x".repeat(2_001)))).status).toBe(400);
  expect((await ask(server, "POST", "/PP-D-NONE/provide-evidence", evidence("x"))).status).toBe(404);
  await ask(server, "POST", `/${id}/accept-claim`, "{}");
  expect((await ask(server, "GET", `/${id}`)).body).toMatchObject({ dispute_outcome: { outcome_code: "ACCEPTED" } });
});

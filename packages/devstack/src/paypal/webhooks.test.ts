import { expect, test } from "bun:test";
import { createVerify } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckoutPaymentIntent } from "@paypal/paypal-server-sdk";
import {
  approvedOrder,
  authorizedOrder,
  clientOf,
  eventually,
  type Hook,
  orderRequest,
  startReceiver,
  startTestPaypal,
  tokenOf,
  WEBHOOK_ID,
} from "./test-support.ts";

const { Authorize, Capture } = CheckoutPaymentIntent;

const header = (hook: Hook, name: string) => hook.headers.get(`paypal-${name}`) ?? "";

/** Asks the stand-in, as a shop would, with the event's text spliced in as it came. */
async function verify(server: { readonly url: string }, hook: Hook, eventText: string): Promise<string> {
  const token = await tokenOf(server);
  const members = {
    auth_algo: header(hook, "auth-algo"),
    cert_url: header(hook, "cert-url"),
    transmission_id: header(hook, "transmission-id"),
    transmission_sig: header(hook, "transmission-sig"),
    transmission_time: header(hook, "transmission-time"),
    webhook_id: WEBHOOK_ID,
  };
  const body = `${JSON.stringify(members).slice(0, -1)}, "webhook_event": ${eventText} }`;
  const answer = await fetch(`${server.url}/v1/notifications/verify-webhook-signature`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body,
  });
  return JSON.parse(await answer.text()).verification_status;
}

test("what happens is told in order, signed, and verified by the API and by the certificate", async () => {
  await using receiver = startReceiver();
  await using server = await startTestPaypal({ webhookUrl: receiver.url });
  const shop = clientOf(server);
  const authorizationId = await authorizedOrder(shop, orderRequest(Authorize));
  const { result } = await shop.payments.captureAuthorizedPayment({ authorizationId, body: { finalCapture: true } });
  await shop.payments.refundCapturedPayment({ captureId: String(result.id) });
  const expected = [
    "CHECKOUT.ORDER.APPROVED",
    "PAYMENT.AUTHORIZATION.CREATED",
    "PAYMENT.CAPTURE.COMPLETED",
    "PAYMENT.CAPTURE.REFUNDED",
  ];
  await eventually(() => expect(receiver.hooks.map(({ type }) => type)).toEqual(expected));
  const headers = { authorization: `Bearer ${await tokenOf(server)}` };
  const listed = await fetch(`${server.url}/v1/notifications/webhooks-events?page_size=2`, { headers });
  const { events } = JSON.parse(await listed.text());
  expect(events).toEqual(
    receiver.hooks
      .slice(-2)
      .map(({ body }) => JSON.parse(body))
      .reverse(),
  );
  for (const hook of receiver.hooks) {
    expect(await verify(server, hook, hook.body)).toBe("SUCCESS");
    const certificate = await (await fetch(header(hook, "cert-url"))).text();
    const signed = [
      header(hook, "transmission-id"),
      header(hook, "transmission-time"),
      WEBHOOK_ID,
      Bun.hash.crc32(hook.body),
    ].join("|");
    const check = createVerify("RSA-SHA256").update(signed);
    expect(check.verify(certificate, header(hook, "transmission-sig"), "base64")).toBe(true);
  }
  const [, , capture] = receiver.hooks;
  expect(JSON.parse(String(capture?.body))).toMatchObject({
    resource_type: "capture",
    resource: { id: result.id, custom_id: "order-7", amount: { currency_code: "EUR", value: "59.90" } },
  });
});

test("a tampered event, another certificate or another webhook id fails verification", async () => {
  await using receiver = startReceiver();
  await using server = await startTestPaypal({ webhookUrl: receiver.url });
  await approvedOrder(clientOf(server), orderRequest(Capture));
  const hook = await eventually(() => {
    const [first] = receiver.hooks;
    if (first === undefined) throw new Error("No webhook yet");
    return first;
  });
  expect(await verify(server, hook, hook.body.replace("59.90", "0.01"))).toBe("FAILURE");
  expect(await verify(server, hook, `${JSON.stringify(JSON.parse(hook.body), null, 1)}`)).toBe("FAILURE");
  const forged = new Headers(hook.headers);
  forged.set("paypal-cert-url", "http://evil.example/cert.pem");
  expect(await verify(server, { ...hook, headers: forged }, hook.body)).toBe("FAILURE");
  expect(await verify(server, hook, hook.body)).toBe("SUCCESS");
});

test("a stopped stand-in delivers what it owes when it is started again, and keeps orders and request ids", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "stoa-paypal-"));
  try {
    await using receiver = startReceiver();
    receiver.answer.status = 503;
    const first = await startTestPaypal({ dataDir, webhookUrl: receiver.url });
    const shop = clientOf(first);
    const id = await approvedOrder(shop, orderRequest(Capture));
    const { result } = await shop.orders.captureOrder({ id, paypalRequestId: "k" });
    await first.stop();
    const refused = receiver.hooks.length;
    receiver.answer.status = 200;
    await using second = await startTestPaypal({ dataDir, webhookUrl: receiver.url });
    const again = await clientOf(second).orders.captureOrder({ id, paypalRequestId: "k" });
    expect(again.result.purchaseUnits?.[0]?.payments).toEqual(result.purchaseUnits?.[0]?.payments ?? {});
    const types = ["CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED"];
    const delivered = await eventually(() => {
      const late = receiver.hooks.slice(refused);
      expect(late.map(({ type }) => type).toSorted()).toEqual(types);
      return late;
    });
    for (const hook of delivered) expect(await verify(second, hook, hook.body)).toBe("SUCCESS");
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

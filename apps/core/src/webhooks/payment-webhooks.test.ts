import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { silentLogger } from "@stoa/runtime";
import { eq } from "drizzle-orm";

import {
  authorize,
  crashAfterCall,
  decide,
  eventually,
  PAYPAL_WEBHOOK_ID,
  paymentRow,
  providerEvent,
  STRIPE_WEBHOOK_SECRET,
  type TestShop,
  testOrder,
  testShop,
  timed,
} from "../services/payments/testing/shop.ts";
import { createPaypalWebhook } from "./paypal.ts";
import { createStripeWebhook } from "./stripe.ts";

type Handle = (request: Request) => Promise<Response>;

const received: { name: string; headers: Headers; body: string }[] = [];
const handlers: Record<string, Handle> = {};
const answers: Promise<Response>[] = [];
let shop: TestShop;

/** Core's door as the stand-ins see it. What it was sent is kept, so that tests can send it again. */
const door = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1);
    const body = await request.clone().text();
    received.push({ name, headers: request.headers, body });
    const answer = handlers[name]?.(request) ?? Promise.resolve(new Response(null, { status: 404 }));
    answers.push(answer);
    return answer;
  },
});

beforeAll(async () => {
  shop = await testShop({ webhookBase: `http://127.0.0.1:${door.port}` });
  const deps = { payments: shop.deps, logger: silentLogger, answerWaitMs: 0 };
  const { webhooks } = shop.stripeClient;
  handlers.stripe = createStripeWebhook({ ...deps, webhooks, secret: STRIPE_WEBHOOK_SECRET });
  handlers.paypal = createPaypalWebhook({ ...deps, provider: shop.paypalProvider, webhookId: PAYPAL_WEBHOOK_ID });
});
afterAll(async () => {
  // No delivery may still be at work when its database goes.
  for (const name of Object.keys(handlers)) delete handlers[name];
  await Promise.allSettled(answers);
  await shop[Symbol.asyncDispose]();
  await door.stop(true);
});

async function send(name: string, body: string, headers: Headers | Record<string, string>): Promise<number> {
  const request = new Request(`http://core.internal/${name}`, { method: "POST", body, headers });
  return (await handlers[name]?.(request))?.status ?? 404;
}

const storedWith = (eventId: string) => shop.db.select().from(providerEvent).where(eq(providerEvent.eventId, eventId));

describe("Stripe's events", () => {
  const stripeBody = (id: string) =>
    JSON.stringify({ id, type: "customer.created", data: { object: { id: "cus_1" } } });
  const signed = async (payload: string, atSeconds: number, secret = STRIPE_WEBHOOK_SECRET) => ({
    "stripe-signature": await shop.stripeClient.webhooks.generateTestHeaderStringAsync({
      payload,
      secret,
      timestamp: Math.floor(atSeconds),
    }),
  });
  const nowSeconds = () => shop.deps.clock.now() / 1_000;

  test("tell of a hold whose own answer nobody has seen", async () => {
    const order = testOrder();
    await crashAfterCall(shop, shop.verbs.authorizePayment, timed(order.key, null), order);
    await eventually(async () => expect(await paymentRow(shop, order)).toMatchObject({ state: "authorized" }));
    expect(shop.told).toContain(order.orderId);
  });

  test("count once though they are sent again", async () => {
    const body = stripeBody("evt_twice");
    for (const _ of [1, 2]) expect(await send("stripe", body, await signed(body, nowSeconds()))).toBe(200);
    expect(await storedWith("evt_twice")).toHaveLength(1);
  });

  test("are refused unsigned, tampered with, with another secret, too old, and from the future", async () => {
    const body = stripeBody("evt_forged");
    const good = await signed(body, nowSeconds());
    const attempts: [string, Record<string, string>][] = [
      [body, {}],
      [body.replace("cus_1", "cus_2"), good],
      [body, await signed(body, nowSeconds(), "whsec_other")],
      [body, await signed(body, nowSeconds() - 400)],
      [body, await signed(body, nowSeconds() + 120)],
      [body, { "stripe-signature": `t=1,${good["stripe-signature"]}` }],
    ];
    for (const [text, headers] of attempts) expect(await send("stripe", text, headers)).toBe(400);
    expect(await storedWith("evt_forged")).toEqual([]);
  });

  test("larger than 256 KiB are not read", async () => {
    const body = stripeBody("x".repeat(300_000));
    expect(await send("stripe", body, await signed(body, nowSeconds()))).toBe(413);
  });
});

describe("PayPal's events", () => {
  /** A genuine event, as the stand-in sent it: the shopper's approval of an order. */
  async function genuine() {
    const order = testOrder({ provider: "paypal", returnUrl: "https://shop.example/back" });
    const asked = await authorize(shop, order);
    if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
    await decide(asked.nextAction.url, "pay");
    const { providerReference } = await paymentRow(shop, order);
    const sent = await eventually(() => {
      const found = received.find((one) => one.name === "paypal" && one.body.includes(providerReference ?? "?"));
      if (!found) throw new Error("no event yet");
      return found;
    });
    return { ...sent, order, eventId: String(JSON.parse(sent.body).id) };
  }

  test("wake an order that waits for its shopper's approval", async () => {
    const { order, eventId } = await genuine();
    await eventually(async () =>
      expect(await storedWith(eventId)).toMatchObject([{ result: "applied", verdict: "provider_confirmed" }]),
    );
    expect(shop.told).toContain(order.orderId);
    expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
  });

  test("count once though they are sent again", async () => {
    const { body, headers, eventId } = await genuine();
    expect(await send("paypal", body, headers)).toBe(200);
    expect(await storedWith(eventId)).toHaveLength(1);
  });

  test("are refused without headers, tampered with, for another webhook, with a strange certificate, and from the future", async () => {
    const { body, headers } = await genuine();
    const forged = body.replace('"WH-', '"WH-X');
    const with_ = (name: string, value: string) => {
      const changed = new Headers(headers);
      changed.set(name, value);
      return changed;
    };
    const future = new Date(shop.deps.clock.now() + 300_000).toISOString();
    expect(await send("paypal", forged, {})).toBe(400);
    expect(await send("paypal", forged, headers)).toBe(400);
    expect(await send("paypal", forged, with_("paypal-cert-url", "https://evil.example/cert.pem"))).toBe(400);
    expect(await send("paypal", body, with_("paypal-cert-url", "https://api.paypal.com.evil.example/c"))).toBe(400);
    expect(await send("paypal", body, with_("paypal-transmission-time", future))).toBe(400);
    expect(await storedWith(String(JSON.parse(forged).id))).toEqual([]);
  });

  test("cannot smuggle members into the question that PayPal is asked", async () => {
    const { body, headers } = await genuine();
    const smuggled = `${body},"webhook_id":"${PAYPAL_WEBHOOK_ID}"`;
    expect(await send("paypal", smuggled, headers)).toBe(400);
  });

  test("are put off with 503 while PayPal cannot be asked, and nothing is stored", async () => {
    const { body, headers } = await genuine();
    const fresh = body.replace('"WH-', '"WH-LATER-');
    shop.paypal.faults?.arm({ operation: "webhooks.verify", action: { kind: "fail", status: 500 } });
    expect(await send("paypal", fresh, headers)).toBe(503);
    shop.paypal.faults?.clear();
    expect(await storedWith(String(JSON.parse(fresh).id))).toEqual([]);
  });

  test("that anybody forges by the hundred take no shopper's turn at PayPal", async () => {
    const { body, headers, order } = await genuine();
    const { id: paymentId, providerReference: reference } = await paymentRow(shop, order);
    const forged = Array.from({ length: 200 }, (_, index) =>
      send("paypal", body.replace('"WH-', `"WH-${index}-`), headers),
    );
    // By now each of them waits for its turn, or has been put off for PayPal to bring again.
    expect(await Promise.race(forged)).toBe(503);
    const attempt = { ...order, paymentId, reference, customerId: null, paymentMethod: null, returnUrl: null };
    const asked = { customerReference: null, savesMethod: false, tries: 2, hasOpenCall: false, facts: [] };
    const createdAt = shop.deps.clock.now();
    expect(await shop.paypalProvider.lookup({ ...attempt, ...asked, createdAt })).toMatchObject({ reference });
    expect(new Set(await Promise.all(forged))).toEqual(new Set([400, 503]));
  });
});

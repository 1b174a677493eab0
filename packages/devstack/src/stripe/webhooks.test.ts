import { expect, test } from "bun:test";
import Stripe from "stripe";
import { clientOf, eventually, heldOrder, startReceiver, startTestStripe, WEBHOOK_SECRET } from "./test-support.ts";

const typesOf = (receiver: ReturnType<typeof startReceiver>) => receiver.hooks.map((hook) => String(hook.event.type));

test("every event is delivered signed, in order of creation, with the object as it then was", async () => {
  await using receiver = startReceiver();
  await using server = await startTestStripe({ webhookUrl: receiver.url });
  const stripe = clientOf(server);
  const held = await stripe.paymentIntents.create({ ...heldOrder, metadata: { order: "7" } });
  await stripe.paymentIntents.capture(held.id);
  const expected = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.amount_capturable_updated",
    "charge.captured",
    "payment_intent.succeeded",
  ];
  await eventually(() => expect(typesOf(receiver)).toEqual(expected));
  for (const { body, signature } of receiver.hooks) {
    const event = await stripe.webhooks.constructEventAsync(body, signature, WEBHOOK_SECRET);
    expect(event.request?.idempotency_key).toStartWith("stripe-node-retry-");
    expect(await stripe.events.retrieve(event.id)).toMatchObject({ type: event.type });
  }
  expect(receiver.hooks[0]?.event.data.object).toMatchObject({ id: held.id, metadata: { order: "7" } });
  await eventually(async () => expect((await stripe.events.list()).data[0]?.pending_webhooks).toBe(0));
});

test("news of one payment waits for no answer to another's", async () => {
  const both = Promise.withResolvers<void>();
  const hooks: Stripe.Event[] = [];
  await using receiver = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      hooks.push((await request.json()) as Stripe.Event);
      if (hooks.length === 2) both.resolve();
      await both.promise;
      return new Response(null, { status: 200 });
    },
  });
  await using server = await startTestStripe({ webhookUrl: receiver.url.href });
  const stripe = clientOf(server);
  const payments = [await stripe.paymentIntents.create(heldOrder), await stripe.paymentIntents.create(heldOrder)];
  await eventually(async () => expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]));
  const first = hooks.slice(0, 2).map(({ data }) => (data.object as Stripe.PaymentIntent).id);
  expect(first.toSorted()).toEqual(payments.map(({ id }) => id).toSorted());
  expect(new Set(hooks.map(({ id }) => id)).size).toBe(hooks.length);
});

test("an endpoint that is registered for some events gets those alone", async () => {
  await using receiver = startReceiver();
  const webhookEvents = ["payment_intent.succeeded", "refund.*"];
  await using server = await startTestStripe({ webhookUrl: receiver.url, webhookEvents });
  const stripe = clientOf(server);
  const held = await stripe.paymentIntents.create(heldOrder);
  await stripe.paymentIntents.capture(held.id);
  await stripe.refunds.create({ payment_intent: held.id });
  await eventually(() => expect(typesOf(receiver)).toEqual(["payment_intent.succeeded", "refund.created"]));
  expect((await stripe.events.list({ type: "charge.captured" })).data[0]?.pending_webhooks).toBe(0);
});

test("a tampered body is refused by the client's check", async () => {
  await using receiver = startReceiver();
  await using server = await startTestStripe({ webhookUrl: receiver.url });
  const stripe = clientOf(server);
  await stripe.paymentIntents.create(heldOrder);
  const hook = await eventually(() => {
    const [first] = receiver.hooks;
    if (first === undefined) throw new Error("No webhook yet");
    return first;
  });
  const tampered = hook.body.replace("5990", "1");
  expect(tampered).not.toBe(hook.body);
  const check = stripe.webhooks.constructEventAsync(tampered, hook.signature, WEBHOOK_SECRET);
  expect(await check.catch((error: unknown) => error)).toBeInstanceOf(Stripe.errors.StripeSignatureVerificationError);
});

test("a webhook that is refused is tried again until it is taken", async () => {
  await using receiver = startReceiver();
  receiver.answer.status = 503;
  await using server = await startTestStripe({ webhookUrl: receiver.url });
  const stripe = clientOf(server);
  await stripe.paymentIntents.create({ amount: 1_000, currency: "eur" });
  await eventually(() => expect(receiver.hooks.length).toBeGreaterThanOrEqual(2));
  expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(1);
  receiver.answer.status = 200;
  await eventually(async () => expect((await stripe.events.list()).data[0]?.pending_webhooks).toBe(0));
  expect(new Set(receiver.hooks.map((hook) => hook.event.id)).size).toBe(1);
});

test("faults deliver a webhook twice, after a later one, or never", async () => {
  await using receiver = startReceiver();
  await using server = await startTestStripe({ webhookUrl: receiver.url });
  server.faults?.arm({ operation: "webhook", action: { kind: "reorder" }, times: 1 });
  server.faults?.arm({ operation: "webhook", action: { kind: "duplicate" }, times: 1 });
  server.faults?.arm({ operation: "webhook", action: { kind: "drop" }, times: 1 });
  await clientOf(server).paymentIntents.create(heldOrder);
  // created is held back, charge.succeeded comes twice, amount_capturable_updated never.
  const expected = ["charge.succeeded", "charge.succeeded", "payment_intent.created"];
  await eventually(() => expect(typesOf(receiver)).toEqual(expected));
  await eventually(async () => {
    const events = (await clientOf(server).events.list()).data;
    expect(events.map((event) => event.pending_webhooks)).toEqual([0, 0, 0]);
  });
  expect(typesOf(receiver)).toEqual(expected);
});

test("a webhook whose answer is lost comes again", async () => {
  await using receiver = startReceiver();
  await using server = await startTestStripe({ webhookUrl: receiver.url });
  server.faults?.arm({ operation: "webhook", action: { kind: "loseAnswer" }, times: 1 });
  await clientOf(server).paymentIntents.create({ amount: 1_000, currency: "eur" });
  await eventually(() => expect(typesOf(receiver)).toEqual(["payment_intent.created", "payment_intent.created"]));
});

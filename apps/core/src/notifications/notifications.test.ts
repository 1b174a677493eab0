import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { transact } from "../platform/db/index.ts";
import { writeSetting } from "../platform/settings/index.ts";
import { eventually } from "../testing/index.ts";
import { readMailHealth, readMailStanding } from "./index.ts";
import { mailSetting } from "./settings.ts";
import { aBench, anOrder, type Bench } from "./testing/bench.ts";

// A database is made and mails are sent here, on machines that may be busy with something else.
setDefaultTimeout(60_000);

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
});
beforeEach(() => bench.clear());
afterAll(() => bench[Symbol.asyncDispose]());

/** Longer than a claim and the first pauses. */
const A_WHILE_MS = 10 * 60_000;

test("a confirmed order is written about once, however often its message comes", async () => {
  const orderId = anOrder(bench);
  const message = newId("msg");
  await Promise.all([1, 2, 3].map(() => bench.deliver("order.confirmed", { orderId, items: [] }, message)));
  await bench.deliver("order.confirmed", { orderId, items: [] });
  await bench.notifications.idle();
  const [mail, ...more] = await bench.mails();
  expect(more).toEqual([]);
  expect(mail).toMatchObject({
    recipients: ["ada@example.com"],
    subject: "Your order 10042 is confirmed",
    deliveries: 1,
  });
  const whole = await bench.open(mail?.id ?? "");
  for (const words of ["Mug", "Blue, L", "€25.00", "-€2.50", "€31.39", "10115 Berlin", "Germany"]) {
    expect(whole.text).toContain(words);
    expect(whole.html).toContain(words);
  }
  expect(whole.headers).toContainEqual({ name: "auto-submitted", value: "auto-generated" });
  expect(await bench.rows()).toMatchObject([{ state: "sent", attempts: 1, kind: "order_placed", cause: orderId }]);
});

test("a process that dies with a claimed mail leaves it to the next one, after its claim", async () => {
  const orderId = anOrder(bench);
  const dying = bench.openNotifications();
  const reached = Promise.withResolvers<void>();
  Reflect.set(globalThis, Symbol.for("stoa.gate"), (name: string) => {
    if (name !== "mail:claimed") return undefined;
    reached.resolve();
    return new Promise(() => undefined);
  });
  void dying.consumers["order.confirmed"]?.({ id: newId("msg"), payload: { orderId, items: [] } });
  await reached.promise;
  Reflect.deleteProperty(globalThis, Symbol.for("stoa.gate"));
  expect(await bench.notifications.sweep()).toBe(0);
  bench.clock.advance(A_WHILE_MS);
  expect(await bench.notifications.sweep()).toBe(1);
  expect(await bench.mails()).toHaveLength(1);
  expect(await bench.rows()).toMatchObject([{ state: "sent", attempts: 2 }]);
});

test("a mail whose answer was lost is sent again under the same Message-ID", async () => {
  const orderId = anOrder(bench);
  bench.mailbox.faults?.arm({ operation: "data", action: { kind: "loseAnswer" }, times: 1 });
  await bench.deliver("order.confirmed", { orderId, items: [] });
  await bench.notifications.idle();
  expect(await bench.rows()).toMatchObject([{ state: "failed", attempts: 1 }]);
  bench.clock.advance(A_WHILE_MS);
  await bench.notifications.sweep();
  const [row] = await bench.rows();
  expect(await bench.mails()).toMatchObject([{ deliveries: 2, messageId: `${row?.id}@shop.example` }]);
  expect(row?.state).toBe("sent");
});

for (const operation of ["connect", "sender", "recipient", "data"] as const) {
  test(`a mail server that fails for a while at "${operation}" only delays a mail`, async () => {
    const orderId = anOrder(bench);
    bench.mailbox.faults?.arm({ operation, action: { kind: "fail", status: 451 }, times: 1 });
    bench.mailbox.faults?.arm({ operation, action: { kind: "drop" }, times: 1 });
    await bench.deliver("order.confirmed", { orderId, items: [] });
    await bench.notifications.idle();
    for (let round = 0; round < 2; round += 1) {
      expect(await bench.rows()).toMatchObject([{ state: "failed", sentAt: null }]);
      bench.clock.advance(A_WHILE_MS);
      await bench.notifications.sweep();
    }
    expect(await bench.rows()).toMatchObject([{ state: "sent", attempts: 3, lastError: null }]);
    expect(bench.seen).toHaveLength(3);
  });
}

test("what cannot be handed over stands with its error for staff to see, until it has left", async () => {
  const standing = () => readMailStanding({ db: bench.db, hasServer: true }, bench.clock.now());
  bench.mailbox.faults?.arm({ operation: "recipient", action: { kind: "fail", status: 451 }, times: 1 });
  await bench.deliver("order.confirmed", { orderId: anOrder(bench), items: [] });
  await bench.notifications.idle();
  const failing = await standing();
  expect(failing).toMatchObject({ hasServer: true, waiting: 1, failing: 1, sentAt: null, dead: 0 });
  expect(failing.lastError).toContain("451");
  bench.clock.advance(A_WHILE_MS);
  await bench.notifications.sweep();
  expect(await standing()).toMatchObject({ waiting: 0, failing: 0, lastError: null, sentAt: expect.any(String) });
});

test("a recipient who is refused for good is not tried again, and the refusal keeps no address", async () => {
  const orderId = anOrder(bench);
  bench.mailbox.faults?.arm({ operation: "recipient", action: { kind: "fail", status: 550 } });
  await bench.deliver("order.confirmed", { orderId, items: [] });
  await bench.notifications.idle();
  bench.clock.advance(A_WHILE_MS);
  expect(await bench.notifications.sweep()).toBe(0);
  const [row] = await bench.rows();
  expect(row).toMatchObject({ state: "dead", attempts: 1 });
  expect(row?.lastError).toContain("550");
  expect(JSON.stringify(row)).not.toContain("ada@");
  expect(await readMailHealth(bench.db, bench.clock.now())).toMatchObject({ waiting: 0, dead: 1 });
});

test("the invoice goes with the confirmation when the shop wants that, with a link to the order's page", async () => {
  const orderId = anOrder(bench);
  const pdf = { filename: "invoice-1.pdf", contentType: "application/pdf", content: new TextEncoder().encode("%PDF") };
  bench.invoices.set(orderId, pdf);
  const orderUrl = "https://shop.example/orders/{orderId}?n={number}&t={accessToken}";
  const settings = { ...mailSetting.fallback, attachInvoice: true, orderUrl, replyTo: "help@shop.example" };
  await transact(bench.db, (tx) => writeSetting(tx, bench.clock.now(), mailSetting, settings));
  await bench.deliver("order.confirmed", { orderId, items: [] });
  await bench.notifications.idle();
  const whole = await bench.open((await bench.mails())[0]?.id ?? "");
  expect(whole.files).toMatchObject([{ name: "invoice-1.pdf", mimeType: "application/pdf" }]);
  expect(whole.text).toContain(`https://shop.example/orders/${orderId}?n=10042&t=token-of-${orderId}`);
  expect(whole.headers).toContainEqual({ name: "reply-to", value: "help@shop.example" });
});

test("each message about an order makes the mail of its kind", async () => {
  const fulfilmentId = newId("ful");
  const shipments = [
    {
      id: newId("ful"),
      carrier: "Other",
      trackingNumber: "OLD",
      items: [{ sku: "MUG-1", quantity: 1 }],
      shippedAt: "",
    },
    {
      ...{ id: fulfilmentId, carrier: "DHL", trackingNumber: "JD014", trackingUrl: "https://track.example/JD014" },
      ...{ items: [{ sku: "MUG-1", quantity: 1 }], shippedAt: "2026-11-27T10:00:00Z" },
    },
  ];
  const orderId = anOrder(bench, { fulfilment: { state: "partially_fulfilled", shipments } });
  const said = async (type: string, payload: object) => {
    await bench.deliver(type, { orderId, ...payload });
    // A dead letter that is replayed is a message of its own about the same fact.
    await bench.deliver(type, { orderId, ...payload });
    await bench.notifications.idle();
    const [mail] = await bench.mails();
    return (await bench.open(mail?.id ?? "")).text;
  };
  const shipped = await said("order.shipped", { fulfilmentId });
  expect(shipped).toContain("1 × Mug (Blue, L)");
  expect(shipped).toContain("JD014");
  expect(shipped).not.toContain("OLD");
  expect(await said("order.refunded", { refundId: newId("ref") })).toContain("Refund: €12.34");
  expect(await said("order.payment_requested", { requestId: "r1" })).toContain("https://pay.example/to%2Fken");
  expect(await said("return.changed", { returnId: newId("ret"), state: "rejected" })).toContain("It was worn.");
  expect(await bench.mails()).toHaveLength(4);
  await bench.deliver("return.changed", { orderId, returnId: newId("ret"), state: "closed" });
  expect(await bench.rows()).toHaveLength(4);
});

test("a cancelled part is told by its units, a cancelled order as a whole", async () => {
  const orderId = anOrder(bench);
  const order = bench.orders.get(orderId);
  if (!order) throw new Error("no order");
  bench.orders.set(orderId, { ...order, items: order.items.map((item) => ({ ...item, cancelled: 1 })) });
  await bench.deliver("order.cancelled", { orderId });
  await bench.notifications.idle();
  bench.orders.set(orderId, { ...order, state: "cancelled" });
  await bench.deliver("order.cancelled", { orderId });
  await bench.notifications.idle();
  expect((await bench.mails()).map(({ subject }) => subject)).toEqual([
    "Your order 10042 was cancelled",
    "Part of your order 10042 was cancelled",
  ]);
});

test("a cancellation whose dead letter is replayed, which is a message of its own, is written about once", async () => {
  const orderId = anOrder(bench);
  for (const cancellationId of [newId("can"), newId("can")]) {
    for (let time = 0; time < 2; time += 1) await bench.deliver("order.cancelled", { orderId, cancellationId });
  }
  await bench.notifications.idle();
  expect(await bench.mails()).toHaveLength(2);
});

test("two processes that sweep at once send each mail once", async () => {
  await using other = bench.openNotifications();
  bench.mailbox.faults?.arm({ operation: "connect", action: { kind: "drop" } });
  for (let n = 0; n < 25; n += 1) await bench.deliver("order.confirmed", { orderId: anOrder(bench), items: [] });
  await bench.notifications.idle();
  bench.mailbox.faults?.clear();
  bench.clock.advance(A_WHILE_MS);
  for (let round = 0; round < 3; round += 1) await Promise.all([bench.notifications.sweep(), other.sweep()]);
  const mails = await bench.mails();
  expect(mails.map(({ deliveries }) => deliveries)).toEqual(Array.from({ length: 25 }, () => 1));
});

test("a mail server that never answers does not keep core from stopping, and the mail is sent by the next process", async () => {
  const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const stopping = bench.openNotifications(`smtp://127.0.0.1:${silent.port}`);
  const orderId = anOrder(bench);
  await stopping.consumers["order.confirmed"]?.({ id: newId("msg"), payload: { orderId, items: [] } });
  await eventually(async () => (await bench.rows())[0]?.attempts === 1);
  await stopping[Symbol.asyncDispose]();
  silent.stop(true);
  bench.clock.advance(A_WHILE_MS);
  await bench.notifications.sweep();
  expect(await bench.mails()).toHaveLength(1);
});

test("staff are told once that stock has run low, if the shop has named whom", async () => {
  const sku = "MUG-1<b>";
  const alert = { sku, available: 2, threshold: 5, openedAt: bench.clock.now() };
  await bench.notifications.tellLowStock([alert]);
  expect(await bench.rows()).toEqual([]);
  const settings = { ...mailSetting.fallback, stockAlertsTo: "stock@shop.example" };
  await transact(bench.db, (tx) => writeSetting(tx, bench.clock.now(), mailSetting, settings));
  const old = { ...alert, sku: "OLD", openedAt: bench.clock.now() - 2 * 3_600_000 };
  for (let beat = 0; beat < 3; beat += 1) await bench.notifications.tellLowStock([alert, old]);
  await bench.notifications.idle();
  const [mail, ...more] = await bench.mails();
  expect(more).toEqual([]);
  expect(mail).toMatchObject({ recipients: ["stock@shop.example"], subject: `Stock of ${sku} has run low` });
  const whole = await bench.open(mail?.id ?? "");
  expect(whole.text).toContain("2 units of MUG-1<b> left");
  expect(whole.html).not.toContain("<b>");
});

test("the link of a draft, which is no order yet, is mailed to whom it is for, once", async () => {
  for (let time = 0; time < 2; time += 1) {
    await bench.deliver("order.payment_requested", { orderId: null, requestId: "draft-7" });
    await bench.notifications.idle();
  }
  const [mail, ...others] = await bench.mails();
  expect(others).toEqual([]);
  expect(mail?.recipients).toEqual(["draft-7@example.com"]);
  const { text } = await bench.open(mail?.id ?? "");
  expect(text).toContain("Hello Grace,");
  expect(text).toContain("https://pay.example/to%2Fken");
  expect(text).toContain("€5.00");
});

test("an order that cannot be read keeps no other mail from leaving, and its own is tried again and given up in the end", async () => {
  const [broken, whole] = [anOrder(bench), anOrder(bench)];
  bench.damaged.add(broken);
  const silent = bench.openNotifications(null);
  for (const orderId of [broken, whole]) {
    await silent.consumers["order.confirmed"]?.({ id: newId("msg"), payload: { orderId, items: [] } });
  }
  await bench.notifications.sweep();
  const states = async () => new Map((await bench.rows()).map(({ orderId, state }) => [orderId, state]));
  expect(await states()).toEqual(
    new Map([
      [broken, "failed"],
      [whole, "sent"],
    ]),
  );
  bench.clock.advance(73 * 3_600_000);
  await bench.notifications.sweep();
  expect((await states()).get(broken)).toBe("dead");
  expect(await bench.mails()).toHaveLength(1);
});

test("nobody is asked to pay what is to be paid no longer", async () => {
  const requestId = "r-over";
  bench.over.add(requestId);
  await bench.deliver("order.payment_requested", { orderId: anOrder(bench), requestId });
  await bench.notifications.idle();
  expect(await bench.mails()).toEqual([]);
  expect(bench.seen).toEqual(["unwanted payment_requested"]);
});

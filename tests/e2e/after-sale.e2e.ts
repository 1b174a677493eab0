import { type APIRequestContext, expect, test } from "@playwright/test";
import { checkOut, started } from "./shopper.ts";
import { asOwner } from "./staff.ts";

interface Guest {
  readonly id: string;
  readonly accessToken: string;
}

/** An order over the storefront API, as the guest sees it. */
async function orderOf(request: APIRequestContext, { id, accessToken }: Guest, path = "") {
  const answer = await request.get(`${started.edgeUrl}/v1/orders/${id}${path}`, {
    headers: { "x-order-token": accessToken },
  });
  expect(answer.status()).toBe(200);
  return answer.json();
}

async function subjectsTo(request: APIRequestContext, email: string): Promise<string[]> {
  const { items } = await (await request.get(`${started.mailboxUrl}/api/mails?to=${email}`)).json();
  return items.map((item: { subject: string }) => item.subject);
}

test("an order goes out in two parcels, a part of it comes back, and its shopper is told of each step", async ({
  request,
}) => {
  const email = `${crypto.randomUUID()}@example.com`;
  const placed = await checkOut(request, { paymentMethod: "pm_card_visa", quantity: 3, email });
  expect(placed.status()).toBe(201);
  const guest: Guest = await placed.json();
  const { number, items } = await orderOf(request, guest);
  const [{ sku, total }] = items;
  const owner = await asOwner(request);

  for (const quantity of [1, 2]) {
    const parcel = { orderId: guest.id, items: [{ sku, quantity }] };
    const { id: fulfilmentId } = await owner.change("orders.fulfilment.create", parcel);
    const tracking = { carrier: "DHL", trackingNumber: `JD-${quantity}` };
    await owner.change("orders.fulfilment.ship", { id: fulfilmentId, ...tracking });
    await owner.change("orders.fulfilment.deliver", { id: fulfilmentId });
  }
  await expect(async () => {
    const order = await orderOf(request, guest);
    expect(order).toMatchObject({ state: "completed", payment: { state: "captured" } });
    expect(order.fulfilment).toMatchObject({ state: "fulfilled", shipments: [{ trackingNumber: "JD-1" }, {}] });
  }).toPass();

  const invoice = await request.get(`${started.edgeUrl}/v1/orders/${guest.id}/invoice`, {
    headers: { "x-order-token": guest.accessToken },
  });
  expect(invoice.status()).toBe(200);

  const asked = await request.post(`${started.edgeUrl}/v1/orders/${guest.id}/returns`, {
    headers: { "x-order-token": guest.accessToken },
    data: { items: [{ sku, quantity: 1, reason: "too small" }] },
  });
  expect(asked.status()).toBe(201);
  const { id: returnId } = await asked.json();
  await owner.change("orders.returns.staff.approve", { id: returnId });
  await owner.change("orders.returns.staff.receive", { id: returnId, items: [{ sku, restock: 1 }] });
  await owner.change("orders.returns.staff.refund", { id: returnId });

  await expect(async () => {
    const order = await orderOf(request, guest);
    expect(order).toMatchObject({
      payment: { state: "partially_refunded" },
      fulfilment: { state: "partially_returned" },
    });
    // A third of the goods, and no more than that: the parcel's way is not given back.
    expect(order.payment.refundedTotal.amount).toBe(Math.round(total.amount / 3));
    expect((await orderOf(request, guest, "/returns")).items).toMatchObject([{ id: returnId }]);
    expect((await orderOf(request, guest, "/credit-notes")).items).toHaveLength(1);
  }).toPass();
  await expect(async () => {
    const subjects = await subjectsTo(request, email);
    expect(subjects.filter((subject) => subject.includes(number))).toHaveLength(subjects.length);
    expect(subjects.filter((subject) => /on its way/.test(subject))).toHaveLength(2);
    expect(subjects.filter((subject) => /refund/i.test(subject))).toHaveLength(1);
  }).toPass();
});

test("goods go back in exchange for others: the link takes the difference once, and each order tells of the other", async ({
  request,
}) => {
  const email = `${crypto.randomUUID()}@example.com`;
  const placed = await checkOut(request, { paymentMethod: "pm_card_visa", quantity: 1, email });
  expect(placed.status()).toBe(201);
  const guest: Guest = await placed.json();
  const first = await orderOf(request, guest);
  const [{ sku }] = first.items;
  const owner = await asOwner(request);
  await request.get(`${started.edgeUrl}/v1/orders/${guest.id}/invoice`, {
    headers: { "x-order-token": guest.accessToken },
  });
  const { id: fulfilmentId } = await owner.change("orders.fulfilment.create", { orderId: guest.id });
  await owner.change("orders.fulfilment.ship", { id: fulfilmentId });

  // The shopper would rather have two of them.
  const asked = await request.post(`${started.edgeUrl}/v1/orders/${guest.id}/returns`, {
    headers: { "x-order-token": guest.accessToken },
    data: { items: [{ sku, quantity: 1, reason: "one is too few" }], exchangeFor: [{ sku, quantity: 2 }] },
  });
  expect(asked.status()).toBe(201);
  const { id: returnId, exchangeFor } = await asked.json();
  expect(exchangeFor).toEqual([{ sku, quantity: 2 }]);
  await owner.change("orders.returns.staff.approve", { id: returnId });
  await owner.change("orders.returns.staff.receive", { id: returnId, items: [{ sku, restock: 1 }] });

  const linkIn = async () => {
    const { items } = await (await request.get(`${started.mailboxUrl}/api/mails?to=${email}`)).json();
    const mail = items.find((item: { subject: string }) => /pay/i.test(item.subject));
    expect(mail).toBeDefined();
    const { text } = await (await request.get(`${started.mailboxUrl}/api/mails/${mail.id}`)).json();
    return String(/payment-links\/([\w-]+)/.exec(text)?.[1]);
  };
  let token = "";
  await expect(async () => {
    token = await linkIn();
    expect(token).not.toBe("undefined");
  }).toPass();
  const link = await (await request.get(`${started.edgeUrl}/v1/payment-links/${token}`)).json();
  expect(link).toMatchObject({ state: "open", items: [{ sku, quantity: 2 }] });
  const paid = await request.post(`${started.edgeUrl}/v1/payment-links/${token}/pay`, {
    headers: { "idempotency-key": crypto.randomUUID() },
    data: { payment: { provider: "stripe", paymentMethod: "pm_card_visa" } },
  });
  expect([201, 202]).toContain(paid.status());
  const second: Guest = await paid.json();

  await expect(async () => {
    const replacement = await orderOf(request, second);
    expect(replacement).toMatchObject({ state: "confirmed", payment: { state: "captured" } });
    const { tenders } = replacement.payment;
    expect(tenders.map(({ kind }: { kind: string }) => kind)).toEqual(["exchange", "stripe"]);
    expect(tenders[1].amount).toEqual(link.amountDue);
    const [back] = (await orderOf(request, guest, "/returns")).items;
    expect(back).toMatchObject({ id: returnId, state: "exchanged", replacementId: second.id });
    const order = await orderOf(request, guest);
    expect(order.payment.refundedTotal).toEqual(tenders[0].amount);
    const last = order.timeline.find(({ type }: { type: string }) => type === "return_exchanged");
    expect(last.detail).toContain(replacement.number);
    expect((await orderOf(request, guest, "/credit-notes")).items).toMatchObject([{ total: tenders[0].amount }]);
    expect(await owner.read("payments.trialBalance")).toMatchObject({ isBalanced: true, unbalanced: [] });
  }).toPass();
  await expect(async () => {
    const subjects = await subjectsTo(request, email);
    expect(subjects.filter((subject) => /exchange/i.test(subject))).toHaveLength(1);
    expect(subjects.filter((subject) => /is confirmed/.test(subject))).toHaveLength(2);
    expect(subjects.filter((subject) => /refund/i.test(subject))).toHaveLength(0);
  }).toPass();
});

test("a gift card pays a part, and what is cancelled goes back to card and provider to the cent", async ({
  request,
}) => {
  const owner = await asOwner(request);
  const { code, id: giftCardId } = await owner.change("payments.giftCards.issue", {
    amount: { amount: 1_000, currency: "USD" },
    reason: "an apology",
  });
  const url = (path: string) => started.edgeUrl + path;
  const created = await request.post(url("/v1/carts"), { data: { items: [{ sku: started.sampleSku, quantity: 1 }] } });
  const { id: cartId } = await created.json();
  const applied = await request.post(url(`/v1/carts/${cartId}/gift-cards`), { data: { code } });
  expect(applied.status()).toBe(200);
  const methods = await (await request.get(url(`/v1/carts/${cartId}/shipping-methods`))).json();
  const placed = await request.post(url(`/v1/carts/${cartId}/checkout`), {
    headers: { "idempotency-key": crypto.randomUUID() },
    data: {
      email: "grace@example.com",
      shippingAddress: { name: "Grace", line1: "Main St 2", city: "Berlin", postalCode: "10115", country: "DE" },
      shippingMethod: methods.items[0].id,
      payment: { provider: "stripe", paymentMethod: "pm_card_visa" },
    },
  });
  expect(placed.status()).toBe(201);
  const guest = await placed.json();
  const amounts = guest.payment.tenders.map((tender: { amount: { amount: number } }) => tender.amount.amount);
  expect(amounts).toEqual([1_000, guest.totals.total.amount - 1_000]);

  const cancelled = await request.post(url(`/v1/orders/${guest.id}/cancel`), {
    headers: { "x-order-token": guest.accessToken },
  });
  expect(cancelled.status()).toBe(200);
  await expect(async () => {
    const order = await orderOf(request, guest);
    expect(order.state).toBe("cancelled");
    const card = await owner.read("payments.giftCards.get", { id: giftCardId });
    expect(card).toMatchObject({ balance: { amount: 1_000 }, held: { amount: 0 } });
    expect(await owner.read("payments.trialBalance")).toMatchObject({ isBalanced: true, unbalanced: [] });
  }).toPass();
});

test("a dispute is told in the order's timeline, from the day it is opened to the day it is won", async ({
  request,
}) => {
  const placed = await checkOut(request, { paymentMethod: "pm_card_createDispute", quantity: 1 });
  expect(placed.status()).toBe(201);
  const guest: Guest = await placed.json();
  const owner = await asOwner(request);
  const types = async () => {
    const { timeline } = await orderOf(request, guest);
    return timeline.map(({ type }: { type: string }) => type);
  };
  await expect(async () => expect(await types()).toContain("payment_disputed")).toPass();
  const { items } = await owner.read("payments.ofOrder", { orderId: guest.id });
  const [{ reference }] = items.flatMap(({ disputes }: { disputes: object[] }) => disputes);
  await owner.change("payments.submitEvidence", { provider: "stripe", reference, text: "winning_evidence" });
  await expect(async () => {
    expect(await types()).toContain("dispute_won");
    expect(await owner.read("payments.trialBalance")).toMatchObject({ isBalanced: true, unbalanced: [] });
  }).toPass();
});

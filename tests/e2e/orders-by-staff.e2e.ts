import { expect, test } from "@playwright/test";
import { checkOut, started } from "./shopper.ts";
import { asOwner } from "./staff.ts";

const address = { name: "Grace", line1: "Main St 2", city: "Berlin", postalCode: "10115", country: "DE" };
const card = { payment: { provider: "stripe", paymentMethod: "pm_card_visa" } };
const key = () => ({ "idempotency-key": crypto.randomUUID() });

test("staff put an order together, and its shopper pays it by the link, once", async ({ request }) => {
  const owner = await asOwner(request);
  const content = {
    email: "grace@example.com",
    shippingAddress: address,
    lines: [{ sku: started.sampleSku, quantity: 2, manualPrice: { amount: 1_500, reason: "agreed by telephone" } }],
    shipping: { name: "By hand", price: 0, reason: "collected" },
  };
  const draft = await owner.change("orders.drafts.create", { currency: "USD", content });
  const { token } = await owner.change("orders.drafts.send", { id: draft.id, version: draft.version });
  const link = `${started.edgeUrl}/v1/payment-links/${token}`;
  const shown = await (await request.get(link)).json();
  expect(shown.amountDue.amount).toBe(3_000);
  const paid = await Promise.all([1, 2].map(() => request.post(`${link}/pay`, { data: card, headers: key() })));
  const bodies = await Promise.all(paid.map(async (answer) => ({ status: answer.status(), ...(await answer.json()) })));
  // Two tabs at once: one pays, and the other is told that it is being paid, or has been.
  expect(bodies.map(({ status }) => status).sort()).toEqual([201, 409]);
  const orderId = bodies.find(({ status }) => status === 201).id;
  await expect(async () => {
    const order = await owner.read("orders.staff.get", { id: orderId });
    expect(order).toMatchObject({ state: "confirmed", totals: { total: { amount: 3_000 } } });
    expect(order.payment.state).toBe("captured");
  }).toPass();
});

test("an order is edited: what is cheaper is given back at once, what is dearer is paid by a link", async ({
  request,
}) => {
  const owner = await asOwner(request);
  const placed = await (await checkOut(request, { paymentMethod: "pm_card_visa", quantity: 3 })).json();
  const orderId = placed.id;
  /** News of the payment may still come in between the look and the edit; it is then refused, and looked at again. */
  const edit = async (content: unknown) => {
    let made = { difference: { amount: 0 }, token: "" };
    await expect(async () => {
      const { version, difference } = await owner.read("orders.changes.preview", { orderId, content });
      made = await owner.change("orders.changes.commit", { orderId, content, version, reason: "asked for" });
      expect(made.difference).toEqual(difference);
    }).toPass();
    return made;
  };
  const fewer = await edit({ remove: [{ sku: started.sampleSku, quantity: 1 }] });
  expect(fewer.difference.amount).toBeLessThan(0);
  await expect(async () => {
    const { payment } = await owner.read("orders.staff.get", { id: orderId });
    expect(payment.refundedTotal.amount).toBe(-fewer.difference.amount);
  }).toPass();

  const more = await edit({ add: [{ sku: started.sampleSku, quantity: 2 }] });
  expect(more.difference.amount).toBeGreaterThan(0);
  const link = `${started.edgeUrl}/v1/payment-links/${more.token}`;
  const paid = await request.post(`${link}/pay`, { data: card, headers: key() });
  expect(paid.ok()).toBe(true);
  await expect(async () => {
    const { items } = await owner.read("payments.ofOrder", { orderId });
    const captured = items.reduce((sum: number, one: { captured: { amount: number } }) => sum + one.captured.amount, 0);
    expect(captured).toBe(placed.totals.total.amount + more.difference.amount);
    expect(await owner.read("payments.trialBalance")).toMatchObject({ isBalanced: true });
    expect(await owner.read("inventory.verifyPromises")).toEqual({ items: [] });
  }).toPass();
});

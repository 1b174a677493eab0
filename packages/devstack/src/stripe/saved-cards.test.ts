import { expect, test } from "bun:test";
import { clientOf, heldOrder, refusalOf, startTestStripe } from "./test-support.ts";

async function aCustomer() {
  const server = await startTestStripe();
  const stripe = clientOf(server);
  const { id } = await stripe.customers.create({ metadata: { account: "1" } });
  const cards = async () => (await stripe.paymentMethods.list({ customer: id, type: "card" })).data;
  return { stripe, id, cards, [Symbol.asyncDispose]: () => server.stop() };
}

const saving = { ...heldOrder, setup_future_usage: "off_session" } as const;

test("a card that pays with setup_future_usage is saved for its customer, and pays again without them", async () => {
  await using shop = await aCustomer();
  const { stripe, id: customer } = shop;
  const paid = await stripe.paymentIntents.create({ ...saving, customer, expand: ["payment_method"] });
  expect(paid.payment_method).toMatchObject({ customer, card: { brand: "visa", last4: "4242" } });
  const [card] = await shop.cards();
  const again = { ...heldOrder, customer, payment_method: String(card?.id), off_session: true };
  expect(await stripe.paymentIntents.create(again)).toMatchObject({ status: "requires_capture" });
});

test("a card that is declined, or that pays for nobody, is not saved", async () => {
  await using shop = await aCustomer();
  const { stripe, id: customer } = shop;
  const declined = { ...saving, customer, payment_method: "pm_card_chargeDeclined" };
  await refusalOf(stripe.paymentIntents.create(declined));
  await stripe.paymentIntents.create(saving);
  await stripe.paymentIntents.create({ ...heldOrder, customer });
  expect(await shop.cards()).toEqual([]);
});

test("a saved card pays for its own customer only", async () => {
  await using shop = await aCustomer();
  const { stripe, id: customer } = shop;
  await stripe.paymentIntents.create({ ...saving, customer });
  const [card] = await shop.cards();
  const stranger = await stripe.customers.create({});
  const method = { ...heldOrder, payment_method: String(card?.id) };
  for (const intent of [method, { ...method, customer: stranger.id }]) {
    const refusal = await refusalOf(stripe.paymentIntents.create(intent));
    expect(refusal).toMatchObject({ statusCode: 400, param: "payment_method" });
  }
});

test("a deleted customer is forgotten and has no cards any more", async () => {
  await using shop = await aCustomer();
  const { stripe, id: customer } = shop;
  await stripe.paymentIntents.create({ ...saving, customer });
  const [card] = await shop.cards();
  expect(await stripe.customers.del(customer)).toEqual(expect.objectContaining({ id: customer, deleted: true }));
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ deleted: true });
  expect(await stripe.paymentMethods.retrieve(String(card?.id))).toMatchObject({ customer: null });
  expect((await refusalOf(stripe.customers.del(customer))).statusCode).toBe(404);
  const late = await refusalOf(stripe.paymentIntents.create({ ...heldOrder, customer }));
  expect(late.code).toBe("resource_missing");
});

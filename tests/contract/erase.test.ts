import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { openStores, type Stores, verify } from "@stoa/verifier";
import { signInOwner } from "./shop/people.ts";
import { Recorder } from "./shop/recorder.ts";
import { openShop, type ShopUnderTest } from "./shop/shop.ts";
import { Shopping } from "./shop/shopping.ts";

// Plants a word that stands nowhere else in every field that a person fills, or staff fill about them, has the person erased, and looks for it
// in every table, key, document and index. What docs/guide/accounts.md says is kept is told to nobody but the law.
setDefaultTimeout(300_000);

let shop: ShopUnderTest;
let stores: Stores;
let shopping: Shopping;
beforeAll(async () => {
  shop = await openShop();
  const { env } = shop.stack;
  stores = await openStores({
    databaseUrl: env.DATABASE_URL ?? "",
    redisUrl: env.REDIS_URL,
    mongodbUrl: env.MONGODB_URL,
    typesenseUrl: env.TYPESENSE_URL,
    typesenseApiKey: env.TYPESENSE_API_KEY,
  });
  shopping = new Shopping(shop, new Recorder(() => shop.edgeUrl), await signInOwner(shop));
});
afterAll(async () => {
  await stores[Symbol.asyncDispose]();
  await shop[Symbol.asyncDispose]();
});

const word = `zq${crypto.randomUUID().replaceAll("-", "").slice(0, 14)}`;
const address = {
  name: `Name ${word}`,
  line1: `Line ${word}`,
  line2: `Floor ${word}`,
  city: `City ${word}`,
  region: `Region ${word}`,
  postalCode: "12345",
  country: "US",
  phone: "+1 555 0100",
};
/** In what staff give as their reason. */
const reason = `zr${crypto.randomUUID().replaceAll("-", "").slice(0, 14)}`;
const email = `${word}@example.com`;

/** Where a text stands. */
async function found(text: string): Promise<readonly string[]> {
  const [report] = await verify(stores, { mode: "live", erased: [text], only: [24] });
  return report?.breaches ?? ["was not asked"];
}

/** What edge still has to answer who asks again with the same key, as far as it names the person. */
async function keptAnswers(): Promise<readonly string[]> {
  const { redis } = stores;
  if (!redis) throw new Error("the shop has no Redis");
  const keys = await redis.keys("edge:once:*");
  const texts = await Promise.all(keys.map((key) => redis.get(key)));
  return keys.filter((_, at) => texts[at]?.toLowerCase().includes(word.toLowerCase()));
}

async function signUp(): Promise<{ headers: Record<string, string>; customerId: string }> {
  const answer = await fetch(`${shop.edgeUrl}/v1/auth/sign-up/email`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      origin: shop.stack.env.PUBLIC_URL ?? "",
      "user-agent": `Agent ${word}`,
    },
    body: JSON.stringify({ name: `Name ${word}`, email, password: crypto.randomUUID() }),
  });
  const { token, user } = (await answer.json()) as { token: string; user: { customerId: string } };
  return { headers: { authorization: `Bearer ${token}` }, customerId: user.customerId };
}

/** Everything that a customer can say of themselves, and staff of a customer. */
async function live(headers: Record<string, string>, customerId: string): Promise<void> {
  const keyed = { ...headers, "idempotency-key": crypto.randomUUID() };
  const { sampleSku: sku } = shop;
  const { owner } = shopping;
  await shopping.expect(200, "me.update", "/v1/me", {
    body: { name: `Name ${word}`, phone: "+1 555 0100", company: `Company ${word}` },
    headers,
  });
  await shopping.expect(201, "me.addresses.create", "/v1/me/addresses", { body: address, headers: keyed });
  const payment = { provider: "stripe", paymentMethod: "pm_card_visa", savePaymentMethod: true };
  const terms = { email, shippingAddress: address, billingAddress: address, payment };
  const bought = await shopping.order(3, terms, headers);
  const guests = await shopping.order(1, { ...terms, payment: { provider: "stripe", paymentMethod: "pm_card_visa" } });
  const open = await shopping.cart(undefined, {}, headers);
  await shopping.expect(200, "carts.update", open, { body: { email, shippingAddress: address }, headers });
  // Kept with the key, and by core as well: the cart as it is, with the address in it.
  const keyedAnew = () => ({ "idempotency-key": crypto.randomUUID() });
  const item = { sku, quantity: 1 };
  await shopping.expect(200, "carts.items.add", `${open}/items`, {
    body: item,
    headers: { ...headers, ...keyedAnew() },
  });
  const forgotten = await shopping.cart();
  await shopping.expect(200, "carts.update", forgotten, { body: { email, shippingAddress: address } });
  await shopping.expect(200, "carts.items.add", `${forgotten}/items`, { body: item, headers: keyedAnew() });
  const refused = await shopping.cart(undefined, {}, headers);
  const declined = { provider: "stripe", paymentMethod: "pm_card_visa_chargeDeclinedInsufficientFunds" };
  const method = await shopping.shippingMethod(refused, headers);
  await shopping.checkout(
    "payment_declined",
    refused,
    { ...terms, payment: declined, shippingMethod: method },
    headers,
  );
  await shopping.until(
    async () => (await shopping.ask("orders.invoice", `${bought.path}/invoice`, { headers })).status === 200,
  );
  await shopping.expect(200, "orders.lookup", "/v1/orders/lookup", { body: { number: guests.order.number, email } });
  await owner("orders.notes.add", { orderId: bought.order.id, text: `Note ${word}` });
  await shopping.ship(bought.order.id);
  const items = [{ sku, quantity: 1, reason: `Reason ${word}` }];
  const asked = await shopping.expect(201, "orders.returns.create", `${bought.path}/returns`, {
    body: { items },
    headers: { ...keyed, "idempotency-key": crypto.randomUUID() },
  });
  await owner("orders.returns.staff.reject", { id: asked.body?.id, reason: `Rejected ${reason}` });
  const again = await shopping.expect(201, "orders.returns.create", `${bought.path}/returns`, {
    body: { items },
    headers,
  });
  await owner("orders.returns.staff.approve", { id: again.body?.id });
  await owner("orders.returns.staff.receive", { id: again.body?.id, items: [{ sku, restock: 1 }] });
  await owner("orders.returns.staff.refund", {
    id: again.body?.id,
    amount: { amount: 1, currency: "USD" },
    reason: `Less ${reason}`,
  });
  await owner("payments.refund", {
    orderId: bought.order.id,
    amount: { amount: 1, currency: "USD" },
    key: crypto.randomUUID(),
    reason: `Goodwill ${reason}`,
  });
  await owner("payments.giftCards.issueStoreCredit", {
    amount: { amount: 1, currency: "USD" },
    customerId,
    reason: `Credit ${reason}`,
  });
  await owner("orders.changes.commit", {
    orderId: guests.order.id,
    ...(await previewed(guests.order.id, { add: [{ sku, quantity: 1 }] })),
    reason: `Edit ${reason}`,
  });
  const content = { customerId, email, shippingAddress: address, billingAddress: address, note: `Draft ${word}` };
  const lines = [{ sku, quantity: 1, manualPrice: { amount: 100, reason: `Price ${reason}` } }];
  const shipping = { name: "Courier", price: 0, reason: `Shipping ${reason}` };
  const draft = await owner<{ id: string; version: number }>("orders.drafts.create", {
    currency: "USD",
    content: { ...content, lines, shipping },
  });
  await owner("orders.drafts.send", { id: draft.id, version: draft.version });
  await shopping.expect(200, "orders.get", bought.path, { headers });
  await fetch(`${shop.edgeUrl}/v1/auth/request-password-reset`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: shop.stack.env.PUBLIC_URL ?? "" },
    body: JSON.stringify({ email }),
  });
}

const mailsTo = async (to: string) =>
  (await mailbox<{ items: { id: string; subject: string }[] }>(`/api/mails?to=${to}`)).items;
const mails = () => mailsTo(email);

/** Whether no message waits to be told, and no mail to be sent, whose time has come. */
async function mailsAreOut(): Promise<boolean> {
  const [waiting] = await stores.sql`
    select (select count(*) from platform.outbox where sent_at is null and available_at <= ${Date.now()})
      + (select count(*) from notifications.email where state in ('queued', 'failed') and available_at <= ${Date.now()}) as count`;
  return Number(waiting?.count) === 0;
}

/** Somebody else's order and the mail about it: whatever was on its way before has arrived when that has. */
async function oneMoreMail(): Promise<void> {
  const { email: others } = await shopping.order();
  await shopping.until(async () => (await mailsTo(others)).length > 0);
}

/** The link that confirms the address. */
async function confirmation(): Promise<string> {
  const mail = (await mails()).find(({ subject }) => /confirm your e-mail/i.test(subject));
  const { text } = await mailbox<{ text: string }>(`/api/mails/${mail?.id}`);
  return /https?:\S+verify\S+/.exec(text)?.[0] ?? "";
}

async function mailbox<T>(path: string): Promise<T> {
  return (await (await fetch(`${shop.stack.service("mail").pageUrl}${path}`)).json()) as T;
}

async function previewed(orderId: string, content: object) {
  const { version } = await shopping.owner<{ version: number }>("orders.changes.preview", { orderId, content });
  return { content, version };
}

test("of a person who was erased nothing is left that names them, and of why staff did something only what the books keep", async () => {
  const { headers, customerId } = await signUp();
  await live(headers, customerId);
  // Orders placed as a guest are theirs once the address is confirmed.
  expect((await fetch(await confirmation(), { redirect: "manual" })).status).toBeLessThan(400);
  expect((await found(word)).length).toBeGreaterThan(10);
  await shopping.expect(204, "me.delete", "/v1/me", { headers });
  await shopping.until(async () => (await found(word)).length === 0);
  expect(await keptAnswers()).toEqual([]);
  const tables = (await found(reason)).map((place) => place.split(" names ")[0]);
  expect(tables).toEqual(["platform.audit_log.after", "payments.gift_card_entry.reason"]);
  const { length } = await mails();
  await shopping.until(mailsAreOut);
  await oneMoreMail();
  expect(await mails()).toHaveLength(length);
});

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type CustomerId, newId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { transact } from "../../../platform/db/index.ts";
import { applyProviderEvent } from "../apply-event.ts";
import { createPaypalClient } from "../providers/paypal-client.ts";
import { payment, providerCustomer, savedMethod } from "../tables.ts";
import { storeProviderEvent } from "../take-event.ts";
import {
  authorize,
  crashAfterCall,
  decide,
  paymentRow,
  release,
  type TestOrder,
  type TestShop,
  testOrder,
  testShop,
  timed,
} from "../testing/shop.ts";
import { forgetSavedMethods, listSavedMethods } from "./saved-methods.ts";
import { sweepSavedMethods } from "./sweep-saved-methods.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

const walletOrder = (customerId: CustomerId, more: { paymentMethod?: string; savePaymentMethod?: boolean } = {}) => ({
  ...testOrder({ provider: "paypal", returnUrl: "https://shop.example/back", ...more }),
  customer: { customerId },
});

async function approve(order: TestOrder): Promise<void> {
  const asked = await authorize(shop, order);
  if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
  await decide(asked.nextAction.url, "pay");
}

async function save(customerId: CustomerId): Promise<TestOrder> {
  const order = walletOrder(customerId, { savePaymentMethod: true });
  await approve(order);
  expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
  return order;
}

const rowsOf = (customerId: CustomerId) =>
  shop.db.select().from(savedMethod).where(eq(savedMethod.customerId, customerId));

async function theOne(customerId: CustomerId) {
  const [row, ...others] = await rowsOf(customerId);
  if (!row || others.length > 0) throw new Error(`${others.length + (row ? 1 : 0)} wallets`);
  return row;
}

/** Whether PayPal would still take the token. */
async function isKept(reference: string): Promise<boolean> {
  const client = createPaypalClient({ apiUrl: shop.paypal.url, clientId: "stoa", clientSecret: "stoa-secret" });
  const { accessToken } = await client.clientCredentialsAuthManager.fetchToken();
  const headers = { authorization: `Bearer ${accessToken}` };
  return (await fetch(`${shop.paypal.url}/v3/vault/payment-tokens/${reference}`, { headers })).ok;
}

async function hear(event_type: string, resource: object): Promise<void> {
  const rawBody = JSON.stringify({ id: `WH-${crypto.randomUUID()}`, event_type, resource });
  const id = await storeProviderEvent(shop.deps, { provider: "paypal", rawBody, verdict: "provider_confirmed" });
  if (!id) throw new Error("not stored");
  expect(await applyProviderEvent(shop.deps, id)).toBe("applied");
}

const tokenEvent = (order_id: string | null, id = `tok${crypto.randomUUID().slice(0, 8)}`) => ({
  ...{ id, customer: { id: "paypalcustomer" }, metadata: { order_id } },
  payment_source: { paypal: { email_address: "ann@shop.example", payer_id: "PAYER" } },
});

describe("a PayPal wallet that is to be kept", () => {
  test("is kept under a name that PayPal finds for the customer, and shown without their address", async () => {
    const ann = newId("cus");
    await save(ann);
    const kept = await listSavedMethods(shop.db, ann);
    expect(kept).toEqual([
      { id: expect.any(String), provider: "paypal", brand: "paypal", account: "b•••@example.com" },
    ]);
    const [customer] = await shop.db.select().from(providerCustomer).where(eq(providerCustomer.customerId, ann));
    expect(customer?.reference).toMatch(/^[0-9A-Z]{17}$/);
  });

  test("takes its own place when it is kept again, under the same customer", async () => {
    const ann = newId("cus");
    await save(ann);
    await save(ann);
    expect(await listSavedMethods(shop.db, ann)).toHaveLength(1);
    expect(await shop.db.select().from(providerCustomer).where(eq(providerCustomer.customerId, ann))).toHaveLength(1);
  });

  test("is not kept when nobody asked", async () => {
    const ann = newId("cus");
    const order = walletOrder(ann);
    await approve(order);
    await authorize(shop, order);
    expect(await rowsOf(ann)).toEqual([]);
  });

  test("is kept once, though the process died before it could write it down", async () => {
    const ann = newId("cus");
    const order = walletOrder(ann, { savePaymentMethod: true });
    await approve(order);
    await crashAfterCall(shop, shop.verbs.authorizePayment, timed(order.key, null), order);
    expect(await rowsOf(ann)).toEqual([]);
    for (const _ of [1, 2]) await authorize(shop, order);
    expect(await rowsOf(ann)).toHaveLength(1);
  });

  test("is kept when PayPal tells of it later, once, however often it tells", async () => {
    const ann = newId("cus");
    shop.paypal.faults?.arm({ operation: "vault.settlement", action: { kind: "drop" }, times: 1 });
    const order = await save(ann);
    expect(await rowsOf(ann)).toEqual([]);
    const event = tokenEvent((await paymentRow(shop, order)).providerReference);
    for (const _ of [1, 2]) await hear("VAULT.PAYMENT-TOKEN.CREATED", event);
    expect(await listSavedMethods(shop.db, ann)).toMatchObject([{ account: "a•••@shop.example" }]);
  });

  test("is let go of at PayPal when it tells of it after the customer was forgotten", async () => {
    const ann = newId("cus");
    shop.paypal.faults?.arm({ operation: "vault.settlement", action: { kind: "delay", delayMs: 3_600_000 }, times: 1 });
    const order = await save(ann);
    await transact(shop.db, (tx) => forgetSavedMethods({ tx, now: shop.deps.clock.now() }, ann));
    await fetch(`${shop.paypal.url}/_stoa/clock`, { method: "POST", body: JSON.stringify({ seconds: 3_600 }) });
    await hear("VAULT.PAYMENT-TOKEN.CREATED", tokenEvent((await paymentRow(shop, order)).providerReference));
    expect(await listSavedMethods(shop.db, ann)).toEqual([]);
    expect(await rowsOf(ann)).toHaveLength(1);
    expect(await sweepSavedMethods(shop.deps)).toMatchObject({ failed: [] });
    expect(await rowsOf(ann)).toEqual([]);
  });

  test("is gone here when its owner has taken it back at PayPal", async () => {
    const ann = newId("cus");
    await save(ann);
    const { reference } = await theOne(ann);
    await hear("VAULT.PAYMENT-TOKEN.DELETED", { id: reference });
    expect(await listSavedMethods(shop.db, ann)).toEqual([]);
  });
});

describe("a saved PayPal wallet", () => {
  async function aWallet() {
    const customerId = newId("cus");
    await save(customerId);
    return theOne(customerId);
  }

  test("cannot be used by its token: what a shopper calls a wallet themselves is refused", async () => {
    const { customerId, reference } = await aWallet();
    const refused = { code: "validation_failed", members: { errors: [{ path: "payment.paymentMethod" }] } };
    for (const owner of [customerId, newId("cus")]) {
      await expect(authorize(shop, walletOrder(owner, { paymentMethod: reference }))).rejects.toMatchObject(refused);
    }
  });

  test("that PayPal declines is a decline, holds nothing, and stays one", async () => {
    const { customerId, id } = await aWallet();
    const order = walletOrder(customerId, { paymentMethod: id });
    const fail = { kind: "fail", status: 422, code: "INSTRUMENT_DECLINED" } as const;
    shop.paypal.faults?.arm({ operation: "orders.authorize", action: fail, times: 1 });
    for (const _ of [1, 2]) {
      expect(await authorize(shop, order)).toMatchObject({ kind: "declined", declineCode: "instrument_declined" });
    }
    expect(await paymentRow(shop, order)).toMatchObject({ state: "failed", authorized: 0 });
  });

  test("sends its owner to PayPal's page when PayPal asks for them, and holds the money after that", async () => {
    const { customerId, id } = await aWallet();
    const order = walletOrder(customerId, { paymentMethod: id });
    const fail = { kind: "fail", status: 422, code: "PAYER_ACTION_REQUIRED" } as const;
    shop.paypal.faults?.arm({ operation: "orders.authorize", action: fail, times: 1 });
    await approve(order);
    expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
  });

  test("whose call broke off before or after its effect holds the money once", async () => {
    const { customerId, id } = await aWallet();
    for (const kind of ["drop", "loseAnswer"] as const) {
      const order = walletOrder(customerId, { paymentMethod: id });
      shop.paypal.faults?.arm({ operation: "orders.authorize", action: { kind } });
      await authorize(shop, order).catch(() => undefined);
      shop.paypal.faults?.clear();
      expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
      expect(await heldAtPaypal(order)).toEqual([5_200]);
    }
  });

  test("that was on its way when the order was let go of holds nothing in the end", async () => {
    const { customerId, id } = await aWallet();
    const order = walletOrder(customerId, { paymentMethod: id });
    shop.paypal.faults?.arm({ operation: "orders.authorize", action: { kind: "drop" } });
    await expect(authorize(shop, order)).rejects.toThrow();
    shop.paypal.faults?.clear();
    await release(shop, order);
    expect(await heldAtPaypal(order)).toEqual([0]);
    expect(await authorize(shop, order)).toMatchObject({ kind: "declined" });
  });

  test("goes with its owner's erasure, here and at PayPal, and so does one that we never learnt of", async () => {
    const { customerId, reference } = await aWallet();
    const order = walletOrder(customerId, { savePaymentMethod: true });
    await approve(order);
    await crashAfterCall(shop, shop.verbs.authorizePayment, timed(order.key, null), order);
    await transact(shop.db, (tx) => forgetSavedMethods({ tx, now: shop.deps.clock.now() }, customerId));
    expect(await listSavedMethods(shop.db, customerId)).toEqual([]);
    expect(await sweepSavedMethods(shop.deps)).toMatchObject({ failed: [] });
    expect(await isKept(reference)).toBe(false);
    const rows = await shop.db.select().from(payment).where(eq(payment.customerId, customerId));
    expect(rows.map((row) => [row.paymentMethod, row.providerCustomer])).toEqual(rows.map(() => [null, null]));
    expect(await rowsOf(customerId)).toEqual([]);
  });

  test("is let go of at PayPal, tried again until PayPal has said so", async () => {
    const { customerId, reference } = await aWallet();
    await shop.db
      .update(savedMethod)
      .set({ removedAt: shop.deps.clock.now() })
      .where(eq(savedMethod.customerId, customerId));
    shop.paypal.faults?.arm({ operation: "vault.delete", action: { kind: "loseAnswer" }, times: 2 });
    await sweepSavedMethods(shop.deps);
    shop.paypal.faults?.clear();
    await sweepSavedMethods(shop.deps);
    expect(await rowsOf(customerId)).toEqual([]);
    expect(await isKept(reference)).toBe(false);
  });
});

const booksSchema = z.object({ authorizations: z.array(z.object({ order: z.string(), held: z.int() })) });

/** What PayPal holds on each authorization of an order, in minor units. */
async function heldAtPaypal(order: TestOrder): Promise<number[]> {
  const { providerReference } = await paymentRow(shop, order);
  const books = booksSchema.parse(await (await fetch(`${shop.paypal.url}/_stoa/books`)).json());
  return books.authorizations.filter((one) => one.order === providerReference).map((one) => one.held);
}

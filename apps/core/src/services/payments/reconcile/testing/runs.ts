import { OrdersController, PaymentsController } from "@paypal/paypal-server-sdk";
import type { Instant, PaymentId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { createPaypalClient } from "../../providers/paypal-client.ts";
import { readFacts } from "../../read-facts.ts";
import { payment } from "../../tables.ts";
import { authorize, capture, decide, type TestOrder, type TestShop, testOrder } from "../../testing/shop.ts";
import { type FoundMismatch, type Reconciled, reconcile } from "../reconcile.ts";

export const HOUR_MS = 60 * 60 * 1_000;
export const DAY_MS = 24 * HOUR_MS;

/** Providers that keep books. */
export type Books = "stripe" | "paypal";

/** A run over the present; what changed just now counts as settled. */
export async function run(shop: TestShop, provider: Books = "stripe", repairs = true): Promise<Reconciled> {
  const old = new Date(shop.deps.clock.now() - HOUR_MS / 2).toISOString();
  await shop.db.execute(`update payments.payment set updated_at = '${old}'`);
  const now = shop.deps.clock.now();
  const range = { from: (now - HOUR_MS) as Instant, until: (now + HOUR_MS) as Instant };
  const done = await reconcile(shop.deps, { provider, ...range, repairs, trigger: "test" });
  if (!done) throw new Error("no run");
  return done;
}

/** What a run found of an order. */
export const of = (items: readonly FoundMismatch[], order: { readonly orderId: string }) =>
  items.filter((item) => item.orderId === order.orderId).map(({ kind, action, result }) => [kind, action, result]);

/** What a run found of an object of the provider's. */
export const about = (items: readonly FoundMismatch[], reference: string) =>
  items.filter((item) => item.reference === reference).map(({ kind, action, result }) => [kind, action, result]);

/** PayPal, asked over the wire. */
export const paypal = (shop: TestShop) => {
  const client = createPaypalClient({ apiUrl: shop.paypal.url, clientId: "stoa", clientSecret: "stoa-secret" });
  return { orders: new OrdersController(client), payments: new PaymentsController(client) };
};

/** An order that was paid and whose money was taken. */
export async function paid(shop: TestShop, provider: Books, paymentMethod = "pm_card_visa"): Promise<TestOrder> {
  const method = provider === "stripe" ? { paymentMethod } : {};
  const order = testOrder({ provider, returnUrl: "https://shop.example/back", ...method });
  const first = await authorize(shop, order);
  if (first.kind === "requires_action" && first.nextAction.type === "redirect") {
    await decide(first.nextAction.url, "pay");
    await authorize(shop, order);
  }
  await capture(shop, order);
  return order;
}

/** So that a run over the present does not compare it by itself. */
export async function longAgo(shop: TestShop, order: TestOrder): Promise<TestOrder> {
  const createdAt = (shop.deps.clock.now() - 60 * DAY_MS) as Instant;
  await shop.db.update(payment).set({ createdAt }).where(eq(payment.orderId, order.orderId));
  return order;
}

const leverSchema = z.union([z.object({ dispute_id: z.string() }), z.object({ id: z.string() })]);

/** What the buyer does, or PayPal by itself, with what was taken for a payment. */
export async function atPaypal(shop: TestShop, lever: "disputes" | "reversals", paymentId: PaymentId) {
  const facts = await readFacts(shop.db, paymentId);
  const capture = facts.find((fact) => fact.type === "captured")?.reference ?? "";
  const body = JSON.stringify({ capture });
  const answer = await fetch(`${shop.paypal.url}/_stoa/${lever}`, { method: "POST", body });
  const made = leverSchema.parse(await answer.json());
  return { capture, reversal: "id" in made ? made.id : null };
}

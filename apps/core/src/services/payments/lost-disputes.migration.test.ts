import { afterAll, beforeAll, expect, test } from "bun:test";
import { resolve } from "node:path";
import { money } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { startRefund } from "./start-refund.ts";
import { dispute, payment } from "./tables.ts";
import { authorize, capture, paymentRow, type TestShop, testOrder, testShop } from "./testing/shop.ts";

const MIGRATION = resolve(import.meta.dir, "migrations/0011_lost_disputes.sql");

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

/** A payment of 5200 as an earlier release has left it: nothing of what disputes took is among what is held. */
async function disputedBefore(
  disputed: { state: "lost" | "won"; amount: number; currency?: "USD" | "EUR" },
  refunded = 0,
) {
  const order = testOrder();
  await authorize(shop, order);
  await capture(shop, order);
  const { id: paymentId } = await paymentRow(shop, order);
  const now = shop.deps.clock.now();
  if (refunded > 0) {
    const part = { paymentId, key: `${paymentId}/part`, amount: money(refunded, "USD"), reason: null };
    await transact(shop.db, (tx) => startRefund(tx, now, { ...part, captureReference: null, requestId: null }));
  }
  await shop.db.insert(dispute).values({
    ...{ provider: "stripe", reference: `dp_${paymentId}`, paymentId, reason: "fraudulent", currency: "USD" },
    ...{ openedAt: now, updatedAt: now, ...disputed },
  });
  return paymentId;
}

const heldOf = async (id: Awaited<ReturnType<typeof disputedBefore>>) =>
  (await shop.db.select().from(payment).where(eq(payment.id, id)))[0]?.refundHeld;

test("disputes that were lost before count as given back after an update, however often it is run", async () => {
  const [whole, part, beside, won, foreign] = [
    await disputedBefore({ state: "lost", amount: 5_200 }),
    await disputedBefore({ state: "lost", amount: 1_000 }),
    await disputedBefore({ state: "lost", amount: 5_000 }, 700),
    await disputedBefore({ state: "won", amount: 5_200 }, 300),
    await disputedBefore({ state: "lost", amount: 900, currency: "EUR" }),
  ];
  const update = await Bun.file(MIGRATION).text();
  for (const _ of [1, 2]) {
    for (const statement of update.split("--> statement-breakpoint")) await shop.db.execute(sql.raw(statement));
    expect(await Promise.all([whole, part, beside, won, foreign].map(heldOf))).toEqual([5_200, 1_000, 5_200, 300, 0]);
  }
});

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { openDisputes } from "./open-disputes.ts";
import { aSoldOrder } from "./testing/after-sale.ts";
import { aShop, type Shop } from "./testing/checkout.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const DAY_MS = 86_400_000;

test("open disputes are listed by what has to be answered first, page by page, each with its order", async () => {
  const { orderId } = await aSoldOrder(shop, [1]);
  const at = (days: number) => new Date(Date.UTC(2026, 10, 1) + days * DAY_MS).toISOString();
  const dispute = (reference: string, state: string, openedAt: number, dueAt: number | null) =>
    shop.db.execute(sql`insert into payments.dispute
      (provider, reference, payment_id, state, amount, currency, due_at, opened_at, updated_at)
      select provider, ${reference}, id, ${state}, 100, 'USD', ${dueAt === null ? null : at(dueAt)}::timestamptz,
        ${at(openedAt)}::timestamptz, ${at(openedAt)}::timestamptz from payments.payment limit 1`);
  await dispute("dp_no_day", "opened", 3, null);
  await dispute("dp_late", "opened", 0, 20);
  await dispute("dp_answered", "evidence_sent", 1, 5);
  await dispute("dp_soon", "opened", 2, 6);
  await dispute("dp_soon_too", "opened", 2, 6);
  await dispute("dp_won", "won", 0, 1);
  await dispute("dp_lost", "lost", 0, 1);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await openDisputes(shop.db, { limit: 2, cursor });
    expect(page.total).toBe(5);
    seen.push(...page.items.map(({ reference }) => reference));
    for (const item of page.items) {
      expect(item).toMatchObject({ orderId, orderNumber: expect.stringMatching(/./), amount: { amount: 100 } });
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(["dp_soon", "dp_soon_too", "dp_late", "dp_answered", "dp_no_day"]);
  await expect(openDisputes(shop.db, { limit: 2, cursor: "nonsense" })).rejects.toMatchObject({
    code: "validation_failed",
  });
  expect((await openDisputes(shop.db, { limit: 1 })).items[0]?.dueAt).toBe(toIso(at(6)));
});

const toIso = (text: string) => new Date(Date.parse(text) as Instant).toISOString();

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Instant, money, newId } from "@stoa/kernel";
import { postgresError } from "../../../platform/db/index.ts";
import { disableGiftCard, enableGiftCard } from "./change-gift-card.ts";
import { expireGiftCards } from "./expire-gift-cards.ts";
import { findGiftCard, findStoreCredit } from "./find-credits.ts";
import { holdCredits, redeemCredits } from "./hold-credits.ts";
import { issueStoreCredit } from "./issue-gift-card.ts";
import { REFUND_VALIDITY_MS } from "./prolong.ts";
import { refundToCredits, returnCredits } from "./refund-credits.ts";
import { type CardId, type CreditShop, creditShop, staffActor, standingOf } from "./testing/cards.ts";
import { verifyCredits } from "./verify-credits.ts";

let shop: CreditShop;
beforeAll(async () => {
  shop = await creditShop();
});
afterAll(async () => {
  // Whatever the tests did, every balance is what its entries add up to and the ledger owes exactly that.
  expect(await verifyCredits(shop.db)).toEqual([]);
  await shop[Symbol.asyncDispose]();
});

const standing = (id: CardId) => standingOf(shop.db, id);

const refund = (orderId: Parameters<typeof refundToCredits>[1]["orderId"], amount: number | null, cause = "r1") =>
  shop.run(async (context) => {
    return (await refundToCredits(context, { orderId, amount, cause, reason: null, actor: staffActor })).amount;
  });

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code?: string }).code ?? postgresError(error)?.constraint_name ?? String(error),
  );

describe("a refund", () => {
  async function spent(amounts: readonly number[]) {
    const cards = await Promise.all(amounts.map(() => shop.card(10_000)));
    const credits = cards.map(({ giftCardId }, index) => ({ giftCardId, amount: amounts[index] ?? 0 }));
    const orderId = newId("ord");
    await shop.run((context) => holdCredits(context, { orderId, currency: "USD", customerId: null, credits }));
    await shop.run((context) => redeemCredits(context, { orderId }));
    return { orderId, cards: cards.map((one) => one.giftCardId) };
  }

  test("goes to the last card first and never beyond what each has paid", async () => {
    const { orderId, cards } = await spent([300, 200]);
    expect(await refund(orderId, 250)).toBe(250);
    expect(await Promise.all(cards.map(standing))).toMatchObject([{ balance: 9_750 }, { balance: 10_000 }]);
    expect(await codeOf(refund(orderId, 251, "r2"))).toBe("state_conflict");
    expect(await refund(orderId, null, "r3")).toBe(250);
    expect(await refund(orderId, null, "r4")).toBe(0);
  });

  test("counts its cause once, in parallel too", async () => {
    const { orderId, cards } = await spent([300]);
    const answers = await Promise.all(Array.from({ length: 10 }, () => refund(orderId, 100, "same")));
    expect(answers).toEqual(answers.map(() => 100));
    expect(await standing(cards[0] as CardId)).toEqual({ balance: 9_800, held: 0 });
  });

  test("reaches a card past its date with a fresh year, and a disabled one as it is", async () => {
    const end = (shop.clock.now() + 1_000) as Instant;
    const { giftCardId, code } = await shop.card(500, { expiresAt: end });
    const orderId = await shop.hold(giftCardId, 400);
    await shop.run((context) => redeemCredits(context, { orderId }));
    await shop.run((context) => disableGiftCard(context, giftCardId));
    shop.clock.advance(5_000);
    await expireGiftCards(shop);
    expect(await standing(giftCardId)).toEqual({ balance: 0, held: 0 });
    const before = shop.clock.now();
    await refund(orderId, 400);
    expect(await findGiftCard({ db: shop.db, now: shop.clock.now() }, code)).toBeNull();
    await shop.run((context) => enableGiftCard(context, giftCardId));
    const found = await findGiftCard({ db: shop.db, now: shop.clock.now() }, code);
    expect(found).toMatchObject({ available: 400 });
    expect(found?.expiresAt).toBeGreaterThanOrEqual(before + REFUND_VALIDITY_MS);
  });

  test("of nothing that was paid by card gives back nothing", async () => {
    expect(await shop.run((context) => returnCredits(context, { orderId: newId("ord"), actor: staffActor }))).toBe(0);
    expect(await codeOf(refund(newId("ord"), 1))).toBe("state_conflict");
  });

  test("of a cancelled order releases what was only held, and returns what was spent, once", async () => {
    const { giftCardId } = await shop.card(900);
    const held = await shop.hold(giftCardId, 100);
    const done = await shop.hold(giftCardId, 200);
    await shop.run((context) => redeemCredits(context, { orderId: done }));
    for (const orderId of [held, done, held, done]) {
      await shop.run((context) => returnCredits(context, { orderId, actor: staffActor }));
    }
    expect(await standing(giftCardId)).toEqual({ balance: 900, held: 0 });
  });
});

describe("store credit", () => {
  test("is one account a customer and currency, and a cause pays into it once", async () => {
    const customerId = newId("cus");
    const grant = (amount: number, cause: string, currency: "USD" | "EUR" = "USD") =>
      shop.run((context) =>
        issueStoreCredit(context, {
          ...{ customerId, cause, amount: money(amount, currency) },
          ...{ reason: "return", actor: staffActor },
        }),
      );
    await Promise.all([grant(100, "a"), grant(100, "a"), grant(50, "b"), grant(7, "a", "EUR")]);
    const accounts = await findStoreCredit({ db: shop.db, now: shop.clock.now() }, customerId);
    expect(accounts.map(({ available, currency, ownerId }) => ({ available, currency, ownerId }))).toEqual([
      { available: 7, currency: "EUR", ownerId: customerId },
      { available: 150, currency: "USD", ownerId: customerId },
    ]);
  });
});

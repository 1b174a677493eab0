import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Instant, money, newId, toUuid } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { postgresError } from "../../../platform/db/index.ts";
import { giftCard, giftCardEntry } from "../tables.ts";
import { adjustGiftCard, disableGiftCard, enableGiftCard } from "./change-gift-card.ts";
import { expireGiftCards } from "./expire-gift-cards.ts";
import { findCredits, findGiftCard } from "./find-credits.ts";
import { holdCredits, redeemCredits, releaseCredits } from "./hold-credits.ts";
import { issueStoreCredit } from "./issue-gift-card.ts";
import { refundToCredits, returnCredits } from "./refund-credits.ts";
import { type CardId, type CreditShop, creditBalances, creditShop, staffActor, standingOf } from "./testing/cards.ts";
import { checkCredits, verifyCredits } from "./verify-credits.ts";

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

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code?: string }).code ?? postgresError(error)?.constraint_name ?? String(error),
  );

describe("a gift card", () => {
  test("is found by its code, however typed, and by no part of it", async () => {
    const { giftCardId, code, last4 } = await shop.card(5_000);
    const reading = { db: shop.db, now: shop.clock.now() };
    const found = await findGiftCard(reading, code.toLowerCase().replaceAll("-", " "));
    expect(found).toMatchObject({ id: giftCardId, available: 5_000, currency: "USD", last4, ownerId: null });
    expect(await findGiftCard(reading, code.slice(0, -1))).toBeNull();
    expect(await findGiftCard(reading, last4)).toBeNull();
  });

  test("leaves its code in no table", async () => {
    const { code } = await shop.card(100);
    const tables = await shop.db.execute<{ name: string }>(sql`select format('%I.%I', table_schema, table_name) as name
      from information_schema.tables where table_schema in ('payments', 'platform')`);
    const bare = code.replaceAll("-", "");
    for (const { name } of tables) {
      const found = await shop.db.execute(
        sql.raw(`select 1 from ${name} t where t::text ilike '%${code}%' or t::text ilike '%${bare}%'`),
      );
      expect([name, found.length]).toEqual([name, 0]);
    }
  });

  test("answers nobody any more once it is disabled or past its date", async () => {
    const end = (shop.clock.now() + 60_000) as Instant;
    const [stopped, ended] = [await shop.card(100), await shop.card(100, { expiresAt: end })];
    await shop.run((context) => disableGiftCard(context, stopped.giftCardId));
    const later = { db: shop.db, now: end };
    expect(await findGiftCard(later, stopped.code)).toBeNull();
    expect(await findGiftCard(later, ended.code)).toBeNull();
    expect((await findCredits(later, [stopped.giftCardId, ended.giftCardId])).map((one) => one.available)).toEqual([
      0, 0,
    ]);
    await shop.run((context) => enableGiftCard(context, stopped.giftCardId));
    expect(await findGiftCard(later, stopped.code)).toMatchObject({ available: 100 });
  });
});

describe("an order", () => {
  test("holds, then spends; doing either twice changes nothing", async () => {
    const { giftCardId } = await shop.card(5_000);
    const orderId = await shop.hold(giftCardId, 3_000);
    await shop.hold(giftCardId, 3_000, orderId);
    expect(await standing(giftCardId)).toEqual({ balance: 5_000, held: 3_000 });
    for (const _ of [1, 2]) await shop.run((context) => redeemCredits(context, { orderId }));
    expect(await standing(giftCardId)).toEqual({ balance: 2_000, held: 0 });
  });

  test("that comes to nothing lets go; doing so twice, or of what was never held, changes nothing", async () => {
    const { giftCardId } = await shop.card(5_000);
    const orderId = await shop.hold(giftCardId, 3_000);
    for (const _ of [1, 2]) await shop.run((context) => releaseCredits(context, { orderId }));
    await shop.run((context) => releaseCredits(context, { orderId: newId("ord") }));
    expect(await standing(giftCardId)).toEqual({ balance: 5_000, held: 0 });
    expect(await codeOf(shop.run((context) => redeemCredits(context, { orderId })))).toContain("has been released");
  });

  test("holds of several cards all or nothing", async () => {
    const [rich, poor] = [await shop.card(5_000), await shop.card(10)];
    const credits = [rich, poor].map(({ giftCardId }) => ({ giftCardId, amount: 100 }));
    const orderId = newId("ord");
    const held = shop.run((context) => holdCredits(context, { orderId, currency: "USD", customerId: null, credits }));
    expect(await codeOf(held)).toBe("gift_card_not_applicable");
    expect(await standing(rich.giftCardId)).toEqual({ balance: 5_000, held: 0 });
  });

  test("takes nothing from a card that is disabled, past its date, of another currency or somebody else's store credit", async () => {
    const end = (shop.clock.now() + 1_000) as Instant;
    const [stopped, euros, ended] = [
      await shop.card(500),
      await shop.card(500, { currency: "EUR" }),
      await shop.card(500, { expiresAt: end }),
    ];
    await shop.run((context) => disableGiftCard(context, stopped.giftCardId));
    const [owner, stranger] = [newId("cus"), newId("cus")];
    const grant = { customerId: owner, amount: money(500, "USD"), cause: "a", reason: null, actor: staffActor };
    const storeCredit = await shop.run((context) => issueStoreCredit(context, grant));
    shop.clock.advance(2_000);
    for (const giftCardId of [stopped.giftCardId, euros.giftCardId, ended.giftCardId, storeCredit]) {
      expect(await codeOf(shop.hold(giftCardId, 1))).toBe("gift_card_not_applicable");
    }
    const asked = (customerId: typeof owner) => {
      const credits = [{ giftCardId: storeCredit, amount: 1 }];
      return shop.run((context) =>
        holdCredits(context, { orderId: newId("ord"), currency: "USD", customerId, credits }),
      );
    };
    expect(await codeOf(asked(stranger))).toBe("gift_card_not_applicable");
    expect(await codeOf(asked(owner))).toBe("done");
  });

  test("a card's balance is spent once, however many orders ask at once", async () => {
    const { giftCardId } = await shop.card(1_000);
    const asked = Array.from({ length: 100 }, () => codeOf(shop.hold(giftCardId, 30)));
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => answer === "done").length).toBe(33);
    expect(new Set(answers)).toEqual(new Set(["done", "gift_card_not_applicable"]));
    expect(await standing(giftCardId)).toEqual({ balance: 1_000, held: 990 });
  });

  test("orders that share two cards do not lock each other out", async () => {
    const cards = [await shop.card(10_000), await shop.card(10_000)];
    const credits = cards.map(({ giftCardId }) => ({ giftCardId, amount: 10 }));
    const orders = Array.from({ length: 40 }, (_, index) => ({
      orderId: newId("ord"),
      credits: index % 2 ? credits : credits.toReversed(),
    }));
    await Promise.all(
      orders.map(async (order) => {
        const { orderId } = order;
        await shop.run((context) => holdCredits(context, { ...order, currency: "USD", customerId: null }));
        await shop.run((context) => redeemCredits(context, { orderId }));
        await shop.run((context) => returnCredits(context, { orderId, actor: staffActor }));
      }),
    );
    for (const { giftCardId } of cards) expect(await standing(giftCardId)).toEqual({ balance: 10_000, held: 0 });
  });
});

describe("corrections", () => {
  test("add and take away, but not what an order holds", async () => {
    const { giftCardId } = await shop.card(500);
    await shop.hold(giftCardId, 400);
    const adjust = (amount: number) =>
      shop.run((context) =>
        adjustGiftCard(context, {
          giftCardId,
          amount: { amount, currency: "USD" },
          reason: "counted",
          actor: staffActor,
        }),
      );
    expect(await codeOf(adjust(-101))).toBe("state_conflict");
    await adjust(-100);
    await adjust(25);
    expect(await standing(giftCardId)).toEqual({ balance: 425, held: 400 });
  });

  test("what is past its date is written off, but for what orders hold; two sweeps at once count once", async () => {
    const end = (shop.clock.now() + 1_000) as Instant;
    const { giftCardId } = await shop.card(500, { expiresAt: end });
    const orderId = await shop.hold(giftCardId, 200);
    shop.clock.advance(2_000);
    await Promise.all([expireGiftCards(shop), expireGiftCards(shop)]);
    expect(await standing(giftCardId)).toEqual({ balance: 200, held: 200 });
    await shop.run((context) => releaseCredits(context, { orderId }));
    await expireGiftCards(shop);
    expect(await standing(giftCardId)).toEqual({ balance: 0, held: 0 });
  });

  test("history is only ever added to", async () => {
    const { giftCardId } = await shop.card(10);
    const mine = eq(giftCardEntry.giftCardId, giftCardId);
    const refused = "gift_card_entry_append_only";
    expect(await codeOf(shop.db.update(giftCardEntry).set({ amount: 11 }).where(mine).then())).toBe(refused);
    expect(await codeOf(shop.db.delete(giftCardEntry).where(mine).then())).toBe(refused);
  });
});

test("a card that cannot be written off keeps no other past its date, and is told of", async () => {
  await using own = await creditShop();
  const end = (own.clock.now() + 1_000) as Instant;
  const [broken, fine] = [await own.card(500, { expiresAt: end }), await own.card(500, { expiresAt: end })];
  // Somebody has written by hand into what may only be written once.
  await own.db.execute(sql`insert into payments.gift_card_entry
    (gift_card_id, amount, type, cause, actor_kind, actor_id, at)
    select id, 500, 'expired', 'expired/' || (extract(epoch from updated_at) * 1000)::bigint, 'system', 'x', now()
    from payments.gift_card where id = ${toUuid(broken.giftCardId)}::uuid`);
  own.clock.advance(2_000);
  expect(await expireGiftCards(own)).toMatchObject({ failed: [{ giftCardId: broken.giftCardId }] });
  const [left] = await own.db.select().from(giftCard).where(eq(giftCard.id, fine.giftCardId));
  expect(left?.balance).toBe(0);
});

test("the books of a card's life: given, spent, refunded, written off", async () => {
  await using own = await creditShop();
  const { giftCardId } = await own.card(1_000, { expiresAt: (own.clock.now() + 60_000) as Instant });
  expect(await creditBalances(own.db)).toEqual({ "credits.granted": 1_000, "credits.liability": -1_000 });
  const orderId = await own.hold(giftCardId, 700);
  await own.run((context) => redeemCredits(context, { orderId }));
  await own.run((context) =>
    refundToCredits(context, { orderId, amount: 50, cause: "r", reason: null, actor: staffActor }),
  );
  own.clock.advance(120_000);
  await expireGiftCards(own);
  expect(await creditBalances(own.db)).toEqual({
    ...{ "credits.granted": 1_000, "credits.sales": -700 },
    ...{ "credits.refunds": 50, "credits.expired": -350 },
  });
  expect(await verifyCredits(own.db)).toEqual([]);
});

test("the verifier notices a balance, a hold and a refund that nobody entered", async () => {
  await using own = await creditShop();
  const { giftCardId } = await own.card(1_000);
  const orderId = await own.hold(giftCardId, 700);
  await own.run((context) => redeemCredits(context, { orderId }));
  await own.hold(giftCardId, 10);
  await own.db.execute(sql`update payments.gift_card set balance = balance + 5, held = held + 2`);
  await own.db.execute(sql`update payments.credit_tender set refunded = 1 where state = 'redeemed'`);
  const { sums, mismatches } = await checkCredits(own.db);
  expect(sums).toEqual([{ currency: "USD", balance: 305, held: 12 }]);
  const kinds = mismatches.map((one) => one.what);
  expect(kinds.toSorted()).toEqual(["balance", "held", "ledger", "tender", "tender"]);
});

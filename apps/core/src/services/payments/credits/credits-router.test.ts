import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, type StaffId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Actor, Right } from "../../../platform/rpc/index.ts";
import { auditLog } from "../../../platform/tables.ts";
import { createCreditsRouter } from "./credits-router.ts";
import { type CreditShop, creditShop } from "./testing/cards.ts";

let shop: CreditShop;
beforeAll(async () => {
  shop = await creditShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const staffId: StaffId = newId("stf");
const staff = (...rights: Right[]): Actor => ({
  ...{ kind: "staff", staffId, userId: "user", name: "Ada", email: "ada@shop.example" },
  roles: [],
  rights: new Set(rights),
});
const customer = (): Extract<Actor, { kind: "customer" }> => ({
  ...{ kind: "customer", customerId: newId("cus"), userId: crypto.randomUUID() },
  ...{ email: "ann@shop.example", emailVerified: true },
});

function callerFor(actor: Actor, idempotencyKey: string | null = null) {
  const context = { actor, requestId: "req", traceparent: null, idempotencyKey, clock: shop.clock };
  return createCreditsRouter(shop).createCaller(context);
}
const manager = () => callerFor(staff("payments:read", "payments:refund"));

describe("staff", () => {
  test("issue a card: its code is said once, the audit log has who and how much, and not the code", async () => {
    const {
      id: giftCardId,
      code,
      last4,
    } = await manager().giftCards.issue({
      amount: { amount: 2_500, currency: "USD" },
      reason: "Sorry",
    });
    const details = await manager().giftCards.get({ id: giftCardId });
    expect(details).toMatchObject({
      last4,
      balance: { amount: 2_500 },
      held: { amount: 0 },
      entries: [{ type: "issued", amount: { amount: 2_500 } }],
    });
    expect(JSON.stringify(details)).not.toContain(code);
    const lines = await shop.db.select().from(auditLog).where(eq(auditLog.entityId, giftCardId));
    expect(lines).toMatchObject([
      { action: "gift_card.issued", actorId: staffId, after: { amount: { amount: 2_500 } } },
    ]);
    expect(JSON.stringify(lines)).not.toContain(code);
  });

  test("find cards by their last four and by customer, a page at a time", async () => {
    const { customerId } = customer();
    const made = [];
    for (const amount of [1, 2, 3])
      made.push(await manager().giftCards.issue({ amount: { amount, currency: "USD" }, customerId }));
    const first = await manager().giftCards.list({ limit: 2, customerId });
    expect(first).toMatchObject({ total: 3, items: [{ balance: { amount: 3 } }, { balance: { amount: 2 } }] });
    const rest = await manager().giftCards.list({ limit: 2, customerId, cursor: first.nextCursor ?? "" });
    expect(rest).toMatchObject({ nextCursor: null, items: [{ balance: { amount: 1 } }] });
    const last4 = made[0]?.last4 ?? "";
    const found = await manager().giftCards.list({ last4: last4.toLowerCase(), customerId });
    expect<unknown[]>(found.items.map((one) => one.id)).toContain(made[0]?.id);
    await expect(manager().giftCards.list({ cursor: "bm9uZQ" })).rejects.toMatchObject({
      code: "UNPROCESSABLE_CONTENT",
    });
  });

  test("adjust, disable and enable, each with a reason that is kept", async () => {
    const { id: giftCardId } = await manager().giftCards.issue({ amount: { amount: 100, currency: "USD" } });
    await manager().giftCards.adjust({
      id: giftCardId,
      amount: { amount: -40, currency: "USD" },
      reason: "Paid out in cash",
    });
    const foreign = { amount: 1, currency: "EUR" } as const;
    const elsewhere = manager().giftCards.adjust({ id: giftCardId, amount: foreign, reason: "no" });
    await expect(elsewhere).rejects.toMatchObject({ cause: { code: "currency_mismatch" } });
    await manager().giftCards.disable({ id: giftCardId, reason: "Lost" });
    await manager().giftCards.enable({ id: giftCardId, reason: "Found" });
    expect(await manager().giftCards.get({ id: giftCardId })).toMatchObject({
      balance: { amount: 60 },
      disabledAt: null,
    });
    const lines = await shop.db.select().from(auditLog).where(eq(auditLog.entityId, giftCardId)).orderBy(auditLog.seq);
    expect(lines.map((line) => line.action)).toEqual([
      ...["gift_card.issued", "gift_card.adjusted", "gift_card.disabled", "gift_card.enabled"],
    ]);
    expect(lines[1]?.after).toMatchObject({ reason: "Paid out in cash" });
  });

  test("act once for each key, however often and at once a request is sent", async () => {
    const keyed = () => callerFor(staff("payments:read", "payments:refund"), crypto.randomUUID()).giftCards;
    const { customerId } = customer();
    const issuing = keyed();
    const issued = await Promise.allSettled(
      [1, 2, 3].map(() => issuing.issue({ amount: { amount: 70, currency: "USD" }, customerId })),
    );
    expect(issued.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const { items } = await manager().giftCards.list({ customerId });
    expect(items).toHaveLength(1);
    const [giftCardId] = items.map(({ id }) => id);
    if (!giftCardId) throw new Error("no card");
    const adjusting = keyed();
    await Promise.all(
      [1, 2, 3].map(() =>
        adjusting.adjust({ id: giftCardId, amount: { amount: 30, currency: "USD" }, reason: "Sorry" }),
      ),
    );
    expect(await manager().giftCards.get({ id: giftCardId })).toMatchObject({ balance: { amount: 100 } });
    const granting = keyed();
    const grant = { amount: { amount: 500, currency: "USD" }, customerId, reason: "Sorry" } as const;
    await Promise.all([1, 2, 3].map(() => granting.issueStoreCredit(grant)));
    const { items: after } = await manager().giftCards.list({ customerId, kind: "store_credit" });
    expect(after).toMatchObject([{ balance: { amount: 500 } }]);
    const rows = await shop.db.execute("select answer::text as answer from platform.idempotency_key");
    expect(JSON.stringify(rows)).not.toContain("code");
    await expect(
      granting.issueStoreCredit({ ...grant, amount: { amount: 501, currency: "USD" } }),
    ).rejects.toBeDefined();
  });

  test("cannot take more than is there, issue nothing, or issue into the past", async () => {
    const { id: giftCardId } = await manager().giftCards.issue({ amount: { amount: 100, currency: "USD" } });
    const taken = manager().giftCards.adjust({
      id: giftCardId,
      amount: { amount: -101, currency: "USD" },
      reason: "no",
    });
    await expect(taken).rejects.toMatchObject({ code: "CONFLICT" });
    for (const amount of [0, -1, 1.5, 1e12]) {
      await expect(manager().giftCards.issue({ amount: { amount, currency: "USD" } })).rejects.toBeDefined();
    }
    const expiresAt = "2001-01-01T00:00:00Z";
    const late = manager().giftCards.issue({ amount: { amount: 1, currency: "USD" }, expiresAt });
    await expect(late).rejects.toMatchObject({ code: "UNPROCESSABLE_CONTENT" });
    for (const verb of ["disable", "enable"] as const) {
      const unknown = manager().giftCards[verb]({ id: newId("gft"), reason: "no" });
      await expect(unknown).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    await expect(manager().giftCards.get({ id: newId("gft") })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("do nothing without the right", async () => {
    const { id: giftCardId } = await manager().giftCards.issue({ amount: { amount: 100, currency: "USD" } });
    for (const [actor, code] of [
      [{ kind: "guest" }, "UNAUTHORIZED"],
      [customer(), "UNAUTHORIZED"],
      [staff("orders:write", "payments:read"), "FORBIDDEN"],
    ] as const) {
      const { giftCards } = callerFor(actor);
      const { customerId } = customer();
      const asked = [
        () => giftCards.issue({ amount: { amount: 1, currency: "USD" } }),
        () => giftCards.issueStoreCredit({ amount: { amount: 1, currency: "USD" }, customerId, reason: "x" }),
        () => giftCards.adjust({ id: giftCardId, amount: { amount: 1, currency: "USD" }, reason: "x" }),
        () => giftCards.disable({ id: giftCardId, reason: "x" }),
        () => giftCards.enable({ id: giftCardId, reason: "x" }),
      ];
      for (const ask of asked) await expect(ask()).rejects.toMatchObject({ code });
    }
    const { giftCards } = callerFor(staff("orders:read"));
    await expect(giftCards.list({})).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(giftCards.get({ id: giftCardId })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("shoppers", () => {
  test("see what is left by code; unknown, mistyped and ended codes answer alike", async () => {
    const {
      id: giftCardId,
      code,
      last4,
    } = await manager().giftCards.issue({ amount: { amount: 2_500, currency: "EUR" } });
    const guest = callerFor({ kind: "guest" });
    const answer = await guest.giftCardBalance({ code });
    expect(answer).toEqual({ last4, balance: { amount: 2_500, currency: "EUR" } });
    await manager().giftCards.disable({ id: giftCardId, reason: "Lost" });
    for (const wrong of [code, "00000-00000-00000-00000", "hello"]) {
      await expect(guest.giftCardBalance({ code: wrong })).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
  });

  test("see their own store credit and nobody else's", async () => {
    const [ann, bob] = [customer(), customer()];
    const { customerId } = ann;
    await manager().giftCards.issueStoreCredit({
      amount: { amount: 700, currency: "USD" },
      customerId,
      reason: "Late",
    });
    expect(await callerFor(ann).storeCredit()).toEqual({ items: [{ balance: { amount: 700, currency: "USD" } }] });
    expect(await callerFor(bob).storeCredit()).toEqual({ items: [] });
    await expect(callerFor({ kind: "guest" }).storeCredit()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });
});

import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import fc from "fast-check";
import type { CreditTender } from "../payments/index.ts";
import { stateWithCredits, tendersOf } from "./order-tenders.ts";

const orderId = newId("ord");
const parts = fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 5 });
const credit = (amount: number, more: Partial<CreditTender> = {}): CreditTender => ({
  ...{ orderId, giftCardId: newId("gft"), kind: "gift_card", last4: "WXYZ", state: "redeemed", amount, refunded: 0 },
  ...more,
});

test("an order's tenders add up to its total, whatever part of it gift cards pay", () => {
  fc.assert(
    fc.property(parts, fc.nat(90_000), fc.constantFrom("USD", "JPY", "KWD"), (amounts, rest, currency) => {
      const total = amounts.reduce((sum, amount) => sum + amount, rest);
      const order = { currency, total, setOff: 0, paymentProvider: "stripe" } as const;
      const tenders =
        tendersOf(
          order,
          amounts.map((amount) => credit(amount)),
        ) ?? [];
      expect(tenders.reduce((sum, tender) => sum + tender.amount.amount, 0)).toBe(total);
      expect(tenders.every((tender) => tender.amount.amount > 0 && tender.amount.currency === currency)).toBe(true);
      expect(tenders.filter((tender) => tender.kind === "stripe")).toHaveLength(rest > 0 ? 1 : 0);
    }),
  );
});

test("they still do when an edit has made the order cheaper than what cards have paid", () => {
  fc.assert(
    fc.property(parts, fc.nat(90_000), (amounts, total) => {
      const order = { currency: "USD", total, setOff: 0, paymentProvider: "stripe" } as const;
      const credits = amounts.map((amount) => credit(amount));
      const tenders = tendersOf(order, credits) ?? [];
      expect(tenders.reduce((sum, tender) => sum + tender.amount.amount, 0)).toBe(total);
      expect(tenders.every((tender) => tender.amount.amount > 0)).toBe(true);
    }),
  );
});

test("what was let go of is no tender, and without credits there is nothing to tell", () => {
  const order = { currency: "USD", total: 100, setOff: 0, paymentProvider: "stripe" } as const;
  expect(tendersOf(order, [])).toBeUndefined();
  expect(tendersOf(order, [credit(40, { state: "released" })])).toBeUndefined();
});

test("money that went back to a gift card shows in the payment's state", () => {
  const order = { total: 100, setOff: 0 };
  const [part, all] = [[credit(40, { refunded: 10 })], [credit(40, { refunded: 40 })]];
  expect(stateWithCredits("captured", order, [credit(40)])).toBe("captured");
  expect(stateWithCredits("captured", order, part)).toBe("partially_refunded");
  expect(stateWithCredits("refunded", order, part)).toBe("partially_refunded");
  expect(stateWithCredits("refunded", order, all)).toBe("refunded");
  expect(stateWithCredits("voided", order, all)).toBe("refunded");
  expect(stateWithCredits("pending", order, all)).toBe("pending");
  expect(stateWithCredits("captured", order, all)).toBe("partially_refunded");
  expect(stateWithCredits("captured", { total: 40, setOff: 0 }, all)).toBe("refunded");
  expect(stateWithCredits("captured", { total: 60, setOff: 20 }, all)).toBe("refunded");
});

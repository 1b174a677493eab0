import { expect, test } from "bun:test";
import { type Currency, chargeStep, money, newId, refusesCharge, roundToCharge } from "@stoa/kernel";
import fc from "fast-check";
import { type Credit, coverTotal } from "./cart-credits.ts";

const credits = (currency: Currency) =>
  fc
    .array(
      fc.record({
        available: fc.integer({ min: 0, max: 50_000 }),
        limit: fc.option(fc.integer({ min: 1, max: 50_000 })),
      }),
      { maxLength: 5 },
    )
    .map((list) =>
      list.map(({ available, limit }) => {
        const credit: Credit = {
          id: newId("gft"),
          kind: "gift_card",
          last4: "0000",
          currency,
          available,
          ownerId: null,
        };
        return { credit, limit };
      }),
    );

for (const currency of ["USD", "JPY", "KWD"] as const) {
  test(`gift cards and what is due add up to the total, to the last minor unit of ${currency}`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200_000 }), credits(currency), (amount, list) => {
        const { shares, due } = coverTotal(money(amount, currency), list);
        expect(shares.reduce((sum, share) => sum + share.amount.amount, due.amount)).toBe(amount);
        expect(due.amount).toBeGreaterThanOrEqual(0);
        // Whatever is left on the cards: a total that can be charged leaves a rest that can be.
        const whole = roundToCharge(money(amount, currency));
        expect(refusesCharge(coverTotal(whole, list).due)).toBeNull();
        for (const [index, share] of shares.entries()) {
          expect(share.amount.amount).toBeGreaterThanOrEqual(0);
          expect(share.amount.amount).toBeLessThanOrEqual(list[index]?.credit.available ?? 0);
          expect(share.amount.amount).toBeLessThanOrEqual(list[index]?.limit ?? Number.POSITIVE_INFINITY);
        }
        // Nothing is due while a card could still give something.
        const couldGive = list.some(({ credit, limit }, index) => {
          const given = shares[index]?.amount.amount ?? 0;
          return given + chargeStep(currency) <= Math.min(credit.available, limit ?? credit.available);
        });
        expect(due.amount > 0 && couldGive).toBe(false);
      }),
    );
  });
}

import { expect, test } from "bun:test";
import fc from "fast-check";
import { exchangeMoney } from "./exchange.ts";

const amount = fc.integer({ min: 0, max: 2 ** 50 });

test("an exchange loses no minor unit: value and payment are what the replacement costs and what goes back", () => {
  fc.assert(
    fc.property(amount, amount, (value, total) => {
      const { covered, due, back } = exchangeMoney(value, total);
      expect(covered + due).toBe(total);
      expect(covered + back).toBe(value);
      expect(Math.min(due, back)).toBe(0);
      expect(Math.min(covered, due, back)).toBeGreaterThanOrEqual(0);
    }),
  );
});

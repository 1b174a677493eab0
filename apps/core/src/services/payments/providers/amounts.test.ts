import { expect, test } from "bun:test";
import { type Currency, currencyDigits, isCurrency, money } from "@stoa/kernel";
import fc from "fast-check";
import { fromPaypalAmount, paypalRefusesAmount, toPaypalAmount } from "./paypal-amount.ts";
import { fromStripeAmount, stripeRefusesAmount, toStripeAmount } from "./stripe-amount.ts";

const amounts = fc.record({
  amount: fc.integer({ min: 0, max: 99_999_999 }),
  currency: fc.constantFrom(...Object.keys(currencyDigits).filter(isCurrency)),
});

test("an amount that a provider takes comes back from it unchanged, in every currency", () => {
  fc.assert(
    fc.property(amounts, ({ amount, currency }) => {
      const value = money(amount, currency);
      if (stripeRefusesAmount(value) === null) {
        expect(fromStripeAmount(toStripeAmount(value), currency.toLowerCase())).toEqual(value);
      }
      if (paypalRefusesAmount(value) === null) {
        const { currencyCode, value: text } = toPaypalAmount(value);
        expect(fromPaypalAmount({ currency_code: currencyCode, value: text })).toEqual(value);
      }
    }),
  );
});

const stripeExamples: [number, Currency, number][] = [
  [5_200, "USD", 5_200],
  [5_200, "JPY", 5_200],
  [5_120, "KWD", 5_120],
  [52, "ISK", 5_200],
];

test.each(stripeExamples)("Stripe is asked for %d %s as %d", (amount, currency, expected) => {
  expect(toStripeAmount(money(amount, currency))).toBe(expected);
});

const paypalExamples: [number, Currency, string][] = [
  [5_990, "USD", "59.90"],
  [5_990, "JPY", "5990"],
  [599_000, "HUF", "5990"],
];

test.each(paypalExamples)("PayPal is asked for %d %s as %s", (amount, currency, expected) => {
  expect(toPaypalAmount(money(amount, currency)).value).toBe(expected);
});

test("an unknown currency from a provider is an error, not an amount", () => {
  expect(() => fromStripeAmount(1, "xxx")).toThrow(RangeError);
  expect(() => fromPaypalAmount({ currency_code: "XXX", value: "1.00" })).toThrow(RangeError);
});

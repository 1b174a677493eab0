import { expect, test } from "bun:test";
import { editedPrices } from "./prices.ts";

const prices = [
  { currency: "USD" as const, amount: 2_200, compareAt: 3_000 },
  { currency: "USD" as const, amount: 1_900, minQuantity: 10 },
];

test("a typed price replaces the plain one and leaves those with conditions", () => {
  const edited = editedPrices(prices, [
    { currency: "USD", text: "25,50" },
    { currency: "JPY", text: "900" },
  ]);
  expect(edited).toEqual({
    kind: "prices",
    prices: [
      { currency: "USD", amount: 2_550, compareAt: 3_000 },
      { currency: "USD", amount: 1_900, minQuantity: 10 },
      { currency: "JPY", amount: 900 },
    ],
  });
});

test("a price above what was struck through strikes nothing through", () => {
  const edited = editedPrices(prices, [{ currency: "USD", text: "31" }]);
  expect(edited.kind === "prices" && edited.prices[0]).toEqual({ currency: "USD", amount: 3_100 });
});

test("fractions of a cent and negative prices are refused by currency", () => {
  const edited = editedPrices(prices, [
    { currency: "USD", text: "1.005" },
    { currency: "EUR", text: "-1" },
  ]);
  expect(edited.kind === "wrong" && [...edited.reasons.keys()]).toEqual(["USD", "EUR"]);
});

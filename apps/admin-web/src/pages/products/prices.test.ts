import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { conditionsOf, editedPrices, listPricesOf } from "./prices.ts";

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

test("of lists those are told that hold or will, for this SKU, in the order in which they count, each with its conditions", () => {
  const price = { currency: "USD" as const, amount: 900, list: newId("prl"), name: "Spring", priority: 0, sku: "S" };
  const vip = { ...price, priority: 2, customerGroups: ["vip", "staff"], channels: ["trade"] };
  const tier = { ...price, minQuantity: 5 };
  const over = { ...price, endsAt: "2026-03-01T12:00:00Z" };
  const told = listPricesOf([tier, price, over, { ...price, sku: "T" }, vip], "S", Date.parse("2026-03-01T12:00:00Z"));
  expect(told).toEqual([vip, price, tier]);
  expect(told.map(conditionsOf)).toEqual([["for vip or staff", "in trade"], [], ["from 5 units"]]);
});

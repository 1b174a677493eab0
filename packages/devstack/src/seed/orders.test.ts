import { expect, test } from "bun:test";
import { shelf } from "./catalog/shelf.ts";
import { orders } from "./orders.ts";

const onHand = new Map(
  shelf.flatMap(({ variants }) => variants.map(({ sku, stock }) => [sku, stock[0] + stock[1]] as const)),
);

test("the shelf holds enough for all orders together", () => {
  const wanted = new Map<string, number>();
  for (const { sku, quantity } of orders.flatMap(({ items }) => items)) {
    wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
  }
  expect([...wanted].filter(([sku, quantity]) => (onHand.get(sku) ?? 0) < quantity)).toEqual([]);
});

test("the orders show every way to end, both currencies, customers and guests", () => {
  expect([...new Set(orders.map(({ ends }) => ends))].sort()).toEqual([
    "cancelled",
    "confirmed",
    "declined",
    "waiting",
  ]);
  expect(new Set(orders.map(({ currency }) => currency))).toEqual(new Set(["USD", "EUR"]));
  expect(new Set(orders.map(({ by }) => typeof by))).toEqual(new Set(["string", "object"]));
});

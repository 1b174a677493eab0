import { expect, test } from "bun:test";
import { screen } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import type { Order } from "./order.ts";
import { OrderLines } from "./order-lines.tsx";

const usd = (amount: number) => ({ amount, currency: "USD" });

async function totalsOf(totals: Record<"subtotal" | "discount" | "shipping" | "tax" | "total", number>) {
  const money = Object.fromEntries(Object.entries(totals).map(([name, amount]) => [name, usd(amount)]));
  const order = { items: [], totals: money, payment: {}, shippingMethod: { name: "Express" } } as unknown as Order;
  await stage(<OrderLines order={order} />, [], () => ({ data: {} }));
  await screen.findByText("Subtotal");
  return screen.getAllByRole("term").map((term) => `${term.textContent} ${term.nextSibling?.textContent}`);
}

test("what is written above the total adds up to it; tax that the prices hold stands below", async () => {
  const goods = { subtotal: 7_298, discount: 730, shipping: 1_500 };
  expect(await totalsOf({ ...goods, tax: 862, total: 8_068 })).toEqual([
    ...["Subtotal $72.98", "Discount −$7.30", "Shipping, Express $15.00"],
    ...["Total $80.68", "Includes tax $8.62"],
  ]);
});

test("tax that is added to the prices stands above the total", async () => {
  const totals = { subtotal: 7_598, discount: 0, shipping: 1_500, tax: 565, total: 9_663 };
  expect(await totalsOf(totals)).toEqual([
    ...["Subtotal $75.98", "Shipping, Express $15.00", "Tax $5.65", "Total $96.63"],
  ]);
});

test("a product without options does not run into its SKU", async () => {
  const [price, none] = [100, 0].map((amount) => ({ amount, currency: "USD" }));
  const sums = { unitPrice: price, discount: none, total: price };
  const item = { sku: "CASE-1", title: "Notebook case black", options: {}, quantity: 1, ...sums };
  const totals = { subtotal: price, discount: none, shipping: none, tax: none, total: price };
  const order = { items: [item], totals, shippingMethod: { name: "Standard" }, payment: {} } as unknown as Order;
  await stage(<OrderLines order={order} />, [], () => ({ data: {} }));
  expect((await screen.findByText("Notebook case black")).classList.contains("block")).toBe(true);
  expect(screen.getByText("CASE-1")).toBeDefined();
});

test("what units that were taken out have paid stands below the total", async () => {
  const [price, none] = [500, 0].map((amount) => ({ amount, currency: "USD" }));
  const totals = { subtotal: price, discount: none, shipping: none, tax: none, total: price };
  const payment = { setOffTotal: { amount: 120, currency: "USD" } };
  const order = { items: [], totals, shippingMethod: { name: "Standard" }, payment } as unknown as Order;
  await stage(<OrderLines order={order} />, [], () => ({ data: {} }));
  expect((await screen.findByText("Of it by units taken out")).nextSibling?.textContent).toBe("$1.20");
});

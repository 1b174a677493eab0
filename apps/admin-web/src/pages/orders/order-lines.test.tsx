import { expect, test } from "bun:test";
import { screen } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import type { Order } from "./order.ts";
import { OrderLines } from "./order-lines.tsx";

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

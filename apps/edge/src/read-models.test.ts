import { expect, test } from "bun:test";
import { cart, endpointById, orderSchema } from "@stoa/contract";
import {
  cartViewSchema,
  orderViewSchema,
  productSummaryViewSchema,
  productViewSchema,
  stockViewSchema,
} from "@stoa/read-models";
import { cartView, orderView, productView, summaryView } from "./testing/fixtures.ts";

test("what core stores is what the contract promises, so its bytes can be sent as they are", () => {
  const recommended = endpointById("products.recommendations").answers[200].schema.shape.items.element;
  const product = endpointById("products.get").answers[200].schema;
  const stock = endpointById("stock.list").answers[200].schema.shape.items.element;
  expect(Object.keys(productSummaryViewSchema.shape).sort()).toEqual(Object.keys(recommended.shape).sort());
  expect(Object.keys(productViewSchema.shape).sort()).toEqual(Object.keys(product.shape).sort());
  expect(Object.keys(stockViewSchema.shape).sort()).toEqual(Object.keys(stock.shape).sort());
  expect(Object.keys(cartViewSchema.shape).sort()).toEqual(Object.keys(cart.shape).sort());
  const promised = Object.keys(orderSchema.shape).filter((name) => name !== "accessToken");
  expect(Object.keys(orderViewSchema.shape).sort()).toEqual(promised.sort());
});

test("stored views satisfy the contract's schemas", () => {
  const summary = summaryView();
  expect(cart.safeParse(cartViewSchema.parse(cartView())).success).toBe(true);
  expect(orderSchema.safeParse(orderViewSchema.parse(orderView())).success).toBe(true);
  expect(endpointById("products.get").answers[200].schema.safeParse(productView(summary)).success).toBe(true);
});

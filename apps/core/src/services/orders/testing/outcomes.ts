import { expect } from "bun:test";
import type { CartId, OrderId } from "@stoa/kernel";
import { cartState, leftBehind, type Shop } from "./checkout.ts";

/** An order that has left nothing: no units kept, no money held, the cart open for another try. */
export async function expectNothingLeft(shop: Shop, orderId: OrderId, sku: string, cartId: CartId) {
  const left = await leftBehind(shop, orderId, sku);
  expect(left.view.state).toBe("refused");
  expect(left.charges.filter((charge) => charge.state === "held" || charge.state === "captured")).toEqual([]);
  expect([left.reserved, left.allocated]).toEqual([0, 0]);
  expect(await cartState(shop, cartId)).toBe("open");
  return left.view;
}

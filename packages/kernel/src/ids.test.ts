import { expect, test } from "bun:test";
import { fromUuid, isId, newId, toUuid } from "./ids.ts";

test("an id survives the way to its uuid and back", () => {
  for (let round = 0; round < 200; round += 1) {
    const id = newId("ord");
    expect(fromUuid("ord", toUuid(id))).toBe(id);
  }
});

test("ids of one kind are not ids of another", () => {
  expect(isId("ord", newId("ord"))).toBe(true);
  expect(isId("cart", newId("ord"))).toBe(false);
  expect(isId("ord", "ord_zzzzzzzzzzzzzzzzzzzzzzzzzz")).toBe(false);
  expect(isId("ord", undefined)).toBe(false);
});

test("later ids sort behind earlier ones, but a cart's id tells nothing", () => {
  const orders = Array.from({ length: 50 }, () => newId("ord"));
  expect([...orders].sort()).toEqual(orders);
  const carts = new Set(Array.from({ length: 200 }, () => newId("cart").slice(5, 9)));
  expect(carts.size).toBeGreaterThan(150);
});

test("a text that is no id has no uuid", () => {
  expect(() => toUuid("ord_1")).toThrow(RangeError);
  expect(() => toUuid("'; drop table")).toThrow(RangeError);
});

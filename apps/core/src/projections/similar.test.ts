import { expect, test } from "bun:test";
import { type Features, similarProducts } from "./similar.ts";

function product(id: string, members: Partial<Features>): Features {
  return { id, leafCategory: "boots", brand: null, price: 1_000, tokens: [], ...members };
}

test("a product is most like those that share its rare attributes, and like none of another category", () => {
  const products = [
    product("a", { tokens: ["sole=vibram", "colour=black"] }),
    product("b", { tokens: ["sole=vibram", "colour=brown"] }),
    product("c", { tokens: ["sole=rubber", "colour=black"] }),
    product("d", { tokens: ["sole=rubber", "colour=black"] }),
    product("e", { leafCategory: "lamps", tokens: ["sole=vibram", "colour=black"] }),
  ];
  const lists = new Map([...similarProducts(products)].flatMap((group) => [...group]));
  expect(lists.get("a")).toEqual(["b", "c", "d"]);
  expect(lists.get("e")).toEqual([]);
});

test("in a category of thousands each product is still compared with some, and never with itself", () => {
  const products = Array.from({ length: 2_000 }, (_, index) => product(`p${index}`, { price: index + 1 }));
  const lists = new Map([...similarProducts(products)].flatMap((group) => [...group]));
  expect(lists.size).toBe(2_000);
  for (const [id, ids] of lists) {
    expect(ids).toHaveLength(20);
    expect(ids).not.toContain(id);
  }
});

test("lists come a few at a time, however large a category is, so that whoever works them out can let others have their turn", () => {
  const products = Array.from({ length: 2_050 }, (_, index) => product(`p${index}`, { price: index + 1 }));
  const sizes = [...similarProducts(products)].map((lists) => lists.size);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2_050);
});

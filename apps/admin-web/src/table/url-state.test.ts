import { expect, test } from "bun:test";
import { ordersInput, ordersSearchSchema } from "../pages/orders/orders-search.ts";
import { productsInput, productsSearchSchema } from "../pages/products/products-search.ts";
import { stockInput, stockSearchSchema } from "../pages/stock/stock-search.ts";
import { safeTarget } from "../paths.ts";
import { pageRange, ROWS_PER_PAGE } from "./paging.ts";

test("what an address says is what core is asked", () => {
  const search = ordersSearchSchema.parse({ q: 10417, state: "pending", cursor: "abc", page: 2 });
  expect(ordersInput(search)).toEqual({ limit: ROWS_PER_PAGE, search: "10417", states: ["pending"], cursor: "abc" });
  expect(productsInput(productsSearchSchema.parse({ status: "draft", sort: "title" }))).toEqual({
    limit: ROWS_PER_PAGE,
    sort: "title",
    statuses: ["draft"],
  });
  expect(stockInput(stockSearchSchema.parse({ low: true, sku: "MUG-1" }), 5)).toEqual({
    limit: ROWS_PER_PAGE,
    availableMax: 5,
  });
});

test("an address that makes no sense shows the whole list instead of an error", () => {
  const nonsense = { q: "", state: "nonsense", cursor: 5, page: -1, status: [], sort: {}, location: "x'y", low: "yes" };
  expect(ordersInput(ordersSearchSchema.parse(nonsense))).toEqual({ limit: ROWS_PER_PAGE });
  expect(productsInput(productsSearchSchema.parse(nonsense))).toEqual({ limit: ROWS_PER_PAGE, sort: "-updated" });
  expect(stockInput(stockSearchSchema.parse(nonsense), 5)).toEqual({ limit: ROWS_PER_PAGE });
});

test("after signing in nobody is led out of the dashboard", () => {
  expect(safeTarget("/orders?state=pending")).toBe("/orders?state=pending");
  for (const wanted of ["https://evil.example", "//evil.example", "/\\evil.example", "/sign-in?to=/x", undefined, 7]) {
    expect([wanted, safeTarget(wanted)]).toEqual([wanted, "/"]);
  }
});

test("the page says which rows of how many are shown", () => {
  expect(pageRange(1, 50, 230, String)).toBe("1–50 of 230");
  expect(pageRange(5, 30, 230, String)).toBe("201–230 of 230");
  expect(pageRange(1, 0, 0, String)).toBe("0");
});

import { expect, test } from "bun:test";
import { Problem } from "@stoa/kernel";
import { staffTermsOf } from "./draft.ts";

const line = (amount: number) => ({ sku: "S", quantity: 1, manualPrice: { amount, reason: "by hand" } });

function refusedPath(priced: Parameters<typeof staffTermsOf>[0], currency: "KWD" | "USD" = "KWD") {
  try {
    staffTermsOf(priced, currency);
    return null;
  } catch (error) {
    return error instanceof Problem ? error.members.errors?.[0]?.path : error;
  }
}

test("prices, discounts and shipping by hand have to be amounts that can be charged", () => {
  const off = (amount: number) => ({ lines: [], discount: { off: { kind: "fixed" as const, amount }, reason: "x" } });
  const shipping = (price: number) => ({ lines: [], shipping: { name: "Van", price, reason: "x" } });
  expect(refusedPath({ lines: [line(1_005)] })).toBe("lines.manualPrice.amount");
  expect(refusedPath(off(5))).toBe("discount.off.amount");
  expect(refusedPath(shipping(5))).toBe("shipping.price");
  expect([refusedPath({ lines: [line(1_010)] }), refusedPath(off(10)), refusedPath(shipping(10))]).toEqual([
    null,
    null,
    null,
  ]);
  expect(refusedPath({ lines: [line(1_005)] }, "USD")).toBeNull();
});

import { expect, test } from "bun:test";
import { lineText } from "@stoa/kernel";
import { checkout, updateCart } from "./cart-shapes.ts";
import { stockQuery } from "./catalog-shapes.ts";
import { text } from "./text.ts";

const accepts = (shape: ReturnType<typeof text>, value: string) => shape.safeParse(value).success;

test("a text may have several lines, a line may not", () => {
  for (const value of ["a\nb", "a\tb", "a\r\nb"]) {
    expect(accepts(text(10), value)).toBe(true);
    expect(accepts(lineText(10), value)).toBe(false);
  }
  for (const value of ["a\u0000b", "a\u0085b", "\ud800"]) {
    expect(accepts(text(10), value)).toBe(false);
    expect(accepts(lineText(10), value)).toBe(false);
  }
});

test("an address with a line break is refused at the door, by the path that the caller wrote", () => {
  const shippingAddress = { name: "Ann", line1: "1 Main St\nFlat 2", city: "Bern", postalCode: "3000", country: "CH" };
  for (const refused of [
    updateCart.safeParse({ shippingAddress }),
    checkout.safeParse({ shippingAddress, payment: { provider: "manual" } }),
  ]) {
    expect(refused.error?.issues.map((issue) => issue.path.join("."))).toEqual(["shippingAddress.line1"]);
  }
});

test("a question after no SKU, or after too many, is told what is asked for", () => {
  for (const query of [{}, { sku: Array.from({ length: 101 }, (_, index) => `S-${index}`) }]) {
    const [issue] = stockQuery.safeParse(query).error?.issues ?? [];
    expect([issue?.path.join("."), issue?.message]).toEqual(["sku", "must be given, 100 times at most"]);
  }
});

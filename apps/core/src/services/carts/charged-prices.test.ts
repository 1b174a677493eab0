import { expect, test } from "bun:test";
import { reductionOf } from "./discounts.ts";
import type { PricingLine } from "./pricing.ts";
import { promotionInputSchema } from "./save-promotion.ts";
import { optionInputSchema } from "./save-shipping.ts";

const issuesOf = (parsed: { readonly error?: { readonly issues: readonly { path: PropertyKey[] }[] } | undefined }) =>
  parsed.error?.issues.map(({ path }) => path.join("."));

test("a fixed reduction has to be an amount that can be charged, in each of its currencies", () => {
  const taking = (amounts: Record<string, number>) =>
    issuesOf(promotionInputSchema.safeParse({ name: "any", effect: { kind: "fixed", target: "order", amounts } }));
  expect(taking({ USD: 5, KWD: 1_010, HUF: 100 })).toBeUndefined();
  expect(taking({ USD: 5, KWD: 1_005, HUF: 150 })).toEqual(["effect.amounts.KWD", "effect.amounts.HUF"]);
});

test("so has each price of a way to ship, whatever it depends on", () => {
  const shipping = (rates: unknown) =>
    issuesOf(optionInputSchema.safeParse({ zoneId: "01890000-0000-7000-8000-000000000000", name: "Post", rates }));
  const tiers = [{ upToGrams: 5, price: 1_010 }, { price: 1_005 }];
  expect(shipping({ KWD: { kind: "flat", price: 1_010 }, HUF: { kind: "flat", price: 99_000 } })).toBeUndefined();
  expect(shipping({ KWD: { kind: "flat", price: 1_005 } })).toEqual(["rates.KWD.price"]);
  expect(shipping({ KWD: { kind: "by_weight", tiers } })).toEqual(["rates.KWD.tiers.1.price"]);
  expect(shipping({ HUF: { kind: "calculated", service: "parcel", fallback: 150 } })).toEqual(["rates.HUF.fallback"]);
});

test("a line whose price is of before amounts had to be ones that can be charged gives no more than it is", () => {
  const effect = { kind: "fixed", target: "order", amounts: { KWD: 10 } } as const;
  const spreadOver = (lines: number[]) =>
    reductionOf(effect, {
      lines: lines.map(() => ({ quantity: 1 }) as PricingLine),
      places: lines.map((_, place) => place),
      remaining: { currency: "KWD", lines, shipping: 0 },
    }).lines;
  expect([...spreadOver([0, 1]).values()]).toEqual([0, 1]);
  expect([...spreadOver([5, 5]).values()]).toEqual([5, 5]);
  expect([...spreadOver([20, 10]).values()]).toEqual([10, 0]);
});

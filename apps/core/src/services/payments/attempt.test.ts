import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Money, money, Problem } from "@stoa/kernel";
import { writeSetting } from "../../platform/settings/index.ts";
import { checkPaymentChoice } from "./attempt.ts";
import type { PaymentMethodChoice } from "./providers/provider.ts";
import { paymentsSetting } from "./settings.ts";
import { type TestShop, testShop } from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

/** The path that the refusal points at, or null when the choice is taken. */
async function refusedPath(choice: PaymentMethodChoice, amount: Money = money(5_200, "USD")): Promise<string | null> {
  try {
    await checkPaymentChoice(shop.deps, shop.db, choice, amount);
    return null;
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "validation_failed") throw error;
    return error.members.errors?.[0]?.path ?? "";
  }
}

const card = { provider: "stripe", paymentMethod: "pm_card_visa" } as const;

describe("a choice of payment", () => {
  test("by card needs the card's token", async () => {
    expect(await refusedPath(card)).toBeNull();
    expect(await refusedPath({ provider: "stripe" })).toBe("payment.paymentMethod");
  });

  test("leads back to the shop's own origins only", async () => {
    expect(await refusedPath({ ...card, returnUrl: "https://shop.example/thanks?x=1" })).toBeNull();
    for (const returnUrl of [
      "https://evil.example/",
      "https://shop.example.evil.example/",
      "https://shop.example@evil.example/",
      "https://user:pass@shop.example/",
      "http://shop.example/",
      "//shop.example/",
      "javascript:alert(1)",
      "data:text/html,x",
      `https://shop.example/${"x".repeat(2_001)}`,
    ]) {
      expect([returnUrl, await refusedPath({ ...card, returnUrl })]).toEqual([returnUrl, "payment.returnUrl"]);
    }
  });

  test("is refused when the provider cannot take exactly this amount", async () => {
    expect(await refusedPath(card, money(1_005, "KWD"))).toBe("payment.provider");
    expect(await refusedPath(card, money(1_010, "KWD"))).toBeNull();
    expect(await refusedPath({ provider: "paypal" }, money(1_010, "KWD"))).toBe("payment.provider");
    expect(await refusedPath({ provider: "paypal" }, money(1_050, "HUF"))).toBe("payment.provider");
    expect(await refusedPath({ provider: "paypal" }, money(1_000, "HUF"))).toBeNull();
  });

  test("is refused for a provider that the shop has switched off or has no credentials for", async () => {
    const now = shop.deps.clock.now();
    await shop.db.transaction((tx) =>
      writeSetting(tx, now, paymentsSetting, { ...paymentsSetting.fallback, providers: ["stripe", "manual"] }),
    );
    expect(await refusedPath({ provider: "paypal" })).toBe("payment.provider");
    const without = {
      ...shop.deps,
      providers: new Map([...shop.deps.providers].filter(([name]) => name !== "stripe")),
    };
    await expect(checkPaymentChoice(without, shop.db, card, money(1, "USD"))).rejects.toThrow("not offered");
  });

  test("is what shoppers are offered; staff take money that came by another way, and what costs nothing is paid by none", async () => {
    const now = shop.deps.clock.now();
    await shop.db.transaction((tx) =>
      writeSetting(tx, now, paymentsSetting, { ...paymentsSetting.fallback, providers: ["stripe"] }),
    );
    expect(await refusedPath({ provider: "manual" })).toBe("payment.provider");
    expect(await refusedPath({ provider: "manual", byStaff: true })).toBeNull();
    expect(await refusedPath({ provider: "paypal" }, money(0, "USD"))).toBeNull();
    expect(await refusedPath({ provider: "paypal" }, money(1, "USD"))).toBe("payment.provider");
  });
});

import { type Currency, currencyDigits } from "@stoa/kernel";
import { readSetting, shopSetting } from "../../platform/settings/index.ts";
import type { TermsContext } from "./save-promotion.ts";
import { saveShippingOption } from "./save-shipping.ts";
import type { ShippingRates } from "./shipping.ts";
import { shippingOption } from "./tables.ts";

const WORLDWIDE = { name: "Worldwide", countries: [] };

/** Whole units of a currency such as the dollar; for currencies with small units the same with two zeros more. */
const STANDARD = { price: 5, freeAbove: 50 };
const EXPRESS = { price: 15 };

/** Currencies whose one unit buys about a hundredth of a dollar or less. */
const smallUnits: ReadonlySet<Currency> = new Set(["CLP", "HUF", "IDR", "INR", "ISK", "JPY", "KRW", "VND"]);

/**
 * A shop that has no way to ship gets two, for every currency it sells in: Standard, free above an amount, and Express.
 * Tax is off until somebody saves a rate. Idempotent; what staff have made or changed stays.
 */
export async function ensureCartDefaults({ tx, now }: TermsContext): Promise<void> {
  const [some] = await tx.select({ id: shippingOption.id }).from(shippingOption).limit(1);
  if (some) return;
  const { currencies } = await readSetting(tx, shopSetting);
  const standard: ShippingRates = {};
  const express: ShippingRates = {};
  for (const currency of currencies) {
    standard[currency] = {
      kind: "flat",
      price: minorUnits(STANDARD.price, currency),
      freeAbove: minorUnits(STANDARD.freeAbove, currency),
    };
    express[currency] = { kind: "flat", price: minorUnits(EXPRESS.price, currency) };
  }
  await saveShippingOption({ tx, now }, { zone: WORLDWIDE, name: "Standard", rates: standard, position: 0 });
  await saveShippingOption({ tx, now }, { zone: WORLDWIDE, name: "Express", rates: express, position: 1 });
}

function minorUnits(units: number, currency: Currency): number {
  return units * (smallUnits.has(currency) ? 100 : 1) * 10 ** currencyDigits[currency];
}

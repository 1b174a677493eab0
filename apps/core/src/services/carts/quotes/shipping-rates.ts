import { type Currency, currencySchema } from "@stoa/kernel";
import { z } from "zod";
import { LINE_AMOUNT_MAX } from "../cart.ts";
import type { HttpAsker } from "./http-asker.ts";
import type { Quotes } from "./quotes.ts";

/** What a provider may know of where a parcel goes: no name and no street. */
export interface Destination {
  readonly country: string;
  readonly region?: string;
  readonly postalCode: string;
  readonly city: string;
}

/** What a provider of shipping rates is asked: one parcel, one destination, every service the shop offers there. */
export interface RateQuestion {
  readonly currency: Currency;
  readonly destination: Destination;
  readonly weightGrams: number;
  /** Minor units of the goods before discounts. */
  readonly goods: number;
  readonly items: readonly { readonly sku: string; readonly quantity: number; readonly weightGrams: number }[];
  /** The provider's own names for what is offered, in a fixed order. */
  readonly services: readonly string[];
}

/** Minor units by service. A service that is absent does not carry the parcel. */
export type ShippingQuotes = ReadonlyMap<string, number>;
export type RateQuotes = Quotes<RateQuestion, ShippingQuotes>;

const rateSchema = z.object({
  service: z.string().min(1).max(100),
  amount: z.int().min(0).max(LINE_AMOUNT_MAX),
  currency: currencySchema,
});
const answerSchema = z.object({ rates: z.array(rateSchema).max(200) });

/** `{ "rates": [{ "service": "express", "amount": 1250, "currency": "USD" }] }`; only what was asked for, in its currency. */
export function askShippingRates(ask: HttpAsker) {
  return async (question: RateQuestion): Promise<ShippingQuotes> => {
    const { services, currency } = question;
    const { rates } = answerSchema.parse(await ask(question));
    const wanted = rates.filter((rate) => services.includes(rate.service) && rate.currency === currency);
    return new Map(wanted.map((rate) => [rate.service, rate.amount]));
  };
}

import { type Currency, DEFAULT_CHANNEL, problem } from "@stoa/kernel";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { channelsSetting, readSetting, shopSetting } from "../../platform/settings/index.ts";
import type { TaxRate } from "./tax.ts";

/** What a sales channel says about a cart. */
export interface CartChannel {
  /** Nothing is for sale in one that is closed, or gone. */
  readonly isOpen: boolean;
  /** Whether its prices hold the taxes; null: each rate says so for itself. */
  readonly pricesIncludeTax: boolean | null;
  readonly currencies: readonly Currency[];
  readonly defaultCurrency: Currency;
}

export type PricingChannel = Pick<CartChannel, "isOpen" | "pricesIncludeTax">;

/** The channel of this code as the settings say by now. */
export async function findChannel(db: Database | Transaction, code: string): Promise<CartChannel> {
  const { currencies, defaultCurrency } = await readSetting(db, shopSetting);
  if (code === DEFAULT_CHANNEL) return { isOpen: true, pricesIncludeTax: null, currencies, defaultCurrency };
  const { channels } = await readSetting(db, channelsSetting);
  const channel = channels.find((one) => one.code === code);
  if (!channel) return { isOpen: false, pricesIncludeTax: null, currencies: [], defaultCurrency };
  const offered = channel.currencies.filter((currency) => currencies.includes(currency));
  const first = offered.includes(channel.defaultCurrency) ? channel.defaultCurrency : offered[0];
  return {
    isOpen: channel.isActive && first !== undefined,
    pricesIncludeTax: channel.pricesIncludeTax,
    currencies: offered,
    defaultCurrency: first ?? defaultCurrency,
  };
}

const plain = { isOpen: true, pricesIncludeTax: null } as const;

/** What a cart is priced by. In the default channel that is as it always was, and costs no look. */
export function pricingChannel(db: Database | Transaction, code: string): Promise<PricingChannel> | PricingChannel {
  return code === DEFAULT_CHANNEL ? plain : findChannel(db, code);
}

/** Edge refuses the keys of a channel that is closed, but may hear of it a moment later. @throws problem `forbidden`. */
export function refuseClosed({ isOpen }: CartChannel): void {
  if (!isOpen) throw problem("forbidden", { detail: "This sales channel is closed." });
}

/** The rates as a channel's prices are to be understood. */
export function ratesIn({ pricesIncludeTax }: PricingChannel, rates: readonly TaxRate[]): readonly TaxRate[] {
  if (pricesIncludeTax === null) return rates;
  return rates.map((rate) => ({ ...rate, isIncluded: pricesIncludeTax }));
}

import { type Currency, DEFAULT_CHANNEL, problem } from "@stoa/kernel";
import { type ChannelView, priceField, type ShopView } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import type { Place } from "./search-filter.ts";
import { freshShop, readShop } from "./shop.ts";

/** What an answer in a channel goes by. */
export type Channel = Pick<
  ChannelView,
  | "code"
  | "name"
  | "currencies"
  | "defaultCurrency"
  | "locale"
  | "locales"
  | "pricesIncludeTax"
  | "productUrl"
  | "categoryUrl"
  | "indexedCurrencies"
>;

/** The channel of this code; the default one is the shop itself. @throws problem `unauthenticated` for one that is closed, or gone. */
export function channelOf(shop: ShopView, code: string): Channel {
  if (code === DEFAULT_CHANNEL) return { ...shop, code, pricesIncludeTax: null, indexedCurrencies: [] };
  const channel = shop.channels.find((one) => one.code === code);
  if (channel?.isActive) return channel;
  // Only a key leads to a channel, so it is the key that no longer opens anything.
  throw problem("unauthenticated", { detail: "The sales channel of this API key is closed." });
}

/** For whatever core is asked in a channel. @throws problem `unauthenticated` for one that is closed, or gone. */
export async function assertOpen(deps: Pick<EdgeDeps, "store">, channel: string): Promise<void> {
  if (channel !== DEFAULT_CHANNEL) channelOf(freshShop(deps) ?? (await readShop(deps)), channel);
}

/** The currency to answer in: the one asked for, or the channel's own. @throws problem `currency_mismatch`. */
export async function currencyIn(
  deps: Pick<EdgeDeps, "store">,
  channel: string,
  asked: Currency | undefined,
): Promise<Currency> {
  return chosenCurrency(channelOf(await readShop(deps), channel), asked);
}

/** Where a list filters and sorts: see `currencyIn`, and by the channel's own prices as soon as the index knows them. */
export async function placeIn(
  deps: Pick<EdgeDeps, "store">,
  code: string,
  asked: Currency | undefined,
): Promise<Place> {
  const channel = channelOf(await readShop(deps), code);
  const currency = chosenCurrency(channel, asked);
  const isIndexed = channel.indexedCurrencies.includes(currency);
  return { channel: code, currency, priceField: priceField(currency, isIndexed ? code : null) };
}

function chosenCurrency({ currencies, defaultCurrency }: Channel, asked: Currency | undefined): Currency {
  const currency = asked ?? defaultCurrency;
  if (currencies.includes(currency)) return currency;
  throw problem("currency_mismatch", { detail: `The shop does not sell in ${currency}.` });
}

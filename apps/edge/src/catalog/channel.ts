import { type Currency, DEFAULT_CHANNEL, problem } from "@stoa/kernel";
import type { ChannelView, ShopView } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
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
>;

/** The channel of this code; the default one is the shop itself. @throws problem `unauthenticated` for one that is closed, or gone. */
export function channelOf(shop: ShopView, code: string): Channel {
  if (code === DEFAULT_CHANNEL) return { ...shop, code, pricesIncludeTax: null };
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
  const { defaultCurrency, currencies } = channelOf(await readShop(deps), channel);
  const currency = asked ?? defaultCurrency;
  if (currencies.includes(currency)) return currency;
  throw problem("currency_mismatch", { detail: `The shop does not sell in ${currency}.` });
}

import { type Currency, currencySchema } from "@stoa/kernel";
import type { ShopView } from "@stoa/read-models";
import { z } from "zod";
import { ownKeys } from "./own-keys.ts";
import type { RedisClient } from "./scripts.ts";
import type { Shop } from "./shop-view.ts";

const pricesSchema = z.record(z.string(), z.array(currencySchema));
/** The further channels that an index filters and sorts by price in, each with its currencies. */
export type IndexPrices = Readonly<Record<string, readonly Currency[]>>;

/** Those that the shop has now. One that is closed stays, so that opening it again takes no other index. */
export function indexPricesOf({ channels }: Pick<ShopView, "channels">): IndexPrices {
  return Object.fromEntries(channels.map(({ code, currencies }) => [code, currencies]));
}

/** Those that the index which is shown was built for; none while no index is known. */
export async function builtPrices(redis: RedisClient): Promise<IndexPrices> {
  const text = await redis.get(ownKeys.searchPrices);
  return text === null ? {} : pricesSchema.parse(JSON.parse(text));
}

/** Puts down what the index that is shown now was built for. */
export async function putPrices(redis: RedisClient, prices: IndexPrices): Promise<void> {
  await redis.set(ownKeys.searchPrices, JSON.stringify(prices));
}

/** Whether the shop has a channel, or one of its channels a currency, that the index was not built for. What is gone does no harm. */
export async function pricesAreStale(redis: RedisClient, { view }: Shop): Promise<boolean> {
  const built = await builtPrices(redis);
  return Object.entries(indexPricesOf(view)).some(([code, currencies]) =>
    currencies.some((currency) => !built[code]?.includes(currency)),
  );
}

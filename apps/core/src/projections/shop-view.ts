import { type ChannelView, keys, type ShopView } from "@stoa/read-models";
import { inArray } from "drizzle-orm";
import type { Database } from "../platform/db/index.ts";
import { type Channel, channelsSetting, shopSetting } from "../platform/settings/index.ts";
import { setting } from "../platform/tables.ts";
import { storefrontSetting } from "../services/catalog/index.ts";
import { builtPrices } from "./search-prices.ts";
import type { ReadModelStore } from "./store.ts";

/** The shop's settings as the read models need them. */
export interface Shop {
  readonly view: ShopView;
}

/** Reads the settings in force with their version; 0 while nobody has changed them. */
export async function readShop(db: Database): Promise<Shop> {
  const rows = await db
    .select({ name: setting.name, value: setting.value, version: setting.version })
    .from(setting)
    .where(inArray(setting.name, [shopSetting.name, storefrontSetting.name, channelsSetting.name]));
  const stored = (name: string) => rows.find((row) => row.name === name)?.value;
  const shop = shopSetting.schema.parse(stored(shopSetting.name) ?? shopSetting.fallback);
  const storefront = storefrontSetting.schema.parse(stored(storefrontSetting.name) ?? storefrontSetting.fallback);
  const { channels } = channelsSetting.schema.parse(stored(channelsSetting.name) ?? channelsSetting.fallback);
  const { name, defaultCurrency, currencies, lowStockThreshold, locale } = shop;
  // Each grows with its own changes, so their sum grows with every one.
  const version = rows.reduce((sum, row) => sum + row.version, 0);
  const view = { name, defaultCurrency, currencies, lowStockThreshold, locale, ...storefront, version };
  return { view: { ...view, channels: channels.map((channel) => channelView(channel, view)) } };
}

/** What the shop has given up since, the channel has no more either; one that is left without a currency is closed. */
function channelView(
  { languages, ...channel }: Channel,
  shop: Pick<ShopView, "currencies" | "defaultCurrency" | "locale" | "locales">,
): ChannelView {
  const currencies = channel.currencies.filter((currency) => shop.currencies.includes(currency));
  const [first = shop.defaultCurrency] = currencies;
  const spoken = [{ code: shop.locale, fallbacks: [] }, ...shop.locales];
  const chosen = languages.flatMap((code) => spoken.find((one) => one.code === code) ?? []);
  const [own = spoken[0], ...further] = chosen.length > 0 ? chosen : spoken;
  return {
    ...channel,
    isActive: channel.isActive && currencies.length > 0,
    currencies: currencies.length > 0 ? currencies : [first],
    defaultCurrency: currencies.includes(channel.defaultCurrency) ? channel.defaultCurrency : first,
    locale: own?.code ?? shop.locale,
    locales: further,
    indexedCurrencies: [],
  };
}

/** Writes what edge needs to know of the shop; nothing when it stands there already. Answers whether it wrote. */
export async function projectShop(store: ReadModelStore, { view }: Shop): Promise<boolean> {
  const built = await builtPrices(store.redis);
  const channels = view.channels.map((channel) => ({
    ...channel,
    indexedCurrencies: [...(built[channel.code] ?? [])],
  }));
  const body = JSON.stringify({ ...view, channels });
  const entry = { key: keys.shop(), version: { major: view.version, minor: 0 }, body };
  const [written] = await store.repair([entry]);
  if (written) await store.invalidate([entry.key]);
  return written ?? false;
}

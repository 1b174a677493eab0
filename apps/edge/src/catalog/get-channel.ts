import { endpointById } from "@stoa/contract";
import { keys } from "@stoa/read-models";
import { etagOf } from "../http/etag.ts";
import { publicRoute } from "../http/public-read.ts";
import { channelOf } from "./channel.ts";
import { catalogPolicy } from "./freshness.ts";
import { readShop } from "./shop.ts";

export const getChannel = publicRoute(endpointById("channel.get"), catalogPolicy, async (deps, call) => {
  const { code, name, currencies, defaultCurrency, pricesIncludeTax, locale, locales } = channelOf(
    await readShop(deps),
    call.channel,
  );
  const languages = [locale, ...locales.map((one) => one.code)];
  const body = JSON.stringify({ code, name, currencies, defaultCurrency, languages, pricesIncludeTax });
  return { body, etag: etagOf(body), madeOf: [keys.shop()], writtenAt: null };
});

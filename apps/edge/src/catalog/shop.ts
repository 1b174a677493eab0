import { type Currency, problem } from "@stoa/kernel";
import { keys, type ShopView, shopViewSchema } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import { readModel } from "./read-model.ts";

/** What was parsed last, with the text it was parsed from: the settings change about once a year. */
let last: { readonly body: string; readonly shop: ShopView } | null = null;

/** The shop's settings. @throws problem `service_unavailable` while the read models are not there. */
export async function readShop(deps: Pick<EdgeDeps, "store">): Promise<ShopView> {
  const model = await readModel(deps.store, keys.shop());
  if (!model) throw problem("service_unavailable", { detail: "The catalog is being made ready." });
  if (last?.body !== model.body) last = { body: model.body, shop: shopViewSchema.parse(JSON.parse(model.body)) };
  return last.shop;
}

/** The currency to answer in: the one asked for, or the shop's own. @throws problem `currency_mismatch`. */
export async function currencyOf(deps: Pick<EdgeDeps, "store">, asked: Currency | undefined): Promise<Currency> {
  const shop = await readShop(deps);
  const currency = asked ?? shop.defaultCurrency;
  if (shop.currencies.includes(currency)) return currency;
  throw problem("currency_mismatch", { detail: `The shop does not sell in ${currency}.` });
}

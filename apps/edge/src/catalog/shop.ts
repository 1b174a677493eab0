import { type Currency, problem } from "@stoa/kernel";
import { keys, type ShopView, shopViewSchema } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import type { Store } from "../redis/store.ts";
import { readModel } from "./read-model.ts";

/** What was parsed last by each store, with the text it was parsed from: the settings change about once a year. */
const known = new WeakMap<Store, { readonly body: string; readonly shop: ShopView }>();

/** The shop's settings. @throws problem `service_unavailable` while the read models are not there. */
export async function readShop({ store }: Pick<EdgeDeps, "store">): Promise<ShopView> {
  const model = await readModel(store, keys.shop());
  if (!model) throw problem("service_unavailable", { detail: "The catalog is being made ready." });
  const last = known.get(store);
  if (last?.body === model.body) return last.shop;
  const shop = shopViewSchema.parse(JSON.parse(model.body));
  known.set(store, { body: model.body, shop });
  return shop;
}

/** The settings as they were read last, without asking; null when they have not been read yet. */
export function knownShop({ store }: Pick<EdgeDeps, "store">): ShopView | null {
  return known.get(store)?.shop ?? null;
}

/** The currency to answer in: the one asked for, or the shop's own. @throws problem `currency_mismatch`. */
export async function currencyOf(deps: Pick<EdgeDeps, "store">, asked: Currency | undefined): Promise<Currency> {
  const shop = await readShop(deps);
  const currency = asked ?? shop.defaultCurrency;
  if (shop.currencies.includes(currency)) return currency;
  throw problem("currency_mismatch", { detail: `The shop does not sell in ${currency}.` });
}

import { problem } from "@stoa/kernel";
import { channels, keys, type ShopView, shopViewSchema } from "@stoa/read-models";
import type { EdgeDeps } from "../deps.ts";
import type { Store } from "../redis/store.ts";
import type { Subscriptions } from "../redis/subscriptions.ts";
import { readModel } from "./read-model.ts";

/** A change is heard of at once; this long where the message was lost. */
const FRESH_MS = 5_000;

interface Known {
  readonly body: string;
  readonly shop: ShopView;
  /** By the process' own clock; -Infinity once a change has been heard of. */
  readonly readAt: number;
}

/** What was read last by each store, with the text it was parsed from: the settings change about once a year. */
const known = new WeakMap<Store, Known>();

/** The shop's settings. @throws problem `service_unavailable` while the read models are not there. */
export async function readShop({ store }: Pick<EdgeDeps, "store">): Promise<ShopView> {
  const model = await readModel(store, keys.shop());
  if (!model) throw problem("service_unavailable", { detail: "The catalog is being made ready." });
  const { body } = model;
  const last = known.get(store);
  const shop = last?.body === body ? last.shop : shopViewSchema.parse(JSON.parse(body));
  known.set(store, { body, shop, readAt: performance.now() });
  return shop;
}

/** The settings as they were read last, without asking; null when they have not been read yet. */
export function knownShop({ store }: Pick<EdgeDeps, "store">): ShopView | null {
  return known.get(store)?.shop ?? null;
}

/** The same, but null as well when they may have changed since. */
export function freshShop({ store }: Pick<EdgeDeps, "store">): ShopView | null {
  const last = known.get(store);
  return last && performance.now() - last.readAt < FRESH_MS ? last.shop : null;
}

/** A channel that is closed is so at once where the message is heard, else within seconds. */
export function followShopChanges(store: Store, subscriptions: Subscriptions): void {
  subscriptions.listen(channels.invalidate, (message) => {
    const last = known.get(store);
    if (last && message.split("\n").includes(keys.shop())) known.set(store, { ...last, readAt: -Infinity });
  });
}

import { keys, type ShopView } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import type { Database } from "../platform/db/index.ts";
import { shopSetting } from "../platform/settings/index.ts";
import { setting } from "../platform/tables.ts";
import type { ReadModelStore } from "./store.ts";

/** The shop's settings as the read models need them. */
export interface Shop {
  readonly view: ShopView;
  readonly locale: string;
}

/** Reads the settings in force with their version; 0 while nobody has changed them. */
export async function readShop(db: Database): Promise<Shop> {
  const [row] = await db
    .select({ value: setting.value, version: setting.version })
    .from(setting)
    .where(eq(setting.name, shopSetting.name));
  const value = row ? shopSetting.schema.parse(row.value) : shopSetting.fallback;
  const { name, defaultCurrency, currencies, lowStockThreshold, locale } = value;
  return { view: { name, defaultCurrency, currencies, lowStockThreshold, locale, version: row?.version ?? 0 }, locale };
}

/** Writes what edge needs to know of the shop; nothing when it stands there already. */
export async function projectShop(store: ReadModelStore, { view }: Shop): Promise<void> {
  const entry = { key: keys.shop(), version: { major: view.version, minor: 0 }, body: JSON.stringify(view) };
  const [written] = await store.repair([entry]);
  if (written) await store.invalidate([entry.key]);
}

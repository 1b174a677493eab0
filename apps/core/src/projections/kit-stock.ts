import type { Instant } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { ownKeys } from "./own-keys.ts";
import type { ProductBase } from "./product-base.ts";
import type { StoredBase } from "./product-keys.ts";
import { stateOf, unitsOf } from "./render.ts";
import { type KnownStock, stockEntry } from "./stock-entry.ts";
import type { Entry, ReadModelStore } from "./store.ts";

/** The variants that are sold from the stock of their parts. */
export function kitsIn({ variants }: ProductBase) {
  return variants.filter((variant) => variant.kit !== undefined);
}

/** A kit's stock is worked out from the product, and goes with it. */
export function kitStockKeys(base: ProductBase): string[] {
  return kitsIn(base).map(({ sku }) => keys.stock(sku));
}

/** By part, so that its stock finds the kits that it decides about. What a kit is no longer made of only costs a look. */
export async function noteParts(store: ReadModelStore, live: readonly { readonly base: ProductBase }[]): Promise<void> {
  const parts = live.flatMap(({ base }) =>
    kitsIn(base).flatMap(({ kit = [] }) => kit.map((part) => ({ sku: part.sku, id: base.id }))),
  );
  await Promise.all(parts.map(({ sku, id }) => store.redis.sadd(ownKeys.kitsWith(sku), id)));
}

/** The stock of kits as `GET /v1/stock` shows it: as new as the product and, within it, as the stock of all parts together. */
export function kitEntries(
  bases: readonly StoredBase[],
  {
    stock,
    ...context
  }: { readonly stock: ReadonlyMap<string, KnownStock>; readonly lowStockThreshold: number; readonly now: Instant },
): Entry[] {
  const units = unitsOf(stock);
  return bases.flatMap(({ base, major }) =>
    (base ? kitsIn(base) : []).map((variant) => {
      const { sku, kit = [] } = variant;
      const { available, inStock } = stateOf(variant, units);
      const known = stock.get(sku);
      const tracked = kit.some((part) => part.trackInventory);
      const fact = {
        sku,
        available,
        version: known?.version ?? 0,
        tracked,
        allowBackorder: inStock && available === 0,
      };
      const entry = stockEntry(fact, { owner: undefined, known, ...context });
      const minor = kit.reduce((sum, part) => sum + (stock.get(part.sku)?.version ?? 0), 0);
      return { ...entry, version: { major, minor } };
    }),
  );
}

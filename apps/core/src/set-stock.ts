import { systemClock } from "@stoa/kernel";
import type { Composition } from "./compose.ts";
import { transact } from "./platform/db/index.ts";
import { kitsAmong } from "./services/catalog/index.ts";
import {
  ensureDefaultLocation,
  type StockLevelLine,
  type StockLevelRefusal,
  setStockLevels,
} from "./services/inventory/index.ts";

/** Why a count was not taken, for people. */
export const stockRefusals: Readonly<Record<StockLevelRefusal["reason"], string>> = {
  location_unknown: "there is no such location",
  below_promised: "fewer units than are promised to buyers",
  is_a_kit: "is a kit: its stock is that of its parts",
  not_a_count: "not a count",
};

/** Sets what was counted of SKUs, at the shop's default location where they have no other; kits have nothing to count. */
export async function setStock(
  { db, catalog }: Pick<Composition, "db" | "catalog">,
  lines: readonly StockLevelLine[],
  reason: string,
) {
  const now = systemClock.now();
  const skus = lines.map((line) => line.sku);
  const kits = await kitsAmong(catalog, skus);
  return transact(db, async (tx) => {
    await ensureDefaultLocation({ tx, now });
    return setStockLevels({ tx, now }, { lines, reason, kits });
  });
}

/** The same for an import. Answers what was not taken. */
export async function setImportedStock(
  composition: Pick<Composition, "db" | "catalog">,
  lines: readonly StockLevelLine[],
) {
  const { refused } = await setStock(composition, lines, "import");
  return refused.map(({ sku, reason }) => ({ sku, message: stockRefusals[reason] }));
}

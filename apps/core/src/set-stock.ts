import { systemClock } from "@stoa/kernel";
import type { Composition } from "./compose.ts";
import { transact } from "./platform/db/index.ts";
import { kitsAmong } from "./services/catalog/index.ts";
import { ensureDefaultLocation, type StockLevelLine, setStockLevels } from "./services/inventory/index.ts";

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

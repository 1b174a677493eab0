import { systemClock } from "@stoa/kernel";
import type { Composition } from "./compose.ts";
import { transact } from "./platform/db/index.ts";
import { ensureDefaultLocation, type StockLevelLine, setStockLevels } from "./services/inventory/index.ts";

/** Sets what was counted of SKUs, at the shop's default location where they have no other. */
export function setStock({ db }: Pick<Composition, "db">, lines: readonly StockLevelLine[], reason: string) {
  const now = systemClock.now();
  return transact(db, async (tx) => {
    await ensureDefaultLocation({ tx, now });
    return setStockLevels({ tx, now }, { lines, reason });
  });
}

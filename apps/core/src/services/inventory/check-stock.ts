import type { Clock } from "@stoa/kernel";
import { recordAudit } from "../../platform/audit/index.ts";
import { type Database, transact } from "../../platform/db/index.ts";
import { readSetting } from "../../platform/settings/index.ts";
import { stockSystem } from "./post-movements.ts";
import { inventorySetting } from "./settings.ts";
import { type PromiseMismatch, repairStock, type StockMismatch, verifyPromises, verifyStock } from "./verify-stock.ts";

export interface StockCheck {
  /** Levels that were not the sums of their movements. */
  readonly mismatches: readonly StockMismatch[];
  /** Of them, how many were set right. */
  readonly repaired: number;
  /** Counters that do not agree with the reservations and allocations behind them; people have to look. */
  readonly promises: readonly PromiseMismatch[];
}

/** The regular check: compares every counter with the rows behind it and, unless the shop wants otherwise, repairs levels. */
export async function checkStock({ db, clock }: { readonly db: Database; readonly clock: Clock }): Promise<StockCheck> {
  const { repairLevels } = await readSetting(db, inventorySetting);
  const mismatches = await verifyStock({ db });
  const skus = [...new Set(mismatches.map(({ sku }) => sku))];
  const repaired = repairLevels && skus.length > 0 ? await repair({ db, clock }, skus, mismatches) : 0;
  return { mismatches, repaired, promises: await verifyPromises({ db }) };
}

function repair(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  skus: readonly string[],
  mismatches: readonly StockMismatch[],
): Promise<number> {
  const now = clock.now();
  return transact(db, async (tx) => {
    const { repaired } = await repairStock({ tx, now }, { skus });
    await recordAudit(tx, {
      at: now,
      actor: stockSystem,
      action: "stock.repaired",
      entity: "stock",
      entityId: skus.slice(0, 10).join(","),
      before: mismatches,
      after: { repaired },
    });
    return repaired;
  });
}

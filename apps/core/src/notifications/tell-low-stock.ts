import type { Clock } from "@stoa/kernel";
import { type Database, transact } from "../platform/db/index.ts";
import { readSetting } from "../platform/settings/index.ts";
import { type MailNudge, queueMail } from "./queue-mail.ts";
import { mailSetting } from "./settings.ts";

export interface LowStock {
  readonly sku: string;
  readonly available: number;
  readonly threshold: number;
  /** Milliseconds since 1970; with the SKU it names the alert. */
  readonly openedAt: number;
}

/** Alerts older than that are no news: whoever names an address later is not told of all that is low already. */
const NEWS_MS = 60 * 60 * 1_000;

/** Owes staff a mail for each fresh alert, once for each however often it is told, and none while the shop has named nobody. */
export async function tellLowStock(
  { db, clock, nudge }: { readonly db: Database; readonly clock: Clock; readonly nudge: MailNudge },
  alerts: readonly LowStock[],
): Promise<void> {
  const now = clock.now();
  const fresh = alerts.filter(({ openedAt }) => now - openedAt < NEWS_MS);
  if (fresh.length === 0) return;
  if ((await readSetting(db, mailSetting)).stockAlertsTo === null) return;
  await transact(db, async (tx) => {
    for (const { sku, available, threshold, openedAt } of fresh) {
      const data = { sku, available, threshold };
      await queueMail({ db: tx, now, nudge }, { kind: "low_stock", cause: `${sku}:${openedAt}`, data });
    }
  });
}

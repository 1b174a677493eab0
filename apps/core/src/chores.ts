import type { Clock } from "@stoa/kernel";
import type { Logger } from "@stoa/runtime";
import type { Composition } from "./compose.ts";
import { moneyChores } from "./money-chores.ts";
import { purgeMails, readMailHealth } from "./notifications/index.ts";
import { purgePlatform, readOutboxHealth } from "./platform/outbox/index.ts";
import { countStuckSagas, sweepSagas } from "./platform/saga/index.ts";
import { expireCarts } from "./services/carts/index.ts";
import { sweepMedia } from "./services/catalog/index.ts";
import { checkStock, expireReservations, listStockAlerts, sweepStockAlerts } from "./services/inventory/index.ts";
import { expireChanges } from "./services/orders/index.ts";
import {
  applyProviderEvents,
  checkCredits,
  expireGiftCards,
  expirePaymentRequests,
  expirePayments,
  sweepSavedMethods,
} from "./services/payments/index.ts";
import { noteKeyUses } from "./services/users/index.ts";
import { type Chore, told } from "./workers.ts";

export interface ChoresDeps {
  readonly composition: Composition;
  readonly clock: Clock;
  readonly logger: Logger;
}

const ALERTS_TOLD_MAX = 100;

/** Every sweep of core, with its beat in milliseconds. Any number of processes may run them side by side. */
export function choresOf({ composition, clock, logger }: ChoresDeps): Chore[] {
  const { db, catalog, files, redis, relay, engine, notifications, payments, projections, observers } = composition;
  const chore = (name: string, everyMs: number, run: Chore["run"]): Chore => ({ name, everyMs, run });
  // Work that says nothing about what is left is not repeated at once.
  const nothingMore = async (work: Promise<unknown>) => {
    await work;
    return 0;
  };
  return [
    chore("outbox", 1_000, () => relay.sweep()),
    chore("sagas", 1_000, async (stopping) => {
      const results = await sweepSagas(engine, { stopping });
      for (const [sagaId, result] of results) {
        if (result instanceof Error) logger.error("a saga could not be run", { sagaId, error: result });
      }
      // A saga that cannot be run is found again at once; trying it on the next beat is soon enough.
      return [...results.values()].filter((result) => !(result instanceof Error) && result !== "busy").length;
    }),
    chore("provider events", 2_000, () => applyProviderEvents(payments)),
    chore("payments", 15_000, async () => {
      const { done, failed } = await expirePayments(payments);
      return told(done, failed, (one) => logger.warn("a payment could not be closed", one));
    }),
    chore("saved payment methods", 15_000, async () => {
      const { done, failed } = await sweepSavedMethods(payments);
      return told(done, failed, (one) => logger.warn("a saved card could not be let go of", one));
    }),
    chore("gift cards", 60_000, async () => {
      const { expired, failed } = await expireGiftCards({ db, clock });
      return told(expired, failed, (one) => logger.error("a gift card could not be written off", one));
    }),
    chore("order edits", 30_000, async () => {
      const { expired, failed } = await expireChanges({ db, now: clock.now() });
      return told(expired, failed, (one) => logger.error("an edit of an order could not be ended", one));
    }),
    chore("gift card check", 600_000, async () => {
      observers.credits.checked(await checkCredits(db));
      return 0;
    }),
    ...moneyChores({ composition, logger }),
    chore("payment requests", 30_000, () => expirePaymentRequests({ db }, clock.now())),
    chore("reservations", 5_000, async () => {
      const { expired, failed } = await expireReservations({ db, now: clock.now() });
      return told(expired, failed, (one) => logger.error("a reservation could not be ended", one));
    }),
    chore("stock alerts", 30_000, async () => {
      const { opened, open } = await sweepStockAlerts({ db, now: clock.now() });
      observers.stock.alerts(opened, open);
      // Told from what is open, not from what was opened just now: a crash in between loses no mail.
      if (open > 0)
        await notifications.tellLowStock((await listStockAlerts(db, { limit: ALERTS_TOLD_MAX, isOpen: true })).items);
      return 0;
    }),
    chore("stock check", 6 * 3_600_000, async () => {
      observers.stock.checked(await checkStock({ db, clock }));
      return 0;
    }),
    chore("carts", 60_000, () => expireCarts({ db, now: clock.now() })),
    chore("media", 600_000, () => sweepMedia({ catalog, files, now: clock.now() })),
    chore("read models", 500, () => nothingMore(projections.sweep())),
    chore("api keys", 10_000, async () => {
      await projections.projectKeyRing();
      await noteKeyUses({ db, redis });
      return 0;
    }),
    chore("recommendations", 30_000, () => nothingMore(projections.refreshRecommendations())),
    chore("sitemap", 5_000, () => nothingMore(projections.refreshSitemap())),
    chore("mails", 1_000, () => notifications.sweep()),
    chore("mail purge", 3_600_000, () => purgeMails(db, clock.now())),
    chore("purge", 60_000, () => purgePlatform(db, clock.now())),
    chore("gauges", 5_000, async () => {
      observers.outbox(await readOutboxHealth(db, clock.now()));
      observers.saga.stuck(await countStuckSagas(db));
      observers.searchBacklog(await projections.searchBacklog());
      observers.mail.health(await readMailHealth(db, clock.now()));
      return 0;
    }),
  ];
}

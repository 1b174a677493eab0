import type { Logger } from "@stoa/runtime";
import type { Composition } from "./compose.ts";
import { fatesOfOrders } from "./services/orders/index.ts";
import { reconcileNightly, sweepCaptures, sweepRefunds, sweepStranded, tendHolds } from "./services/payments/index.ts";
import { type Chore, told } from "./workers.ts";

export interface MoneyChoresDeps {
  readonly composition: Pick<Composition, "db" | "payments" | "observers">;
  readonly logger: Logger;
}

/** The sweeps that see to it that no money is lost, kept from its owner, or other than the books say. */
export function moneyChores({ composition: { db, payments, observers }, logger }: MoneyChoresDeps): Chore[] {
  const chore = (name: string, everyMs: number, run: () => Promise<number>): Chore => ({ name, everyMs, run });
  return [
    chore("stranded money", 30_000, () => sweepStranded(payments, (ids) => fatesOfOrders(db, ids))),
    chore("holds", 60_000, async () => {
      const { ending, failed } = await tendHolds(payments);
      for (const hold of ending) logger.warn("a hold ends within a day and has not been captured", hold);
      observers.holdsEnding(ending.length);
      for (const { orderId, error } of failed) logger.error("a hold could not be tended", { orderId, error });
      return 0;
    }),
    chore("captures", 60_000, async () => {
      const { done, failed } = await sweepCaptures(payments);
      return told(done, failed, (one) => logger.warn("a capture could not be taken up", one));
    }),
    chore("refunds", 60_000, async () => {
      const { done, failed } = await sweepRefunds(payments);
      return told(done, failed, (one) => logger.warn("a refund could not be taken up", one));
    }),
    chore("reconciliation", 600_000, async () => {
      const { done, failed } = await reconcileNightly(payments);
      for (const { items: _, ...run } of done) {
        const log = run.found > run.repaired ? logger.error : logger.info;
        log.call(logger, "books were compared with a provider's", { ...run });
        observers.reconciled({ ...run, endedAt: payments.clock.now() });
      }
      return told(done.length, failed, (one) => logger.warn("a comparison of books will be tried again", one));
    }),
  ];
}

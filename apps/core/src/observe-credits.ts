import type { Logger, Metrics } from "@stoa/runtime";
import type { CreditCheck } from "./services/payments/index.ts";

/** What an operator watches of gift cards and store credit. */
export interface CreditObserver {
  checked(check: CreditCheck): void;
}

export function creditObserver(logger: Logger, metrics: Metrics): CreditObserver {
  const owed = metrics.gauge({
    name: "gift_cards_owed_minor_units",
    help: "What gift cards and store credit hold, by currency, in minor units",
    labels: ["currency"],
  });
  const held = metrics.gauge({
    name: "gift_cards_held_minor_units",
    help: "The part of it that pending orders have set aside",
    labels: ["currency"],
  });
  const wrong = metrics.gauge({
    name: "gift_card_balances_wrong",
    help: "Balances, holds and tenders that are not what their entries or the ledger say",
    labels: [],
  });
  return {
    checked({ sums, mismatches }) {
      for (const { currency, balance, held: aside } of sums) {
        owed({ currency }, balance);
        held({ currency }, aside);
      }
      wrong({}, mismatches.length);
      for (const mismatch of mismatches) logger.error("a gift card is not what its entries say", { ...mismatch });
    },
  };
}

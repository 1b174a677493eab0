import type { Invariant } from "../invariant.ts";
import { oneOrderPerCart } from "./01-one-order-per-cart.ts";
import { totalsAddUp } from "./02-totals-add-up.ts";
import { confirmedOnce } from "./03-confirmed-once.ts";
import { noOverdueOrder } from "./04-no-overdue-order.ts";
import { timelineLegal } from "./05-timeline-legal.ts";
import { endedOrdersHoldNothing } from "./06-ended-orders-hold-nothing.ts";
import { ledgerBalances } from "./07-ledger-balances.ts";
import { refundedCapturedAuthorised } from "./08-refunded-captured-authorised.ts";
import { capturedHasAnOrder } from "./09-captured-has-an-order.ts";
import { providerAgrees } from "./10-provider-agrees.ts";
import { oneChargePerStep } from "./11-one-charge-per-step.ts";
import { factsInAnyOrder } from "./12-facts-in-any-order.ts";
import { nothingOversold } from "./13-nothing-oversold.ts";
import { levelsAreMovements } from "./14-levels-are-movements.ts";
import { unitsConserved } from "./15-units-conserved.ts";
import { noStaleHold } from "./16-no-stale-hold.ts";
import { redisShowsTheStock } from "./17-redis-shows-the-stock.ts";
import { messagesArrive } from "./18-messages-arrive.ts";
import { countedOnce } from "./19-counted-once.ts";
import { sagasWakeUp } from "./20-sagas-wake-up.ts";
import { auditIsWhole } from "./21-audit-is-whole.ts";
import { rebuildChangesNothing } from "./22-rebuild-changes-nothing.ts";
import { nothingUnpublished } from "./23-nothing-unpublished.ts";
import { erasedAreForgotten } from "./24-erased-are-forgotten.ts";

/** All that must hold, in the order in which the documentation counts them. */
export const invariants: readonly Invariant[] = [
  oneOrderPerCart,
  totalsAddUp,
  confirmedOnce,
  noOverdueOrder,
  timelineLegal,
  endedOrdersHoldNothing,
  ledgerBalances,
  refundedCapturedAuthorised,
  capturedHasAnOrder,
  providerAgrees,
  oneChargePerStep,
  factsInAnyOrder,
  nothingOversold,
  levelsAreMovements,
  unitsConserved,
  noStaleHold,
  redisShowsTheStock,
  messagesArrive,
  countedOnce,
  sagasWakeUp,
  auditIsWhole,
  rebuildChangesNothing,
  nothingUnpublished,
  erasedAreForgotten,
];

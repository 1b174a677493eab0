import type { Clock, Currency, Instant } from "@stoa/kernel";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import type { Offer } from "../catalog/index.ts";

/** What the catalog answers: offers by SKU; what is unknown or not for sale is absent. */
export type FindOffers = (question: {
  readonly skus: readonly string[];
  readonly currency: Currency;
  readonly now: Instant;
}) => Promise<ReadonlyMap<string, Offer>>;

/** What the carts service works with. */
export interface CartsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly findOffers: FindOffers;
}

/** A change of a cart on behalf of somebody. */
export interface CartContext {
  readonly tx: Transaction;
  readonly now: Instant;
  readonly actor: Actor;
}

/** A look at a cart on behalf of somebody. */
export interface CartReading {
  readonly db: Database | Transaction;
  readonly now: Instant;
  readonly actor: Actor;
}

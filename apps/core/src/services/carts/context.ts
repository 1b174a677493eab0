import type { Clock, Currency, CustomerId, Instant } from "@stoa/kernel";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import type { Offer } from "../catalog/index.ts";
import type { CreditSource } from "./cart-credits.ts";
import type { ShopperName } from "./customer-keys.ts";
import type { RateQuotes } from "./quotes/shipping-rates.ts";
import type { TaxQuotes } from "./quotes/tax-quotes.ts";

/** What the catalog answers: offers by SKU; what is unknown or not for sale is absent. */
export type FindOffers = (question: {
  readonly skus: readonly string[];
  readonly currency: Currency;
  readonly now: Instant;
  /** Code of the sales channel. */
  readonly channel: string;
}) => Promise<ReadonlyMap<string, Offer>>;

/** What pricing asks about a buyer. Answered by services that carts do not know; nothing of it comes from outside. */
export interface ShopperFacts {
  /** Codes of the groups a customer belongs to. */
  groupsOf(db: Database | Transaction, customerId: CustomerId): Promise<readonly string[]>;
  /** Whether an order stands that was neither refused nor cancelled, by account or by e-mail address. */
  hasOrdered(db: Database | Transaction, shopper: ShopperName): Promise<boolean>;
}

/** What the carts service works with. */
export interface CartsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly findOffers: FindOffers;
  readonly shoppers: ShopperFacts;
  /** Absent in a shop that has no rate provider: options that would ask it cost their fallback. */
  readonly shippingRates?: RateQuotes;
  /** Absent in a shop that has no tax provider, which goes by its own rates. */
  readonly taxQuotes?: TaxQuotes;
  readonly credits: CreditSource;
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

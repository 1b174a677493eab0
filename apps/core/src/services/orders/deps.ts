import type { Clock, Instant } from "@stoa/kernel";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import type { SagaCarrier } from "../../platform/saga/index.ts";
import type { CartsDeps } from "../carts/index.ts";
import type { PaymentsDeps } from "../payments/index.ts";

/** What the verbs of this service work with. */
export interface OrdersDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly carts: CartsDeps;
  readonly payments: PaymentsDeps;
  /** Signs what guests show to see their order. */
  readonly orderTokenSecret: string;
  /** Carries the saga of a new order on in this process; without it the queue does. */
  readonly carrier?: SagaCarrier | undefined;
}

/** Somebody does something to an order: in whose transaction, when, and who. */
export interface ActContext {
  readonly tx: Transaction;
  readonly now: Instant;
  readonly actor: Actor;
}

import type { Database } from "bun:sqlite";
import { booked, recordsOf } from "../stand-in/record-store.ts";
import type { Courier } from "../stand-in/webhook-courier.ts";
import { eventMatches } from "./event-pattern.ts";
import type {
  BalanceTransaction,
  Charge,
  Customer,
  Dispute,
  PaymentIntent,
  PaymentMethod,
  Refund,
  StripeEvent,
} from "./objects.ts";
import type { Account, ChargeSecrets, IntentSecrets, MethodSecrets, RefundSecrets } from "./turn.ts";

/** @param webhookEvents types that the webhook endpoint is registered for; `charge.*` stands for all that begin with `charge.`. */
export function openAccount(database: Database, courier: Courier, webhookEvents: readonly string[] = ["*"]): Account {
  return {
    intents: recordsOf<PaymentIntent, IntentSecrets>(database, "payment_intent"),
    charges: recordsOf<Charge, ChargeSecrets>(database, "charge"),
    refunds: recordsOf<Refund, RefundSecrets>(database, "refund"),
    disputes: recordsOf<Dispute, null>(database, "dispute"),
    methods: recordsOf<PaymentMethod, MethodSecrets>(database, "payment_method"),
    customers: recordsOf<Customer, null>(database, "customer"),
    movements: recordsOf<BalanceTransaction, null>(database, "balance_transaction"),
    events: recordsOf<StripeEvent, null>(database, "event"),
    courier,
    isRegistered: (type) => webhookEvents.some((pattern) => eventMatches(pattern, type)),
  };
}

/** The account as a test checks it: what is held, charged and given back, newest first, amounts in minor units. */
export function booksOf(account: Account): unknown {
  return {
    paymentIntents: booked(account.intents).map(({ view }) => ({
      id: view.id,
      status: view.status,
      currency: view.currency,
      amount: view.amount,
      amountCapturable: view.amount_capturable,
      amountReceived: view.amount_received,
      metadata: view.metadata,
    })),
    charges: booked(account.charges).map(({ view, hidden }) => ({
      id: view.id,
      paymentIntent: view.payment_intent,
      status: view.status,
      currency: view.currency,
      amount: view.amount,
      captured: view.amount_captured,
      refunded: hidden.refunded,
      held: view.status === "succeeded" && !view.captured && !view.refunded ? view.amount - view.amount_captured : 0,
      disputed: view.disputed,
      metadata: view.metadata,
    })),
    refunds: booked(account.refunds).map(({ view }) => ({
      id: view.id,
      charge: view.charge,
      paymentIntent: view.payment_intent,
      status: view.status,
      currency: view.currency,
      amount: view.amount,
    })),
  };
}

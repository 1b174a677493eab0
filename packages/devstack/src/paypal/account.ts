import type { Database } from "bun:sqlite";
import { booked, recordsOf } from "../stand-in/record-store.ts";
import type { Courier } from "../stand-in/webhook-courier.ts";
import { minorUnits } from "./amounts.ts";
import type {
  Authorization,
  Capture,
  Dispute,
  Money,
  Order,
  PaymentToken,
  PaypalEvent,
  Refund,
  Reversal,
} from "./objects.ts";
import type {
  Account,
  AuthorizationSecrets,
  CaptureSecrets,
  OrderSecrets,
  RefundSecrets,
  ReversalSecrets,
  TokenSecrets,
  UsedInvoice,
} from "./turn.ts";

export function openAccount(database: Database, courier: Courier): Account {
  return {
    orders: recordsOf<Order, OrderSecrets>(database, "order"),
    authorizations: recordsOf<Authorization, AuthorizationSecrets>(database, "authorization"),
    captures: recordsOf<Capture, CaptureSecrets>(database, "capture"),
    refunds: recordsOf<Refund, RefundSecrets>(database, "refund"),
    tokens: recordsOf<PaymentToken, TokenSecrets>(database, "payment-token"),
    disputes: recordsOf<Dispute, null>(database, "dispute"),
    reversals: recordsOf<Reversal, ReversalSecrets>(database, "reversal"),
    events: recordsOf<PaypalEvent, null>(database, "event"),
    invoices: recordsOf<UsedInvoice, null>(database, "invoice"),
    courier,
  };
}

/** The account as a test checks it: what is held, captured and given back, newest first, amounts in minor units. */
export function booksOf(account: Account): unknown {
  const minor = (amount: Money) => minorUnits(amount, "/amount");
  return {
    orders: booked(account.orders).map(({ view }) => ({
      id: view.id,
      status: view.status,
      intent: view.intent,
      customId: view.purchase_units[0]?.custom_id ?? null,
      currency: view.purchase_units[0]?.amount.currency_code ?? null,
      amount: view.purchase_units.reduce((sum, unit) => sum + minor(unit.amount), 0),
    })),
    authorizations: booked(account.authorizations).map(({ view, hidden }) => ({
      id: view.id,
      order: view.supplementary_data.related_ids.order_id,
      status: view.status,
      currency: view.amount.currency_code,
      amount: minor(view.amount),
      captured: hidden.captured,
      held:
        view.status === "CREATED" || view.status === "PARTIALLY_CAPTURED"
          ? Math.max(0, minor(view.amount) - hidden.captured)
          : 0,
    })),
    captures: booked(account.captures).map(({ view, hidden }) => ({
      id: view.id,
      order: view.supplementary_data.related_ids.order_id,
      status: view.status,
      currency: view.amount.currency_code,
      amount: minor(view.amount),
      refunded: hidden.refunded,
    })),
    refunds: booked(account.refunds).map(({ view, hidden }) => ({
      id: view.id,
      capture: hidden.captureId,
      status: view.status,
      currency: view.amount.currency_code,
      amount: minor(view.amount),
    })),
  };
}

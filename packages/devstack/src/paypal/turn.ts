import { randomBytes } from "node:crypto";
import type { Faults } from "../faults.ts";
import type { Records, StoredRecord } from "../stand-in/record-store.ts";
import type { Courier } from "../stand-in/webhook-courier.ts";
import type {
  Authorization,
  Capture,
  Dispute,
  Link,
  Order,
  PaymentToken,
  PaypalEvent,
  Refund,
  Reversal,
} from "./objects.ts";

export interface OrderSecrets {
  returnUrl: string | null;
  cancelUrl: string | null;
  readonly merchant: string;
  /** True when the shopper chose to pay with a card that will be declined. */
  declines: boolean;
  /** The wallet is to be kept when the order is paid, for this customer or a new one; null when nobody asked. */
  readonly vault: { readonly customerId: string | null; readonly merchantCustomerId: string | null } | null;
}

export interface TokenSecrets {
  /** The order during which it was saved. */
  readonly orderId: string;
  /** False until it can be shown and used, and again once it was deleted. */
  isLive: boolean;
}

export interface AuthorizationSecrets {
  readonly unit: number;
  /** Minor units captured so far. */
  captured: number;
  captures: number;
  readonly reauthorized: boolean;
  expired: boolean;
}

export interface CaptureSecrets {
  readonly unit: number;
  /** Minor units given back by refunds that have not failed. */
  refunded: number;
  /** How a pending capture will end. */
  readonly ends: "COMPLETED" | "DECLINED" | null;
}

export interface RefundSecrets {
  readonly captureId: string;
  readonly ends: "COMPLETED" | "FAILED" | null;
}

export interface ReversalSecrets {
  readonly captureId: string;
}

export type StoredOrder = StoredRecord<Order, OrderSecrets>;
export type StoredAuthorization = StoredRecord<Authorization, AuthorizationSecrets>;
export type StoredCapture = StoredRecord<Capture, CaptureSecrets>;
export type StoredRefund = StoredRecord<Refund, RefundSecrets>;
export type StoredToken = StoredRecord<PaymentToken, TokenSecrets>;
export type StoredDispute = StoredRecord<Dispute, null>;

/** An invoice number that has been captured, and the order that used it. */
export interface UsedInvoice {
  readonly id: string;
  readonly orderId: string;
}

/** The merchant's objects. Reads and writes happen inside one transaction a request. */
export interface Account {
  readonly orders: Records<Order, OrderSecrets>;
  readonly authorizations: Records<Authorization, AuthorizationSecrets>;
  readonly captures: Records<Capture, CaptureSecrets>;
  readonly refunds: Records<Refund, RefundSecrets>;
  readonly tokens: Records<PaymentToken, TokenSecrets>;
  readonly disputes: Records<Dispute, null>;
  readonly reversals: Records<Reversal, ReversalSecrets>;
  readonly events: Records<PaypalEvent, null>;
  readonly invoices: Records<UsedInvoice, null>;
  readonly courier: Courier;
}

/** One request, or one sweep of what has become due, at work on the account. */
export interface Turn extends Account {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly baseUrl: string;
  readonly faults: Faults | null;
}

/** PayPal gives times to the second. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** A fresh id in PayPal's form: 17 capital letters and digits. */
export function newId(): string {
  let id = "";
  for (const byte of randomBytes(17)) id += ALPHABET.charAt(byte % ALPHABET.length);
  return id;
}

export function link(turn: Turn, path: string, rel: string, method = "GET"): Link {
  return { href: turn.baseUrl + path, rel, method };
}

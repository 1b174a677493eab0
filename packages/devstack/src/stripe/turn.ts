import { randomBytes } from "node:crypto";
import type { Records, StoredRecord } from "../stand-in/record-store.ts";
import type { Courier } from "../stand-in/webhook-courier.ts";
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

export const API_VERSION = "2026-10-28.endive";

/** What only the stand-in knows of an intent. */
export interface IntentSecrets {
  returnUrl: string | null;
  /** True once the shopper has passed 3-D Secure for the payment method at hand. */
  authenticated: boolean;
}

export interface ChargeSecrets {
  readonly testCard: string;
  /** Sum of refunds that have not failed; `amount_refunded` also counts what a partial capture released. */
  refunded: number;
}

export interface MethodSecrets {
  readonly testCard: string;
}

export interface RefundSecrets {
  /** How a pending refund will end. */
  readonly ends: "failed" | "succeeded" | null;
}

export type StoredIntent = StoredRecord<PaymentIntent, IntentSecrets>;
export type StoredCharge = StoredRecord<Charge, ChargeSecrets>;

/** The account's objects. Reads and writes happen inside one transaction a request. */
export interface Account {
  readonly intents: Records<PaymentIntent, IntentSecrets>;
  readonly charges: Records<Charge, ChargeSecrets>;
  readonly refunds: Records<Refund, RefundSecrets>;
  readonly disputes: Records<Dispute, null>;
  readonly methods: Records<PaymentMethod, MethodSecrets>;
  readonly customers: Records<Customer, null>;
  /** The account's statement: what has moved money. */
  readonly movements: Records<BalanceTransaction, null>;
  readonly events: Records<StripeEvent, null>;
  readonly courier: Courier;
  /** Whether the webhook endpoint is registered for a type of event. */
  readonly isRegistered: (type: string) => boolean;
}

/** One request, or one sweep of what has become due, at work on the account. */
export interface Turn extends Account {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Where the approval page is reached. */
  readonly baseUrl: string;
  readonly request: { readonly id: string | null; readonly idempotencyKey: string | null };
}

/** Whole seconds since 1970, as the API gives times. */
export function seconds(turn: Turn): number {
  return Math.floor(turn.nowMs / 1000);
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A fresh id in Stripe's form: prefix, underscore, 24 letters and digits. */
export function newId(prefix: string): string {
  let id = `${prefix}_`;
  for (const byte of randomBytes(24)) id += ALPHABET.charAt(byte % ALPHABET.length);
  return id;
}

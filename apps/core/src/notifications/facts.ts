import type { Money, OrderId } from "@stoa/kernel";
import type { OrderView, StoredOrder } from "@stoa/read-models";

/** What a mail file holds. */
export interface MailFile {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

export interface PaymentRequestFacts {
  /** What the link ends in. */
  readonly token: string;
  readonly amount: Money;
  /** RFC 3339; null for a link that does not end. */
  readonly expiresAt: string | null;
  /** Who is asked, where there is no order yet. */
  readonly to?: { readonly name: string; readonly address: string } | undefined;
}

/** A request as a mail shows it. */
export interface LinkedRequest extends Pick<PaymentRequestFacts, "amount" | "expiresAt"> {
  readonly url: string;
}

export interface RefundFacts {
  readonly amount: Money;
  /** Whether the money goes back, or credit stands in its place. */
  readonly to: "original" | "store_credit" | "exchange";
}

/**
 * What mails are written from, asked for at the moment of sending. Notifications know no service: the composition gives these.
 * Each answers null for what is not there (any more).
 */
export interface MailSources {
  readonly readOrders: (ids: readonly OrderId[]) => Promise<ReadonlyMap<OrderId, { readonly stored: StoredOrder }>>;
  /** The token that lets whoever holds it see a guest's order. */
  readonly accessToken: (orderId: OrderId) => string;
  readonly findAccount: (userId: string) => Promise<{ readonly email: string; readonly name: string } | null>;
  readonly refund: (refundId: string) => Promise<RefundFacts | null>;
  readonly paymentRequest: (requestId: string) => Promise<PaymentRequestFacts | null>;
  /** Where payment links lead as long as the shop has named no page for them. */
  readonly paymentLinkUrl: string;
  readonly returnRejection: (returnId: string) => Promise<string | null>;
  readonly invoice: (orderId: OrderId) => Promise<MailFile | null>;
}

/** Everything one mail is written from. */
export type MailFacts =
  | {
      readonly about: "order";
      readonly order: OrderView;
      /** The storefront's page of the order; null when the shop has named none. */
      readonly orderUrl: string | null;
      readonly refund: RefundFacts | null;
      readonly request: LinkedRequest | null;
      readonly rejection: string | null;
    }
  /** Staff have put something together for somebody; it becomes an order when it is paid. */
  | { readonly about: "request"; readonly name: string; readonly request: LinkedRequest }
  | { readonly about: "account"; readonly name: string; readonly url: string }
  /** What was done to somebody's account. */
  | { readonly about: "notice"; readonly name: string }
  | { readonly about: "stock"; readonly sku: string; readonly available: number; readonly threshold: number };

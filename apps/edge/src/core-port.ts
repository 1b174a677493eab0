import type { Checkout, ReturnRequest, UpdateCart } from "@stoa/contract";
import type { Currency, CustomerId, Money, Page } from "@stoa/kernel";
import type { AddressView, CartView, PaymentLinkView, ShippingMethodView, StoredOrder } from "@stoa/read-models";

/** On whose behalf edge calls core. */
export type ShopActor =
  | { readonly kind: "guest" }
  | {
      readonly kind: "customer";
      readonly customerId: CustomerId;
      readonly userId: string;
      readonly email: string;
      readonly emailVerified: boolean;
    };

/** What goes with every call to core. */
export interface CoreCall {
  readonly actor: ShopActor;
  readonly clientAddress: string;
  readonly requestId: string;
  readonly traceparent: string;
  /** Made of the client's key and of whose it is, so that the keys of different people never meet in core either. */
  readonly idempotencyKey: string | null;
  /** Whether whoever called has gone, so that what has not been begun need not be. */
  readonly isGone?: () => boolean;
}

type Procedure<I, O> = (call: CoreCall, input: I) => Promise<O>;

interface CartInput {
  readonly cartId: string;
}

interface LineInput {
  readonly sku: string;
  readonly quantity: number;
  readonly customFields?: UpdateCart["customFields"];
}

export interface PlacedOrder {
  readonly orderId: string;
  /** What a guest shows to see the order again; null where core gives none. */
  readonly accessToken: string | null;
  /** What core knows of it already; null when only Redis will tell. */
  readonly order: StoredOrder | null;
  readonly replayed: boolean;
  /** For an edit of an order that stands: whether what it costs more is still to be paid. */
  readonly isDue?: boolean;
}

export interface FoundSession {
  readonly userId: string;
  readonly customerId: string;
  readonly email: string;
  readonly emailVerified: boolean;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

interface OwnOrder {
  readonly orderId: string;
  readonly accessToken?: string;
}

/** An invoice or a credit note in a list. */
export interface OrderDocument {
  readonly id: string;
  readonly kind: "invoice" | "credit_note";
}

/** A file, such as an invoice, as core sends it. */
export interface PaperFile {
  readonly filename: string;
  readonly contentType: string;
  readonly base64: string;
}

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Members that may be absent may also be there without a value. */
type AddressInput = Omit<AddressView, "line2" | "region" | "phone"> &
  Optional<Pick<AddressView, "line2" | "region" | "phone">>;

interface AddressDefaults {
  readonly isDefaultShipping?: boolean | undefined;
  readonly isDefaultBilling?: boolean | undefined;
}

type Profile = Optional<{ name: string; phone: string | null; company: string | null; acceptsMarketing: boolean }>;

/** A return as core tells it; shoppers see part of it. */
export interface StoredReturn {
  readonly id: string;
  readonly orderId: string;
  readonly state: string;
  readonly items: readonly {
    readonly sku: string;
    readonly title: string;
    readonly quantity: number;
    readonly reason: string;
    readonly restocked: number;
    readonly writtenOff: number;
  }[];
  readonly refund: { readonly amount: Money } | null;
  readonly rejection: string | null;
  readonly replacementId: string | null;
  readonly exchangeFor: readonly { readonly sku: string; readonly quantity: number }[] | null;
  /** Those that shoppers see. */
  readonly customFields: Readonly<Record<string, unknown>>;
  readonly requestedAt: string;
}

/**
 * What edge asks of core, a function for each procedure. Refusals come as problems; an answer that stays out as Unavailable.
 */
export interface CorePort {
  createCart: Procedure<
    Optional<{
      readonly currency: Currency;
      readonly items: LineInput[];
      /** Left out for the default one. */
      readonly channel: string;
    }>,
    CartView
  >;
  getCart: Procedure<CartInput & { readonly explain?: boolean }, CartView>;
  updateCart: Procedure<CartInput & { readonly patch: UpdateCart }, CartView>;
  addItem: Procedure<CartInput & LineInput, CartView>;
  /** 0 removes the line. */
  setQuantity: Procedure<CartInput & LineInput, CartView>;
  applyPromotion: Procedure<CartInput & { readonly code: string }, CartView>;
  removePromotion: Procedure<CartInput & { readonly code: string }, CartView>;
  applyGiftCard: Procedure<CartInput & { readonly code: string }, CartView>;
  removeGiftCard: Procedure<CartInput & { readonly id: string }, CartView>;
  useStoreCredit: Procedure<CartInput & { readonly amount?: Money | undefined }, CartView>;
  giftCardBalance: Procedure<{ readonly code: string }, unknown>;
  savedMethods: Procedure<undefined, unknown>;
  removeSavedMethod: Procedure<{ readonly id: string }, unknown>;
  storeCredit: Procedure<undefined, unknown>;
  shippingMethods: Procedure<CartInput, { readonly items: readonly ShippingMethodView[] }>;
  claimCart: Procedure<CartInput, CartView>;
  restoreCart: Procedure<CartInput, CartView>;
  /** Needs the call's idempotency key. */
  placeOrder: Procedure<
    CartInput & Pick<Checkout, "payment" | "expectedTotal" | "expectedAmountDue"> & { readonly patch: UpdateCart },
    PlacedOrder
  >;
  viewPaymentLink: Procedure<{ readonly token: string }, PaymentLinkView>;
  /** Needs the call's idempotency key. */
  payLink: Procedure<{ readonly token: string } & Pick<Checkout, "payment">, PlacedOrder>;
  viewOrder: Procedure<{ readonly orderId: string }, StoredOrder>;
  cancelOrder: Procedure<OwnOrder, StoredOrder>;
  getInvoice: Procedure<OwnOrder, PaperFile>;
  listDocuments: Procedure<OwnOrder, readonly OrderDocument[]>;
  getDocument: Procedure<OwnOrder & { readonly id: string }, PaperFile>;
  requestReturn: Procedure<OwnOrder & ReturnRequest, StoredReturn>;
  listReturns: Procedure<OwnOrder, { readonly items: readonly StoredReturn[] }>;
  getReturn: Procedure<OwnOrder & { readonly returnId: string }, StoredReturn>;
  cancelReturn: Procedure<OwnOrder & { readonly returnId: string }, StoredReturn>;
  lookUpOrder: Procedure<
    { readonly number: string; readonly email: string },
    { readonly order: StoredOrder; readonly accessToken: string }
  >;
  myOrders: Procedure<{ readonly limit: number; readonly cursor?: string }, Page<StoredOrder>>;
  findSession: Procedure<{ readonly token: string }, FoundSession | null>;
  me: Procedure<undefined, unknown>;
  updateMe: Procedure<Profile, unknown>;
  deleteMe: Procedure<undefined, unknown>;
  exportMe: Procedure<undefined, unknown>;
  listAddresses: Procedure<undefined, unknown>;
  createAddress: Procedure<AddressDefaults & { readonly address: AddressInput }, unknown>;
  updateAddress: Procedure<
    AddressDefaults & { readonly id: string; readonly address?: Optional<AddressView> },
    unknown
  >;
  deleteAddress: Procedure<{ readonly id: string }, unknown>;
}

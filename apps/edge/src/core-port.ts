import type { Checkout, UpdateCart } from "@stoa/contract";
import type { Currency, CustomerId, Page } from "@stoa/kernel";
import type { AddressView, CartView, ShippingMethodView, StoredOrder } from "@stoa/read-models";

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
  /** The client's own key, passed on. */
  readonly idempotencyKey: string | null;
}

type Procedure<I, O> = (call: CoreCall, input: I) => Promise<O>;

interface CartInput {
  readonly cartId: string;
}

export interface PlacedOrder {
  readonly orderId: string;
  readonly accessToken: string;
  /** What core knows of it already; null when only Redis will tell. */
  readonly order: StoredOrder | null;
  readonly replayed: boolean;
}

export interface FoundSession {
  readonly userId: string;
  readonly customerId: string;
  readonly email: string;
  readonly emailVerified: boolean;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

export interface AddressInput {
  readonly address: AddressView | Optional<AddressView>;
  readonly isDefaultShipping?: boolean | undefined;
  readonly isDefaultBilling?: boolean | undefined;
}

/**
 * What edge asks of core, a function for each procedure. Refusals come as problems; an answer that stays out as Unavailable.
 */
export interface CorePort {
  createCart: Procedure<
    Optional<{
      readonly currency: Currency;
      readonly items: readonly { readonly sku: string; readonly quantity: number }[];
    }>,
    CartView
  >;
  getCart: Procedure<CartInput, CartView>;
  updateCart: Procedure<CartInput & { readonly patch: UpdateCart }, CartView>;
  addItem: Procedure<CartInput & { readonly sku: string; readonly quantity: number }, CartView>;
  /** 0 removes the line. */
  setQuantity: Procedure<CartInput & { readonly sku: string; readonly quantity: number }, CartView>;
  applyPromotion: Procedure<CartInput & { readonly code: string }, CartView>;
  removePromotion: Procedure<CartInput & { readonly code: string }, CartView>;
  shippingMethods: Procedure<CartInput, { readonly items: readonly ShippingMethodView[] }>;
  claimCart: Procedure<CartInput, CartView>;
  /** Needs the call's idempotency key. */
  placeOrder: Procedure<
    CartInput & Pick<Checkout, "payment" | "expectedTotal"> & { readonly patch: UpdateCart },
    PlacedOrder
  >;
  viewOrder: Procedure<{ readonly orderId: string }, StoredOrder>;
  cancelOrder: Procedure<{ readonly orderId: string; readonly accessToken?: string }, StoredOrder>;
  myOrders: Procedure<{ readonly limit: number; readonly cursor?: string }, Page<StoredOrder>>;
  findSession: Procedure<{ readonly token: string }, FoundSession | null>;
  me: Procedure<undefined, unknown>;
  updateMe: Procedure<object, unknown>;
  deleteMe: Procedure<undefined, unknown>;
  exportMe: Procedure<undefined, unknown>;
  listAddresses: Procedure<undefined, unknown>;
  createAddress: Procedure<AddressInput, unknown>;
  updateAddress: Procedure<Partial<AddressInput> & { readonly id: string }, unknown>;
  deleteAddress: Procedure<{ readonly id: string }, unknown>;
}
